"""Painters for tests that run in worker processes: cheap, slow, deadly or faulty, as a file asks for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidstyle.errors import DeviceError
from vidstyle.frames import Frame, Motion
from vidstyle.pipeline import MakePainter, Painter
from vidstyle.pipeline.footage import Footage
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, StylePicture


class Inverting:
    """Inverts frames; what `act` does happens before each."""

    def __init__(self, act=lambda: None) -> None:
        self._act = act

    def start(self, frame: Frame) -> Frame:
        self._act()
        return frame.with_pixels(np.asarray(255 - frame.bytes(), np.uint8))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        return self.start(frame)

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        pass


def painting(act) -> MakePainter:
    """A painter that calls `act(settings)` before each frame."""

    def make(styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None) -> Painter:
        return Painter(Inverting(lambda: act(settings)), "w" * 64)

    return make


def plain() -> MakePainter:
    return painting(lambda settings: None)


def slow() -> MakePainter:
    return painting(lambda settings: time.sleep(0.5))


def appeared(path: Path, seconds: float = 20) -> None:
    """Wait for a file."""
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.005)


BUGGY, KILLED_ONCE, KILLED_ALWAYS = 13, 14, 15  # seeds of jobs that go wrong


def treacherous() -> MakePainter:
    """Goes wrong as a job's seed says; leaves a file that tells what this process may use."""
    import cv2
    import torch

    threads = f"{os.environ.get('OMP_NUM_THREADS')} {torch.get_num_threads()} {cv2.getNumThreads()}"
    Path(f"process-{os.getpid()}").write_text(f"{threads} {os.environ.get('CUDA_VISIBLE_DEVICES')}")
    frames = 0

    def act(settings: Settings) -> None:
        nonlocal frames
        frames += 1
        if settings.seed == BUGGY:
            raise KeyError("a slip")
        if settings.seed == KILLED_ALWAYS:
            os.kill(os.getpid(), signal.SIGKILL)
        if settings.seed == KILLED_ONCE and frames == 4 and not Path("killed").exists():
            Path("killed").touch()
            appeared(Path(".0.mp4.vidstyle-state/00000.json"))  # the first shot is closed meanwhile
            os.kill(os.getpid(), signal.SIGKILL)

    return painting(act)


def faulty_gpu_once() -> MakePainter:
    """Raises what a GPU's fault raises, if no process did before; each process leaves a file."""
    Path(f"process-{os.getpid()}").touch()

    def act(settings: Settings) -> None:
        if not Path("faulted").exists():
            Path("faulted").touch()
            raise DeviceError("fell off the bus", where="cuda:0")

    return painting(act)
