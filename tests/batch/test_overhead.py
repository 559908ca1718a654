"""What a job costs beyond its frames, and that memory does not grow with the number of jobs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from batch_overhead import measure
from commands import one_thread  # noqa: F401
from startup import help_seconds

HELP = 0.14
"""Seconds of `vidstyle --help` on the machine that the goal was held on (BENCHMARKS.md, Start-up)."""


def slowness() -> float:
    """By how much this machine's processor is slower than that one, by the same work; 1 where it is not."""

    def spent() -> float:
        now = os.times()
        return now.children_user + now.children_system

    seconds = []
    for _ in range(3):
        began = spent()
        help_seconds()
        seconds.append(spent() - began)
    return max(1.0, min(seconds) / HELP)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stills", "clips"])
def test_a_small_job_costs_little_beyond_its_frames_and_memory_is_flat(kind: str, tmp_path: Path) -> None:
    found = measure(100, kind, tmp_path)
    goal = 0.05 * slowness()
    assert found.computing / found.jobs < goal, "seconds of the processor: a busy machine must not fail this"
    assert found.memory_late - found.memory_early < 20
