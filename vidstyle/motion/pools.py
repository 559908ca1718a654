"""Sums over the pixels that lie near each other and look alike: a bilateral grid (Chen et al. 2007)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vidstyle.motion.colour import Map

CELLS = 8
"""Cells along the picture's short side: two of them are wider than the halo of what moves."""

BINS = (10, 8, 8)
"""Shades of luma, red less luma and blue less luma; finer ones take longer, coarser ones mix surfaces."""

CHROMA = 0.4
"""The largest chroma that is told apart, either way; what is more colourful is as good as grey from it."""


class Pools:
    """The pixels of a picture by place and colour, to add up over wide areas but not over other surfaces.

    A pool is a cell of the picture, in one shade. A surface that others cut in two is in the same pools
    on both sides of them.

    Args:
        colours: (h, w, 3) float32 in 0..1, RGB.
    """

    def __init__(self, colours: Map) -> None:
        height, width = colours.shape[:2]
        side = max(1, -(-min(height, width) // CELLS))
        rows, columns = np.arange(height) // side, np.arange(width) // side
        shades, self._shade = _shades(colours)
        self._shape = (int(rows[-1]) + 1, int(columns[-1]) + 1, *shades)
        cells = rows[:, None] * self._shape[1] + columns
        self._pool = (cells * int(np.prod(shades)) + self._shade).ravel()
        self._down = _between(height, side, self._shape[0])
        self._across = _between(width, side, self._shape[1])

    def gather(self, *values: Map) -> Map:
        """Sums of maps (h, w) over each pool, the nearest shades by half: (maps, rows, columns, *bins)."""
        count = int(np.prod(self._shape))
        sums = np.empty((len(values), count), np.float32)
        for mine, each in zip(sums, values, strict=True):
            mine[:] = np.bincount(self._pool, each.ravel(), minlength=count)
        lumas, *chromas = (_neighbours(count) for count in self._shape[2:])
        cells = sums.reshape(-1, len(lumas), len(chromas[0]) * len(chromas[1]))
        shared: Map = np.matmul(lumas, np.matmul(cells, np.kron(*chromas)))
        return shared.reshape(len(values), *self._shape)

    def spread(self, sums: Map, cells: float) -> Map:
        """`sums`, each pool with those of the same shade around it, by a Gaussian of sigma `cells`."""
        maps, rows, columns = sums.shape[:3]
        sums = np.matmul(_gaussian(rows, cells), sums.reshape(maps, rows, -1))
        sums = np.matmul(_gaussian(columns, cells), sums.reshape(maps * rows, columns, -1))
        return sums.reshape(maps, *self._shape)

    def look_up(self, pooled: Map) -> Map:
        """What the pools hold at each pixel, between cells linearly: (maps, ...) -> (maps, h, w)."""
        maps, rows, columns = pooled.shape[:3]
        flat = pooled.reshape(maps, rows, columns, -1)
        (top, bottom, low), (left, right, far) = self._down, self._across

        def row(at: npt.NDArray[np.int64]) -> Map:
            before = flat[:, at[:, None], left, self._shade]
            return before + far * (flat[:, at[:, None], right, self._shade] - before)

        upper = row(top)
        return upper + low[:, None] * (row(bottom) - upper)


def _shades(colours: Map) -> tuple[tuple[int, int, int], npt.NDArray[np.int64]]:
    """How many shades of each kind there are, and each pixel's number among all of them: (h, w)."""
    red, green, blue = (colours[..., n] for n in range(3))
    luma = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    scaled = (luma, *((each - luma + CHROMA) / (2 * CHROMA) for each in (red, blue)))
    shades = []
    for level, count in zip(scaled, BINS, strict=True):
        index = np.clip(level * count, 0, count - 1).astype(np.int64)
        shades.append(index - index.min())  # no bins for what the picture does not show
    first, second, third = (int(index.max()) + 1 for index in shades)
    return (first, second, third), (shades[0] * second + shades[1]) * third + shades[2]


def _between(length: int, side: int, cells: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Map]:
    """For each pixel along an axis the cells with the nearest middles, and how far towards the second."""
    place = np.clip((np.arange(length) + 0.5) / side - 0.5, 0, cells - 1)
    first = place.astype(np.int64)
    return first, np.minimum(first + 1, cells - 1), (place - first).astype(np.float32)


def _neighbours(count: int) -> Map:
    """(count, count) weights: 1 for each shade itself, half for those beside it."""
    steps = np.arange(count)
    weights: Map = np.maximum(0, 1 - 0.5 * np.abs(steps[:, None] - steps)).astype(np.float32)
    return weights


def _gaussian(count: int, sigma: float) -> Map:
    """(count, count) weights of 1 at no distance."""
    steps = np.arange(count)
    return np.exp(-0.5 * np.square((steps[:, None] - steps) / sigma)).astype(np.float32)
