"""Motion at the speed of a camera: flow and trust on a smaller picture, in a few milliseconds."""

from __future__ import annotations

from typing import Literal, cast
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Motion
from vidstyle.motion.colour import Map, dot, largest
from vidstyle.motion.cuts import is_cut
from vidstyle.motion.flow import Flow, grey_flow, grey_of
from vidstyle.motion.trust import consistent, inside
from vidstyle.motion.warp import resized, scaled, sources, warp

Bytes = npt.NDArray[np.uint8]

PIXELS = 480 * 270
"""Most pixels of the picture that flow is found on: DIS takes a millisecond there and sees what moves."""

SHRINK = 2
"""Least reduction: half the size costs a quarter, and averages away the noise of a camera."""

TOLERANCE = 9.0
"""Difference of averaged colours, in levels, that costs half the trust: above a camera's noise."""

SPARSE = 4
SOME = slice(SPARSE // 2, None, SPARSE)
"""The rows and columns that tell how a frame has changed, and a picture of it: every fourth."""

REPEATED = cv2.BORDER_REPLICATE

FLOOR = 48
"""Least short side of the reduced picture: on less, DIS sees nothing."""

_made: WeakKeyDictionary[Frame, Frame] = WeakKeyDictionary()
"""Reduced frames, each kept for as long as the frame itself is."""


def quick_motion(
    previous: Frame, frame: Frame, *, cut: bool | None = None, preset: Literal["live", "film"] = "live"
) -> Motion:
    """How `frame` follows from `previous`, found on pictures of half the size or less.

    Trust asks whether flow and reverse flow agree and whether the colours do; a change of light costs
    trust here, where `motion_between` forgives it. What is said depends on the two frames alone.

    Args:
        previous: the frame before.
        frame: the one in question.
        cut: whether it begins a shot, where that is known.
        preset: "live" for what cannot wait; "film" takes four times as long, and where a camera shakes, a
            picture that is held along it flickers by a quarter less.

    Returns:
        The motion of a smaller picture: `flow_to_previous` (h, w, 2) counts its pixels.
    """
    if frame.pixels.shape != previous.pixels.shape:
        return Motion.first_of_shot(frame.height, frame.width)
    now, then = reduced(frame), reduced(previous)
    if is_cut(then, now) if cut is None else cut:
        return Motion.first_of_shot(now.height, now.width)
    grey, grey_then = grey_of(now), grey_of(then)
    flow = grey_flow(grey, grey_then, preset=preset)
    trust = _trust(now, then, flow, grey_flow(grey_then, grey, preset=preset))
    return Motion(flow, trust, cut=False, change=_change(previous, frame, flow, trust))


def reduced(frame: Frame) -> Frame:
    """The frame as flow sees it: uint8, at half the size or less; made once, for both of its motions."""
    made = _made.get(frame)
    if made is None:
        made = _made[frame] = _shrunk(frame)
    return made


def _shrunk(frame: Frame) -> Frame:
    height, width = frame.height, frame.width
    scale = min(1 / SHRINK, (PIXELS / (height * width)) ** 0.5)
    scale = min(1.0, max(scale, FLOOR / min(height, width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = frame.bytes()
    # Halved first, as often as it can be: that takes less than half the time of other sizes.
    while pixels.shape[0] >= 2 * size[1] and pixels.shape[1] >= 2 * size[0]:
        pixels = _resized(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2))
    return frame.with_pixels(_resized(pixels, size))


def _resized(pixels: Bytes, size: tuple[int, int]) -> Bytes:
    """At a smaller size (width, height), averaged."""
    return cast(Bytes, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _change(previous: Frame, frame: Frame, flow: Flow, trust: Map) -> float:
    """`Motion.change`, of some pixels of the frames' own size: on smaller pictures noise is averaged away."""
    now = frame.bytes()[SOME, SOME]
    size = (now.shape[1], now.shape[0])
    positions = sources(scaled(flow, size)) * np.float32(SPARSE) + np.float32(SOME.start)
    moved = cv2.remap(previous.bytes(), positions, None, cv2.INTER_LINEAR, borderMode=REPEATED)  # type: ignore[call-overload]
    weights = resized(trust, size)
    away = cast(Map, cv2.subtract(now, moved, dtype=cv2.CV_32F))
    squared = float((weights * dot(away, away)).sum()) / 3
    return squared / max(float(weights.sum()), 1.0) / 255**2


def _trust(now: Frame, then: Frame, flow: Flow, reverse: Flow) -> Map:
    """(h, w) float32 in 0..1: near 0 where revealed, beyond the border, or another colour."""
    moved = warp(then.bytes(), flow, interpolation="linear")
    # Averaged with its sign: fine texture that is half a pixel off cancels, another surface does not.
    difference = cv2.blur(cv2.subtract(now.bytes(), moved, dtype=cv2.CV_16S), (3, 3), borderType=REPEATED)
    excess = np.square(np.square(largest(np.abs(difference)) * np.float32(1 / TOLERANCE)))
    believed = (inside(flow) & consistent(flow, reverse)).view(np.uint8)
    # Silhouettes lie inside of where flow fails; colours, averaged already, speak for their own place.
    trust = cv2.erode(believed, np.ones((3, 3), np.uint8), borderType=REPEATED) / (1 + excess)
    return cast(Map, cv2.blur(trust, (3, 3), borderType=REPEATED))  # it ends softly
