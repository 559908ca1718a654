"""A render killed at any moment and run again gives the very file of a run that nothing disturbed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import blending
import pytest
from clips import TIME_BASE, TIMES, sound_of, times_of

WAIT = 0.004  # seconds a frame, so that kills hit frames as well as the writing of segments
OUTPUT = Path("out.mp4")


@dataclass
class Killer:
    clip: Path
    style: Path
    seconds: float = 1.0

    def start(self) -> subprocess.Popen[str]:
        """A render in a process of its own, in this folder, that has got as far as its first check."""
        command = [sys.executable, blending.__file__, self.clip, self.style, OUTPUT, str(WAIT)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.stderr and process.stderr.read()
        return process

    def run_undisturbed(self) -> bytes:
        process = self.start()
        began = time.monotonic()
        _, errors = process.communicate()
        self.seconds = time.monotonic() - began
        assert process.returncode == 0, errors
        return OUTPUT.read_bytes()

    def kill_after(self, seconds: float) -> bool:
        """Kill a run after so long; whether it was still running."""
        process = self.start()
        try:
            _, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
        # Where the kill before came after all was done, there is nothing to do but to say so.
        assert process.returncode == 0 or "exists already" in errors, errors
        return False


def kill_many(killer: Killer, kills: int, folder: Path, seed: int) -> None:
    chance, killed = random.Random(seed), 0
    with chdir(folder):
        whole = killer.run_undisturbed()
        sound = sound_of(killer.clip)
        assert sound_of(OUTPUT) == sound
        while killed < kills:
            OUTPUT.unlink()
            while killer.kill_after(chance.uniform(0, killer.seconds * 0.8)):
                killed += 1
                if OUTPUT.exists():  # never anything but the whole
                    assert OUTPUT.read_bytes() == whole
            assert OUTPUT.read_bytes() == whole
            # A kill between the last two steps, unlink and rmdir, may leave an empty folder.
            assert [path for path in Path().rglob("*") if path.is_file() and path.name != "lock"] == [OUTPUT]
        assert times_of(OUTPUT) == [(pts - TIMES[0]) * TIME_BASE for pts in TIMES]


def test_a_few_kills_at_random_moments(clip: Path, style: Path, tmp_path: Path) -> None:
    kill_many(Killer(clip, style), 4, tmp_path, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_hundred_kills_at_random_moments(clip: Path, style: Path, tmp_path: Path) -> None:
    kill_many(Killer(clip, style), 100, tmp_path, seed=2)
