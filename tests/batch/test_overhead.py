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
    # Seconds of the processor, which a busy machine does not change, and twice the goal, as a slow one does.
    assert found.computing / found.jobs < 0.1
    assert found.memory_late - found.memory_early < 20
