"""What strokes were painted on: where the source still is that, they need not change."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vidstyle.frames import Frame, Motion
from vidstyle.motion.colour import Map, largest
from vidstyle.motion.quick import reduced
from vidstyle.motion.warp import resized, scaled, warp

SAME = 2.0
"""Difference of averaged colours, in levels of 255, at which it is half sure that nothing changed: above a
camera's noise, and the most that a picture lags behind a slow fade."""

STILL = 0.25
"""Motion in pixels of the ground at which the same holds: what moves is resampled in every frame, and held
longer it would blur."""

CALMER = 3
"""By this the share of the new picture is divided where nothing changed nor moved."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What the strokes that are shown were painted on, at a quarter of the frame's size or less.

    Compared with this, not with the frame before, a frame tells of changes too slow to be seen in one step.

    Attributes:
        pixels: (h, w, 3) float32 in levels of 255: the source, moved along and held as the picture was.
        frames: how many it was painted on, in one style.
    """

    pixels: Map
    frames: int = 1


def painted_on(frame: Frame) -> Ground:
    """The ground of a frame that was painted with nothing held."""
    pixels = reduced(frame).bytes()
    size = (max(1, pixels.shape[1] // 2), max(1, pixels.shape[0] // 2))
    return Ground(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32))


def held_on(ground: Ground, frame: Frame, motion: Motion, least: float) -> tuple[Map, Ground]:
    """How much of the last picture to hold, and what the picture is painted on then.

    With (1 - least) / 3 of the new picture noise has a third of its power left once more. As what is held
    shows in the ground as it does in the picture, what is trusted wrongly, and light that changes, go on at
    `least`.

    Args:
        ground: of the last picture.
        frame: to be painted.
        motion: to it from the frame of that picture; of any size.
        least: share of the last picture to hold wherever it is trusted, in 0..1.

    Returns:
        (h, w) float32, shares of the size of the motion; and the new ground.
    """
    now = painted_on(frame).pixels
    size = (now.shape[1], now.shape[0])
    flow, trust = scaled(motion.flow_to_previous, size), resized(motion.trust, size)
    change = warp(ground.pixels, flow, interpolation="linear") - now
    # Averaged with its sign, as noise cancels.
    away = largest(np.abs(cv2.blur(change, (3, 3), borderType=cv2.BORDER_REPLICATE)))
    # The first pictures in a style are no average of many yet.
    most = min(1 - (1 - least) / CALMER, ground.frames / (ground.frames + 1))
    changed = np.square(np.square(away * np.float32(1 / SAME)))
    x, y = flow[..., 0], flow[..., 1]
    changed += np.square((x * x + y * y) * np.float32(1 / STILL**2))
    share = least + max(0.0, most - least) / (1 + changed)
    now += (trust * share)[..., None] * change
    wide = resized(share, (motion.trust.shape[1], motion.trust.shape[0]))
    return motion.trust * wide, Ground(now, ground.frames + 1)
