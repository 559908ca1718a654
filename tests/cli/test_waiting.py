"""Threads that wait for each other leave the cores to other work, unless the user wants it otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vidstyle.cli.waiting import BRIEFLY, wait_briefly

NAMES = (*BRIEFLY, "OMP_WAIT_POLICY")
COMMAND = """
import atexit, os, sys
from vidstyle.cli.main import main

atexit.register(lambda: print("torch" in sys.modules, os.environ["GOMP_SPINCOUNT"]))
sys.argv = ["vidstyle", "--version"]
main()
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, BRIEFLY),
        ({"GOMP_SPINCOUNT": "5000"}, {**BRIEFLY, "GOMP_SPINCOUNT": "5000"}),
        ({"OMP_WAIT_POLICY": "active"}, {"OMP_WAIT_POLICY": "active"}),
    ],
)
def test_what_the_user_set_stays(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: dict[str, str]
) -> None:
    others = {name: value for name, value in os.environ.items() if name not in NAMES}
    monkeypatch.setattr(os, "environ", {**others, **given})
    wait_briefly()
    assert {name: value for name, value in os.environ.items() if name in NAMES} == expected


def test_the_command_says_so_before_torch_is_there() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND], env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "False 300"
