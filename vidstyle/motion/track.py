"""The motion of a stream: each frame with its flow to the frame before, and where shots begin."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Literal, cast

import cv2
import numpy as np

from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.motion.colour import Map
from vidstyle.motion.cuts import is_cut
from vidstyle.motion.flow import DETAILED, Preset, grey_flow, grey_of
from vidstyle.motion.mending import mended
from vidstyle.motion.processes import MotionProcesses
from vidstyle.motion.quick import quick_motion
from vidstyle.motion.side_by_side import side_by_side
from vidstyle.motion.still import unchanged
from vidstyle.motion.trust import trust_of
from vidstyle.motion.warp import resized, scaled

LARGEST = DETAILED
"""Pixels from which on motion is found on pictures of half the size, or of less if they have more pixels
than this: at 1280x720 it takes half the time, and is nearer to the exact flow of rendered scenes."""

FINENESS = np.float32(1024)
"""Steps of flow in a pixel, and of trust from none to all."""

MOST_AT_ONCE = 64_000_000
"""Pixels of all frames whose motion is found at once: with flow and trust of their size about a gigabyte."""

Find = Callable[[Frame, Frame], Motion]
"""How a frame, the second, follows from another."""


def track(
    frames: Iterable[Frame],
    *,
    preset: Preset | Literal["quick"] = "medium",
    mend: bool = False,
    whole: bool = True,
    rest: bool = False,
    reference: Frame | None = None,
    at_once: int = 1,
    apart: bool = False,
) -> Iterator[tuple[Frame, Motion]]:
    """Each frame with its motion, in order.

    What is said of a frame depends on it and on the one before, nothing else: a render that
    resumes anywhere gets the same motion again. Memory holds `at_once` + 1 frames, however long the stream.

    With `rest` the one before is the last frame that was not `still`, as a frame that rests is not
    painted: what changes too slowly to be seen from frame to frame adds up until it is.

    DIS flow (Kroeger et al. 2016), and trust in it as `trust_of` tells (Ruder et al. 2016).

    Args:
        frames: a stream, or a stretch of one.
        preset: how thorough the flow is: "ultrafast", "fast" or "medium"; "quick" is for the live
            stylizer, and finds the motion of a smaller picture (`quick_motion`).
        mend: as painters want it: flow is replaced where it bled from what moves, and trust given back
            where it was lost in vain (`mended`); "quick" flow stays as it is.
        whole: large frames, whose motion is found on smaller pictures, get it at their own size. Without,
            as it was found: painters enlarge it on their device. "quick" motion is never whole.
        rest: frames that show what the one before showed are `still`, which takes no time.
        reference: with `rest`, the last frame that was not still up to the first frame of a stretch;
            None: that frame itself.
        at_once: frames whose motion is found side by side, in threads; the stream is read as far ahead. 1 is
            never ahead.
        apart: it is found in as many processes instead, for who paints on a graphics card
            (`MotionProcesses`); "quick" motion takes no time worth it.

    Yields:
        The frame and its `Motion`; the first of the stream, of a shot or of a new size has `cut` set.
    """
    with _finding(preset, mend, whole, at_once if apart else 0) as find:
        pairs = _pairs(frames, find, rest, reference)
        if at_once > 1 or apart:
            yield from side_by_side(pairs, at_once)
        else:
            for frame, found in pairs:
                yield frame, found()


def pairs_at_once(height: int, width: int) -> int:
    """Frames of a size whose motion is best found side by side: DIS leaves many cores idle by itself.

    A quarter of the cores stays for what OpenCV does in threads of its own.
    """
    return max(1, min(cv2.getNumThreads() * 3 // 4, MOST_AT_ONCE // (height * width)))


@contextmanager
def _finding(preset: Preset | Literal["quick"], mend: bool, whole: bool, processes: int) -> Iterator[Find]:
    if preset == "quick":
        yield _quickly
    elif processes:
        with MotionProcesses(processes, preset=preset, mend=mend, whole=whole) as apart:
            yield apart.find
    else:
        yield partial(motion_between, preset=preset, mend=mend, whole=whole)


def _pairs(
    frames: Iterable[Frame], find: Find, rest: bool, reference: Frame | None
) -> Iterator[tuple[Frame, Callable[[], Motion]]]:
    """Each frame with what finds its motion."""
    previous: Frame | None = None
    for frame in frames:
        still = rest and previous is not None and unchanged(previous, frame)
        yield frame, _finder(previous, frame, find, still)
        if previous is None and reference is not None:
            previous = reference
        elif not still:
            previous = frame


def _finder(previous: Frame | None, frame: Frame, find: Find, still: bool) -> Callable[[], Motion]:
    if previous is None:
        return partial(Motion.first_of_shot, frame.height, frame.width)
    if still:
        return lambda: replace(_still(frame.height, frame.width), still=True)
    return partial(find, previous, frame)


def _quickly(previous: Frame, frame: Frame) -> Motion:
    return quick_motion(previous, frame, cut=begins_shot(previous, frame), preset="film")


def motion_between(
    previous: Frame, frame: Frame, *, preset: Preset = "medium", mend: bool = False, whole: bool = True
) -> Motion:
    """How `frame` follows from `previous`; `mend` and `whole`: as `track` has them."""
    if frame.pixels.shape != previous.pixels.shape:
        return Motion.first_of_shot(frame.height, frame.width)
    if np.array_equal(frame.pixels, previous.pixels):
        return _still(frame.height, frame.width)
    now, then = _reduced(frame), _reduced(previous)
    grey, grey_then = grey_of(now), grey_of(then)
    # One after the other: DIS uses every core by itself, and two at once in threads took as long.
    flow = grey_flow(grey, grey_then, preset=preset)
    trust = trust_of(now, then, flow, grey_flow(grey_then, grey, preset=preset, rough=True))
    if is_cut(then, now, trust):
        return Motion.first_of_shot(frame.height, frame.width)
    if mend:
        flow, trust = mended(now, then, flow, trust)
    motion = Motion(flow, trust, cut=False)
    return _rounded(_enlarged(motion, frame.height, frame.width) if whole else motion)


def _rounded(motion: Motion) -> Motion:
    """Without the last bits: in them functions of OpenCV differ by where in memory a picture lies.

    A render that goes on after a stop would come out otherwise than one that was not stopped.
    """
    flow, trust = (
        cast(Map, np.rint(values * FINENESS) / FINENESS) for values in (motion.flow_to_previous, motion.trust)
    )
    return replace(motion, flow_to_previous=flow, trust=trust)


def begins_shot(previous: Frame, frame: Frame) -> bool:
    """Whether `motion_between(previous, frame)` is a cut, told without the flow for nearly every pair.

    Trust in the flow only ever speaks against a cut: the flow is found where all else speaks for one.
    """
    if frame.pixels.shape != previous.pixels.shape:
        return True
    return is_cut(_reduced(previous), _reduced(frame)) and motion_between(previous, frame, whole=False).cut


def _reduced(frame: Frame) -> Frame:
    """The frame as its motion is found: one of `LARGEST` pixels or more is reduced by a whole number."""
    pixels = frame.height * frame.width
    if pixels < LARGEST:
        return frame
    shrink = max(2, math.ceil(math.sqrt(pixels / LARGEST)))
    size = (max(1, frame.width // shrink), max(1, frame.height // shrink))
    return frame.with_pixels(cast(Pixels, cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)))


def _enlarged(motion: Motion, height: int, width: int) -> Motion:
    """The same motion of a picture of another size."""
    small_height, small_width = motion.trust.shape
    if (small_height, small_width) == (height, width):
        return motion
    size = (width, height)
    return Motion(scaled(motion.flow_to_previous, size), resized(motion.trust, size), cut=motion.cut)


def _still(height: int, width: int) -> Motion:
    """Nothing moved: the flow is zero, and certain."""
    return Motion(np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32), cut=False)
