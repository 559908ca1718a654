"""Threads take short turns beside a graphics card, and for good."""

from __future__ import annotations

import sys

import pytest

from vidstyle.pipeline.turns import LONGEST_TURN, take_short_turns


@pytest.fixture(autouse=True)
def as_before():
    usual = sys.getswitchinterval()
    yield
    sys.setswitchinterval(usual)


def test_turns_become_short():
    sys.setswitchinterval(0.005)
    take_short_turns()
    assert sys.getswitchinterval() == pytest.approx(LONGEST_TURN, abs=2e-6)


def test_whoever_wants_them_shorter_still_has_them_so():
    sys.setswitchinterval(1e-4)
    take_short_turns()
    assert sys.getswitchinterval() == pytest.approx(1e-4, abs=2e-6)
