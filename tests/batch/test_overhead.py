"""What a job costs beyond its frames, and that memory does not grow with the number of jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_overhead import measure
from commands import one_thread  # noqa: F401


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stills", "clips"])
def test_a_small_job_costs_little_beyond_its_frames_and_memory_is_flat(kind: str, tmp_path: Path) -> None:
    found = measure(100, kind, tmp_path)
    assert found.computing / found.jobs < 0.05, "seconds of the processor: a busy machine must not fail this"
    assert found.memory_late - found.memory_early < 20
