"""Ghosting: how much of what stood somewhere before is still to be seen after it has gone.

Where an area has been revealed, the stylized picture O should show what is there now; a ghost at
opacity a shows O = (1 - a) E + a S, with S the stale picture (`Revealed.stale`: what stood there) and
E what a clean picture holds. E is not known stroke by stroke, but its colour is: the rest of the frame
shows how this style paints the source's colours. So a is the slope of O - E against S - E, each less
its own local mean, over the revealed pixels: strokes painted afresh are independent of the stale
ones and leave it near 0, what was not repainted holds the stale strokes themselves.

Flow is distrusted in more places than are revealed: along every edge that it misses by a pixel, and
over flat ground. There the old strokes rightly stand, and no ghost is meant. So an area counts only
where it came into sight from behind something in the picture, where nothing within `SLACK` pixels of the
source's stale picture looks like what is there now, and where it is nowhere thinner than `THINNEST`.
"""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.quality.revealed import Revealed

Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

CHANGED = 0.05  # difference of the source, in 0..1, beyond all that lies within `SLACK` pixels
SLACK = 2  # pixels by which flow misses edges
THINNEST = 5  # pixels across: the eye takes thinner slivers for outlines
LEAST_SHARE, LEAST_PIXELS = 0.001, 100  # of the picture, and in number: fewer give chance slopes
LOCAL = 1 / 45  # sigma of the local means, as a share of the height: wider than strokes, narrower than things
RIDGE = 1e-3  # keeps the fitted colours finite in a frame of one colour


def ghosting(pixels: Map, source: Map, revealed: Revealed) -> float:
    """Opacity of what has gone, in the areas revealed within the last frames.

    Args:
        pixels: (H, W, 3) float32 in 0..1, the stylized frame.
        source: (H, W, 3) float32, the source frame.
        revealed: what was revealed in it, and what stood there before.

    Returns:
        About 0 for a clean picture, 1 where what has gone still stands there whole; NaN where nothing
        different was revealed.
    """
    there = uncovered(source, revealed)
    if there.sum() < max(LEAST_PIXELS, LEAST_SHARE * there.size):
        return math.nan
    expected = painted_colours(source, pixels, ~revealed.recent)
    sigma = max(2.0, LOCAL * len(source))
    was = _less_local_mean(revealed.stale - expected, there, sigma)[there]
    now = _less_local_mean(pixels - expected, there, sigma)[there]
    power = float(np.square(was).sum(dtype=np.float64))
    if power < 1e-6 * was.size:  # the style paints both alike: nothing could be seen
        return math.nan
    return float((now * was).sum(dtype=np.float64) / power)


def uncovered(source: Map, revealed: Revealed) -> Mask:
    """(H, W) bool: where another thing stood a few frames ago, in patches that the eye sees as such."""
    reach = np.ones((2 * SLACK + 1,) * 2, np.uint8)
    lowest, highest = (way(revealed.stale_source, reach) for way in (cv2.erode, cv2.dilate))
    beyond = np.maximum(lowest - source, source - highest).max(axis=2)
    other = revealed.recent & revealed.hidden & (beyond > CHANGED)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (THINNEST, THINNEST))
    return cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_OPEN, disc).astype(bool)


def painted_colours(source: Map, pixels: Map, known: Mask) -> Map:
    """The colours in which the picture's style would paint the source, on average.

    An affine map of colours, pixels = A source + b, by least squares over the known pixels.

    Args:
        source: (H, W, 3) float32.
        pixels: (H, W, 3) float32, the stylized picture.
        known: (H, W) bool, where to learn it.

    Returns:
        (H, W, 3) float32 over the whole picture.
    """
    if not known.any():
        known = np.ones_like(known)
    inputs, outputs = source[known].astype(np.float64), pixels[known].astype(np.float64)
    centre, middle = inputs.mean(axis=0), outputs.mean(axis=0)
    inputs, outputs = inputs - centre, outputs - middle
    spread = inputs.T @ inputs / len(inputs) + RIDGE * np.eye(3)
    slope = np.linalg.solve(spread, inputs.T @ outputs / len(inputs))
    painted: Map = ((source - centre) @ slope + middle).astype(np.float32)
    return painted


def _less_local_mean(values: Map, inside: Mask, sigma: float) -> Map:
    """(H, W, 3) values less their soft local means over the pixels inside.

    A colour that the fit above misses is off over whole areas, which would pass for a ghost.
    """
    weight = inside.astype(np.float32)
    sums, weights = (cv2.GaussianBlur(m, (0, 0), sigma) for m in (values * weight[..., None], weight))
    return cast(Map, values - sums / np.maximum(weights, 1e-6)[..., None])
