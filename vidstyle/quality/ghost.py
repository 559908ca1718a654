"""Ghosting: how much of what stood somewhere before is still to be seen after it has gone.

Where an area has just been revealed and the source really changed there, the stylized picture O
should show what is there now; a ghost at opacity a shows O = (1 - a) E + a S, with S the stale picture
(`Revealed.stale`: what stood there) and E what a clean picture holds. E is not known stroke by stroke,
but its colour is: the rest of the frame shows how this style paints the source's colours. So a is
the slope of O - E against S - E over the revealed pixels. Strokes painted afresh are independent of
the stale ones and leave it near 0; what was not repainted holds the stale strokes themselves. A patch
left in one colour counts as far as that colour leans from the new towards the old: it shows as a silhouette.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vidstyle.quality.revealed import Revealed

Map = npt.NDArray[np.float32]

CHANGED = 0.1  # difference of the source, in 0..1, that a ghost would show against
LEAST_SHARE, LEAST_PIXELS = 0.001, 100  # of the picture, and in number: fewer give chance slopes
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
    changed = np.abs(source - revealed.stale_source).max(axis=2) > CHANGED
    there = revealed.recent & changed
    if there.sum() < max(LEAST_PIXELS, LEAST_SHARE * there.size):
        return math.nan
    expected = painted_colours(source, pixels, ~revealed.recent)[there]
    was = revealed.stale[there] - expected
    power = float(np.square(was).sum(dtype=np.float64))
    if power < 1e-6 * was.size:  # the style paints both alike: nothing could be seen
        return math.nan
    return float(((pixels[there] - expected) * was).sum(dtype=np.float64) / power)


def painted_colours(source: Map, pixels: Map, known: npt.NDArray[np.bool_]) -> Map:
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
