"""The motion of a stream: each frame with its flow to the frame before, and where shots begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from vidstyle.frames import Frame, Motion
from vidstyle.motion.cuts import is_cut
from vidstyle.motion.flow import Preset, grey_flow, grey_of
from vidstyle.motion.trust import trust_of


def track(frames: Iterable[Frame], *, preset: Preset = "medium") -> Iterator[tuple[Frame, Motion]]:
    """Each frame with its motion, one at a time and never ahead.

    What is said of a frame depends on it and on the one before, nothing else: a render that
    resumes anywhere gets the same motion again. Memory holds two frames, however long the stream.

    Args:
        frames: a stream, or a stretch of one.
        preset: how thorough the flow is: "ultrafast", "fast" or "medium".

    Yields:
        The frame and its `Motion`; the first of the stream, of a shot or of a new size has `cut` set.
    """
    previous: Frame | None = None
    for frame in frames:
        if previous is None:
            motion = Motion.first_of_shot(frame.height, frame.width)
        else:
            motion = motion_between(previous, frame, preset=preset)
        yield frame, motion
        previous = frame


def motion_between(previous: Frame, frame: Frame, *, preset: Preset = "medium") -> Motion:
    """How `frame` follows from `previous`."""
    if frame.pixels.shape != previous.pixels.shape:
        return Motion.first_of_shot(frame.height, frame.width)
    if np.array_equal(frame.pixels, previous.pixels):
        return _still(frame.height, frame.width)
    now, before = grey_of(frame), grey_of(previous)
    flow = grey_flow(now, before, preset=preset)
    trust = trust_of(frame, previous, flow, grey_flow(before, now, preset=preset))
    if is_cut(previous, frame, trust):
        return Motion.first_of_shot(frame.height, frame.width)
    return Motion(flow, trust, cut=False)


def _still(height: int, width: int) -> Motion:
    """Nothing moved: the flow is zero, and certain."""
    return Motion(np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32), cut=False)
