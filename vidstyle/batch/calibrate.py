"""Measure this machine: a few steps of the solver on small pictures, and what comes before and after."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.batch.speed import Cost, Speed
from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, VideoShape, VideoWriter, read
from vidstyle.motion import track
from vidstyle.pipeline import MakePainter
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

SMALLEST = (72, 128)
ENOUGH = 0.12  # seconds a step, beyond which larger pictures would take too long and tell nothing new
MORE_STEPS = 4


def calibrate(settings: Settings, size: tuple[int, int], make_painter: MakePainter) -> Speed:
    """Measure steps and frames at two sizes, the larger as near to `size` as a second or two allow.

    The live quality has no steps: all of a frame's time is in `Speed.frame`.

    Args:
        settings: whose network, device and losses are measured.
        size: (height, width) of the largest picture to come, pixels.
        make_painter: makes what paints.

    Raises:
        WeightsError: the network's weights are missing or damaged.
        DeviceError: the device is absent or cannot hold the network.
    """
    style = [StylePicture(_scene(SMALLEST, 0))]
    # A drawing that is held would show again in the frame that is measured; a schedule may weigh more styles
    # than this one, and is as much work at any time.
    drawing = replace(settings, hold=1, schedule=None)
    live = settings.quality == "live"
    efforts = [drawing] if live else [_with_steps(drawing, count) for count in (1, 1 + MORE_STEPS)]
    stylizers = [make_painter(style, effort).stylizer for effort in efforts]
    steps: list[tuple[float, float]] = []
    frames: list[tuple[float, float]] = []
    for height, width in _sizes(size):
        motion_time, moving = _tracked((height, width), settings)
        seconds = [_next(stylizer, moving) for stylizer in stylizers]
        quick = seconds[0]
        step = 0.0 if live else max((seconds[1] - quick) / MORE_STEPS, 1e-6)
        frame = max(quick - step, 0.0) + motion_time + _coding((height, width))
        steps.append((height * width, step))
        frames.append((height * width, frame))
        if max(step, quick if live else 0.0) > ENOUGH / 4:  # the next size takes four times as long
            break
    return Speed(Cost.through(*_ends(steps)), Cost.through(*_ends(frames)))


def _with_steps(settings: Settings, count: int) -> Settings:
    return replace(settings, first_steps=(1,), steps=count, min_steps=count)


def _sizes(largest: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Sizes to measure: small ones first, doubling, up to the largest."""
    height, width = SMALLEST
    while height * width < largest[0] * largest[1]:
        yield height, width
        height, width = 2 * height, 2 * width
    yield largest


def _ends(measured: list[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    return measured[max(0, len(measured) - 2)], measured[-1]


def _scene(size: tuple[int, int], shift: int) -> npt.NDArray[np.uint8]:
    """(H, W, 3): clouds of colour of all sizes, moved to the left."""
    rows, columns = size[0] // 8 + 2, size[1] // 8 + 2
    noise = np.random.default_rng(0).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    large = cv2.resize(noise, (size[1] + 16, size[0]), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(large[:, shift : shift + size[1]], np.uint8)


def _tracked(size: tuple[int, int], settings: Settings) -> tuple[float, list[tuple[Frame, Motion]]]:
    """Seconds that the motion of a frame takes, and three frames with theirs."""
    frames = [Frame(_scene(size, 2 * number), pts=number, index=number) for number in range(3)]
    began = time.perf_counter()
    moving = list(track(frames, preset=settings.flow))
    return (time.perf_counter() - began) / (len(frames) - 1), moving


def _next(stylizer: Stylizer, moving: list[tuple[Frame, Motion]]) -> float:
    """Seconds for a later frame: the better of two, since other programs disturb."""
    stylizer.start(moving[0][0])
    best = float("inf")
    for frame, motion in moving[1:]:
        began = time.perf_counter()
        stylizer.next(frame, replace(motion, cut=False))
        best = min(best, time.perf_counter() - began)
    return best


def _coding(size: tuple[int, int]) -> float:
    """Seconds to encode a frame and decode it."""
    height, width = size[0] // 2 * 2, size[1] // 2 * 2
    frames = [Frame(_scene((height, width), number), pts=number) for number in range(8)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calibration.mp4"
        began = time.perf_counter()
        shape = VideoShape(width, height, time_base=Fraction(1, 25), rate=Fraction(25))
        with VideoWriter(path, shape, Encoding()) as writer:
            for frame in frames:
                writer.add(frame)
        count = sum(1 for _ in read(path))
        return (time.perf_counter() - began) / count
