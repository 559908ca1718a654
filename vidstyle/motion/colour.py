"""Whether two aligned pictures show the same thing, whatever the light (photometric trust)."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]

SHRINK, FINEST = 4, 68
"""Light is fitted on a grid this many times coarser, and on one of no more cells than this on its short side:
it varies slowly, and the fit costs next to nothing."""

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
    return agreement(colours, relit(moved, colours, believed), believed)


def agreement(colours: Map, expected: Map, believed: npt.NDArray[np.bool_]) -> Map:
    """`colour_agreement` of two pictures in the same light; their noise is told where `believed`."""
    # Averaged with its sign: aliasing, grain and the blur of the warp cancel, another surface does not.
    difference = largest(np.abs(_averaged(cast(Map, cv2.subtract(colours, expected)))))
    sample = difference[::2, ::2][believed[::2, ::2]]
    noise = float(np.median(sample)) if sample.size else 0.0
    allowed = (
        TOLERANCE + NOISE_ALLOWANCE * noise + EDGE_ALLOWANCE * _averaged(_steepness(_averaged(expected)))
    )
    excess = np.square(np.square(difference / allowed))
    return cast(Map, 1 / (1 + excess))


def relit(moved: Map, colours: Map, believed: npt.NDArray[np.bool_]) -> Map:
    """`moved` in the light of `colours`, (H, W, 3) float32."""
    gain, offset = light_between(moved, colours, believed)
    cv2.multiply(gain, moved, dst=gain)
    return cast(Map, cv2.add(gain, offset, dst=gain))


def light_between(moved: Map, colours: Map, believed: npt.NDArray[np.bool_]) -> tuple[Map, Map]:
    """How light changed from `moved` to `colours`: gain and offset, (H, W, 3) float32 each.

    Per channel, colours = gain * moved + offset is fitted by least squares in wide, soft windows,
    counting only the pixels believed so far (the guided filter of He et al. 2010, weighted).
    """
    height, width = believed.shape
    weight = believed.astype(np.float32)
    shrink = max(SHRINK, min(height, width) / FINEST)
    coarse = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    sigma = max(1.0, min(coarse) * LIGHT_REACH)
    # Of pixels averaged first, so that noise does not pull the gain down and the sums stay small.
    share = cast(Map, cv2.resize(weight, coarse, interpolation=cv2.INTER_AREA))[..., None]
    before, now = (_shrunk(picture, weight, coarse) / (share + 1e-6) for picture in (moved, colours))
    n = _gathered(np.repeat(share, 3, axis=2), sigma) + 1e-6
    x, y = _gathered(share * before, sigma) / n, _gathered(share * now, sigma) / n
    spread = _gathered(share * before * before, sigma) / n - x * x
    # The small constant holds the gain at 1 where the window is flat and says nothing about it.
    gain = (_gathered(share * before * now, sigma) / n - x * y + 1e-4) / (np.maximum(spread, 0) + 1e-4)
    gain = np.clip(gain, 0.0, 4.0)
    offset = y - gain * x
    full, added = (cv2.resize(fit, (width, height), interpolation=cv2.INTER_LINEAR) for fit in (gain, offset))
    return cast(Map, full), cast(Map, added)


def _shrunk(picture: Map, weight: Map, size: tuple[int, int]) -> Map:
    """Weighted sums over the cells of a grid of size (width, height), per pixel: (h, w, 3)."""
    weighted = cv2.multiply(picture, cv2.merge([weight] * 3))
    return cast(Map, cv2.resize(weighted, size, interpolation=cv2.INTER_AREA))


def _gathered(values: Map, sigma: float) -> Map:
    """Mean over soft windows."""
    return cast(Map, cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


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
    """Change of the luma per pixel of shift: (H, W, 3) -> (H, W)."""
    across, down = slopes(cast(Map, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)))
    return cast(Map, cv2.magnitude(across, down))


def largest(values: Map) -> Map:
    """Largest of three channels: (H, W, 3) -> (H, W); ten times as fast as NumPy's max over an axis."""
    return cast(Map, np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]))


def dot(one: Map, other: Map) -> Map:
    """Sum over three channels of a product: (H, W, 3) twice -> (H, W)."""
    product = one * other
    return cast(Map, product[..., 0] + product[..., 1] + product[..., 2])
