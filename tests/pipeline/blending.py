"""A cheap stylizer whose every frame depends on all before it in its shot."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vidstyle.errors import VidstyleError
from vidstyle.frames import Frame, Motion
from vidstyle.motion.warp import warp
from vidstyle.pipeline import Job, Painter, StyleFile, render
from vidstyle.pipeline.footage import Footage
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, StylePicture

SEGMENT_FRAMES = 8
ROUGHLY = Settings(flow="ultrafast", mending=False)
"""Motion in a third of the time: it is that of two frames whatever it is, and good enough to be seen."""


class Blending:
    """Half the frame, half the picture before moved along; the first of a shot is inverted, to tell it."""

    def __init__(self, wait: float = 0) -> None:
        self.wait = wait
        self.painted: np.ndarray | None = None
        self.calls: list[tuple[str, int]] = []

    def start(self, frame: Frame) -> Frame:
        return self._done("start", frame, 1 - frame.floats())

    def next(self, frame: Frame, motion: Motion) -> Frame:
        moved = warp(self.painted, motion.flow_to_previous, interpolation="linear")
        return self._done("next", frame, 0.5 * frame.floats() + 0.5 * moved)

    def state(self) -> State:
        return {"painted": self.painted}

    def restore(self, state: State) -> None:
        self.calls.append(("restore", -1))
        self.painted = state["painted"]

    def _done(self, call: str, frame: Frame, pixels: np.ndarray) -> Frame:
        time.sleep(self.wait)
        self.calls.append((call, frame.index))
        self.painted = pixels.astype(np.float32)
        return frame.with_pixels(self.painted)


def blend(stylizer: Blending | None = None, weights: str = "w" * 64):
    """A `MakePainter` that gives this stylizer."""

    def make(styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None) -> Painter:
        return Painter(stylizer or Blending(), weights)

    return make


def job(source: Path, style: Path, output: Path, **changes) -> Job:
    usual = {"segment_frames": SEGMENT_FRAMES, "settings": ROUGHLY}
    return Job(source, (StyleFile(style),), output, **{**usual, **changes})


def run(of: Job, stylizer: Blending | None = None, **kwargs) -> list:
    return list(render(of, make_painter=blend(stylizer, **kwargs)))


def painted_apart(source: Path, style: Path, output: Path, wait: float) -> None:
    """A render in a process of its own; its exit code tells what went wrong."""
    try:
        run(job(source, style, output), Blending(wait))
    except VidstyleError as error:
        sys.exit(error.exit_code)
