"""A render killed at any moment and run again gives the very file of a run that nothing disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import blending
import pytest
from clips import TIME_BASE, TIMES, sound_of, times_of

from vidstyle.errors import OutputError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes to kill by signal here")

WAIT = 0.004  # seconds a frame, so that kills hit frames as well as the writing of segments
OUTPUT = Path("out.mp4")


class Renders:
    """Renders of one job, each in a process of its own, in the folder where this was made."""

    def __init__(self, clip: Path, style: Path) -> None:
        command = [sys.executable, blending.__file__, clip, style, OUTPUT, str(WAIT)]
        self._server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def close(self) -> None:
        self._server.communicate()

    def run(self, kill_after: float | None = None) -> tuple[int, float]:
        """A run's exit status (minus the signal's number if it was killed in time) and its seconds."""
        print("" if kill_after is None else kill_after, file=self._server.stdin)
        status, seconds = self._server.stdout.readline().split()
        return int(status), float(seconds)


@pytest.fixture
def renders(clip: Path, style: Path, tmp_path: Path) -> Iterator[Renders]:
    with chdir(tmp_path):
        started = Renders(clip, style)
        yield started
        started.close()


def kill_many(renders: Renders, clip: Path, kills: int, seed: int) -> None:
    chance, killed = random.Random(seed), 0
    status, seconds = renders.run()
    assert status == 0
    whole = OUTPUT.read_bytes()
    assert sound_of(OUTPUT) == sound_of(clip)
    assert times_of(OUTPUT) == [(pts - TIMES[0]) * TIME_BASE for pts in TIMES]
    while killed < kills:
        OUTPUT.unlink()
        for _ in range(chance.randint(1, 12)):
            status, _ = renders.run(kill_after=chance.uniform(0, seconds * 0.8))
            killed += status == -signal.SIGKILL
            if OUTPUT.exists():  # never anything but the whole
                assert OUTPUT.read_bytes() == whole
        status, _ = renders.run()
        # A kill may have come when all was done: then the output is there, and is not replaced.
        assert status in (0, OutputError.exit_code)
        assert OUTPUT.read_bytes() == whole
        # Between the last two steps, unlink and rmdir, a kill may leave an empty folder.
        assert [path for path in Path().rglob("*") if path.is_file() and path.name != "lock"] == [OUTPUT]


def test_a_few_kills_at_random_moments(renders: Renders, clip: Path) -> None:
    kill_many(renders, clip, kills=10, seed=1)


@pytest.mark.slow
def test_a_hundred_kills_at_random_moments(renders: Renders, clip: Path) -> None:
    kill_many(renders, clip, kills=100, seed=2)
