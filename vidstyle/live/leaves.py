"""Pictures to practise on where there is no footage: leaves that fall on each other.

The dead leaves model (Matheron 1968; Lee, Mumford and Huang 2001): opaque shapes whose sizes follow a
power law cover each other until nothing else is seen. Its edges and scales are distributed as those of
photographs. Shading and grain within the leaves give flat areas something to paint on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

LEAVES = 160
SMALLEST, LARGEST = 0.02, 0.6  # radius of a leaf as a share of the picture's height
SHAPE = Fraction(16, 9)  # width over height of those that stand in for footage
CORNERS = (3, 12)  # of a leaf; many make it round


def made_up(height: int, seed: int) -> Iterator[npt.NDArray[np.float32]]:
    """Endless pictures (height, 16/9 height, 3) float32 RGB in 0..1, always the same for a seed."""
    generator = np.random.default_rng(seed)
    while True:
        yield dead_leaves(height, round(height * SHAPE), generator)


def dead_leaves(height: int, width: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """(height, width, 3) float32 RGB in 0..1."""
    canvas = _shade(height, width, generator)
    radii = height / np.sqrt(generator.uniform(LARGEST**-2, SMALLEST**-2, LEAVES))  # density ~ radius^-3
    for radius in np.sort(radii)[::-1]:  # large ones first, or nothing small would be seen
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [_outline(height, width, float(radius), generator)], 1, cv2.LINE_8)
        rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
        if not len(rows):
            continue
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        leaf = _shade(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1, generator)
        canvas[box] = np.where(mask[box][:, :, None] > 0, leaf, canvas[box])
    return np.clip(cv2.GaussianBlur(canvas, (0, 0), generator.uniform(0.4, 1.0)), 0, 1)


def _outline(height: int, width: int, radius: float, generator: np.random.Generator) -> npt.NDArray[np.int32]:
    corners = int(generator.integers(*CORNERS))
    angles = np.sort(generator.uniform(0, 2 * math.pi, corners))
    reach = radius * generator.uniform(0.6, 1.4, corners)
    centre = generator.uniform(0, 1, 2) * (width, height)
    points = centre + np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None]
    return points.round().astype(np.int32)


def _shade(height: int, width: int, generator: np.random.Generator) -> npt.NDArray[np.float32]:
    """A colour that changes slowly over the area, with grain on it."""
    corners = generator.uniform(0, 1, (1, 1, 3)) + generator.normal(0, 0.12, (2, 2, 3))
    shade = cv2.resize(corners.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    size = max(1, round(height / generator.uniform(2, 16))), max(1, round(width / generator.uniform(2, 16)))
    noise = generator.normal(0, generator.uniform(0, 0.12), size).astype(np.float32)
    grain = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    shaded: npt.NDArray[np.float32] = (shade + grain[:, :, None]).astype(np.float32)
    return shaded
