"""A render killed at any moment and run again gives the very file of a run that nothing disturbed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import blending
import pytest
from clips import TIME_BASE, TIMES, sound_of, times_of
from forked import can_fork, forking

from vidstyle.errors import OutputError

pytestmark = pytest.mark.skipif(not can_fork, reason="no processes to kill by signal here")

WAIT = 0.004  # seconds a frame, so that kills hit frames as well as the writing of segments
OUTPUT = Path("out.mp4")


Run = Callable[..., tuple[int, float]]


@pytest.fixture
def rendered(clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Renders a job in a process of its own, in a folder, as often as it is called."""
    monkeypatch.chdir(tmp_path)

    def run(kill_after: float | None = None) -> tuple[int, float]:
        """A run's exit status (minus the signal's number if it was killed in time) and its seconds."""
        process = forking().Process(target=blending.painted_apart, args=(clip, style, OUTPUT, WAIT))
        process.start()
        began = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            process.kill()
        process.join()
        return process.exitcode, time.monotonic() - began

    return run


def kill_many(rendered: Run, clip: Path, kills: int, seed: int) -> None:
    chance, killed = random.Random(seed), 0
    status, seconds = rendered()
    assert status == 0
    whole = OUTPUT.read_bytes()
    assert sound_of(OUTPUT) == sound_of(clip)
    assert times_of(OUTPUT) == [(pts - TIMES[0]) * TIME_BASE for pts in TIMES]
    while killed < kills:
        OUTPUT.unlink()
        for _ in range(chance.randint(1, 12)):
            status, _ = rendered(kill_after=chance.uniform(0, seconds * 0.8))
            killed += status == -signal.SIGKILL
            if OUTPUT.exists():  # never anything but the whole
                assert OUTPUT.read_bytes() == whole
        status, _ = rendered()
        # A kill may have come when all was done: then the output is there, and is not replaced.
        assert status in (0, OutputError.exit_code)
        assert OUTPUT.read_bytes() == whole
        # Between the last two steps, unlink and rmdir, a kill may leave an empty folder.
        assert [path for path in Path().rglob("*") if path.is_file() and path.name != "lock"] == [OUTPUT]


def test_a_few_kills_at_random_moments(rendered: Run, clip: Path) -> None:
    kill_many(rendered, clip, kills=10, seed=1)


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments(rendered: Run, clip: Path) -> None:
    kill_many(rendered, clip, kills=100, seed=2)
