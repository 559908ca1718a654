"""Renders at strength 0, and how far what comes out is from what went in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from blending import SEGMENT_FRAMES

from vidstyle.frames import Frame
from vidstyle.media import (
    Colors,
    Encoding,
    Reading,
    VideoShape,
    VideoWriter,
    read,
)
from vidstyle.pipeline import Job, Notice, Painter, StyleFile, render
from vidstyle.settings import Settings


class Same:
    """Gives each frame back, as the painters do at strength 0."""

    def start(self, frame: Frame) -> Frame:
        return frame

    def next(self, frame: Frame, motion: object) -> Frame:
        return frame

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: object) -> None:
        pass


def same(*_: object) -> Painter:
    return Painter(Same(), "w" * 64)


STILL = Settings.preset(
    "draft", strength=0.0, device="cpu", precision="float32", flow="ultrafast", mending=False
)
EVEN = tuple(24 * number for number in range(12))  # ticks of 1/600 s: 25 a second


def identity(source: Path, style: Path, output: Path, make_painter=same, **changes: object) -> list[str]:
    """Render at strength 0; what the user is told."""
    settings = {"settings": STILL, "segment_frames": SEGMENT_FRAMES, **changes}
    job = Job(source, (StyleFile(style),), output, **settings)
    events = list(render(job, make_painter=make_painter))
    return [event.text for event in events if isinstance(event, Notice)]


def both(source: Path, output: Path) -> list[tuple[Frame, Frame]]:
    keep = Reading(alpha=True)
    return list(zip(read(source, reading=keep), read(output, reading=keep), strict=True))


def furthest(pairs: list[tuple[Frame, Frame]]) -> float:
    return max(float(np.abs(a.floats() - b.floats()).max()) for a, b in pairs)


def mean_difference(pairs: list[tuple[Frame, Frame]]) -> float:
    return max(float(np.abs(a.floats() - b.floats()).mean()) for a, b in pairs)


def same_times(pairs: list[tuple[Frame, Frame]], within: Fraction = Fraction(0)) -> bool:
    a0, b0 = pairs[0]
    return all(abs((a.seconds - a0.seconds) - (b.seconds - b0.seconds)) <= within for a, b in pairs)


def film(path: Path, pixels: list[Frame], encoding: Encoding, colors: Colors | None = None) -> Path:
    height, width = pixels[0].pixels.shape[:2]
    with VideoWriter(path, VideoShape(width, height, colors=colors or Colors()), encoding) as writer:
        for frame in pixels:
            writer.add(frame)
    return path
