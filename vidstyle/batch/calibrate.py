"""Measure this machine: a few steps of the solver on small pictures, and what comes before and after."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import fmean, median

import numpy as np

from vidstyle.batch.sample import clouds, drawn
from vidstyle.batch.speed import Cost, Speed
from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, VideoShape, VideoWriter, read
from vidstyle.media.conversion import scaled
from vidstyle.motion import track
from vidstyle.pipeline import MakePainter
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

SMALLEST = 72 * 128  # pixels: below, a picture tells little of larger ones
MORE_STEPS = 4
ROUNDS = 5  # at most, at the largest size: their middle is what two that were disturbed do not move
CODED = 8  # frames: enough for the encoder to look ahead
SECONDS = 3.0  # enough for a few rounds of small pictures


def calibrate(
    settings: Settings,
    size: tuple[int, int],
    make_painter: MakePainter,
    *,
    frames: Sequence[Frame] | None = None,
    seconds: float = SECONDS,
) -> Speed:
    """Measure steps and frames, up to a size as near to `size` as the time allows.

    The size that comes nearest is measured a few times if there is time for it, and the middle of
    that taken: other programs come and go.

    Args:
        settings: whose network, device and losses are measured.
        size: (height, width) of the largest picture to come, pixels.
        make_painter: makes what paints.
        frames: four that follow each other, to measure with; drawn ones by default.
        seconds: that it may take, about; the two smallest sizes are measured in any case.

    Raises:
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent or cannot hold the network.
    """
    until = time.perf_counter() + seconds
    style = [StylePicture(clouds((72, 128)))]
    stylizers = [make_painter(style, effort).stylizer for effort in _efforts(settings)]
    rounds: list[tuple[float, list[_Round]]] = []
    for height, width in _sizes(size):
        began = time.perf_counter()
        shown = [_scaled(frame, (height, width)) for frame in frames or drawn(size)]
        rounds.append((height * width, [_round(shown, settings, stylizers)]))
        took = time.perf_counter() - began
        # The next size takes four times as long; but one size alone does not tell how time grows.
        if len(rounds) > 1 and time.perf_counter() + 4 * took > until:
            break
    while len(rounds[-1][1]) < ROUNDS and time.perf_counter() + took < until:
        rounds[-1][1].append(_round(shown, settings, stylizers))
    (few, small), (many, large) = rounds[max(0, len(rounds) - 2)], rounds[-1]

    def cost(of: Callable[[_Round], float]) -> Cost:
        return Cost.through((few, median(map(of, small))), (many, median(map(of, large))))

    return Speed(
        step=cost(lambda one: one.step),
        frame=cost(lambda one: one.frame),
        first_step=cost(lambda one: one.first_step),
    )


@dataclass(frozen=True)
class _Round:
    """Seconds at one size: a step of a later frame, all else of one, a step of a shot's first frame."""

    step: float
    frame: float
    first_step: float


def _efforts(settings: Settings) -> list[Settings]:
    """The settings with few steps and with more, whose difference is steps; the live quality has none."""
    # A schedule may be of more styles than are measured, a frame that is held costs nothing, and practice
    # is no part of a frame.
    drawing = replace(settings, schedule=None, hold=1, practice=0)
    if settings.quality == "live":
        return [drawing]
    return [
        replace(drawing, first_steps=(count,), steps=count, min_steps=count) for count in (1, 1 + MORE_STEPS)
    ]


def _round(frames: Sequence[Frame], settings: Settings, stylizers: Sequence[Stylizer]) -> _Round:
    motion_time, moving = _tracked(frames, settings)
    (first, later), *more = (_painted(stylizer, moving) for stylizer in stylizers)
    step = first_step = 0.0
    for longer_first, longer_later in more:
        step = max((longer_later - later) / MORE_STEPS, 1e-6)
        first_step = max((longer_first - first) / MORE_STEPS, 1e-6)
    return _Round(step, max(later - step, 0.0) + motion_time + _coding(frames), first_step)


def _scaled(frame: Frame, size: tuple[int, int]) -> Frame:
    return Frame(scaled(frame.bytes(), size), pts=frame.pts, index=frame.index)


def _sizes(largest: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Sizes to measure: the largest and its halves, as those of a shot's first frame, small ones first."""
    halvings = max(0, math.floor(math.log(math.prod(largest) / SMALLEST, 4)))
    for shift in range(halvings, -1, -1):
        yield largest[0] >> shift, largest[1] >> shift


def _tracked(frames: Sequence[Frame], settings: Settings) -> tuple[float, list[tuple[Frame, Motion]]]:
    """Seconds that the motion of a frame takes, and the frames with theirs."""
    began = time.perf_counter()
    moving = list(track(frames, preset=settings.flow, mend=settings.mending, whole=False))
    return (time.perf_counter() - began) / (len(frames) - 1), moving


def _painted(stylizer: Stylizer, moving: list[tuple[Frame, Motion]]) -> tuple[float, float]:
    """Seconds for the first frame of a shot, and for one of a shot that is under way.

    The first time at a size, arithmetic is set up and the styles are looked at; later shots do without.
    The frame after a shot's first has less to do than those that follow.
    """
    first = min(_seconds(partial(stylizer.start, moving[0][0])) for _ in range(2))
    later = [
        _seconds(partial(stylizer.next, frame, replace(motion, cut=False))) for frame, motion in moving[1:]
    ]
    return first, fmean(later[1:])


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _coding(frames: Sequence[Frame]) -> float:
    """Seconds to encode a frame and decode it."""
    height, width = frames[0].height // 2 * 2, frames[0].width // 2 * 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calibration.mp4"
        began = time.perf_counter()
        shape = VideoShape(width, height, time_base=Fraction(1, 25), rate=Fraction(25))
        with VideoWriter(path, shape, Encoding()) as writer:
            for number in range(CODED):
                pixels = frames[number % len(frames)].bytes()[:height, :width]
                writer.add(Frame(np.ascontiguousarray(pixels), pts=number))
        count = sum(1 for _ in read(path))
        return (time.perf_counter() - began) / count
