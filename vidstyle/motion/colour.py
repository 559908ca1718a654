"""Whether two aligned pictures show the same thing, whatever the light (photometric trust)."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]

SHRINK = 8
"""Light is fitted on a grid this many times coarser: it varies slowly, and the fit costs next to nothing."""

LIGHT_REACH = 1 / 12
"""Sigma of the windows that light is fitted in, as a share of the picture's short side."""


TOLERANCE = 0.025
"""Unexplained difference, in 0..1, that costs half the trust of a flat pixel in a picture without noise."""

NOISE_ALLOWANCE = 2.0
"""Times the picture's own typical difference to allow beside it: grain must not cost trust."""

EDGE_ALLOWANCE = 0.2
"""Pixels of error in the flow to forgive on edges, where they already change the colour."""


def colour_agreement(colours: Map, moved: Map, believed: npt.NDArray[np.bool_]) -> Map:
    """How well two aligned pictures agree once a smooth change of light is taken out.

    What a change of light does not explain was not there before: a fade or a lamp is explained,
    a revealed background is not. Of a difference d that is a times what is allowed for,
    1 / (1 + a^4) is left: hardly anything of twice the allowance.

    Args:
        colours: (H, W, 3) float32 in 0..1, the current frame.
        moved: (H, W, 3) float32, the previous frame warped onto it.
        believed: (H, W) bool, where the flow passed the other tests.

    Returns:
        (H, W) float32 in 0..1.
    """
    expected = relit(moved, colours, believed)
    # Averaged with its sign: aliasing, grain and the blur of the warp cancel, another surface does not.
    difference = np.abs(_averaged(colours - expected)).max(axis=2)
    sample = difference[::2, ::2][believed[::2, ::2]]
    noise = float(np.median(sample)) if sample.size else 0.0
    allowed = (
        TOLERANCE + NOISE_ALLOWANCE * noise + EDGE_ALLOWANCE * _averaged(_steepness(_averaged(expected)))
    )
    return cast(Map, 1 / (1 + (difference / allowed) ** 4))


def relit(moved: Map, colours: Map, believed: npt.NDArray[np.bool_]) -> Map:
    """`moved` in the light of `colours`, (H, W, 3) float32.

    Per channel, colours = gain * moved + offset is fitted by least squares in wide, soft windows,
    counting only the pixels believed so far (the guided filter of He et al. 2010, weighted).
    """
    height, width = believed.shape
    weight = believed.astype(np.float32)[..., None]
    sums = [weight, weight * moved, weight * colours, weight * moved * moved, weight * moved * colours]
    coarse = (max(1, round(width / SHRINK)), max(1, round(height / SHRINK)))
    sigma = max(1.0, min(coarse) * LIGHT_REACH)
    n, x, y, xx, xy = (_gathered(part, coarse, sigma) for part in sums)
    n = n[..., None] + 1e-6
    x, y, xx, xy = x / n, y / n, xx / n, xy / n
    # The small constant holds the gain at 1 where the window is flat and says nothing about it.
    gain = np.clip((xy - x * y + 1e-4) / (np.maximum(xx - x * x, 0) + 1e-4), 0.0, 4.0)
    offset = y - gain * x
    fit = cv2.resize(np.dstack([gain, offset]), (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(Map, fit[..., :3] * moved + fit[..., 3:])


def _gathered(values: Map, size: tuple[int, int], sigma: float) -> Map:
    """Mean over soft windows on a coarse grid of size (width, height)."""
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return cast(Map, cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _averaged(values: Map) -> Map:
    """Soft mean over about 5x5 pixels, against noise."""
    return cast(Map, cv2.GaussianBlur(values, (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE))


def slopes(picture: Map) -> tuple[Map, Map]:
    """Change per pixel across and down, by central differences: two arrays of the picture's shape."""
    return (
        cast(Map, cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE)),
        cast(Map, cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=1, scale=0.5, borderType=cv2.BORDER_REPLICATE)),
    )


def _steepness(picture: Map) -> Map:
    """Largest change of any channel per pixel of shift: (H, W, 3) -> (H, W)."""
    across, down = slopes(picture)
    return cast(Map, np.sqrt(across * across + down * down).max(axis=2))
