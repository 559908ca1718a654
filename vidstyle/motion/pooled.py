"""The flow of flat ground, from faint changes of colour over wide areas (Lucas and Kanade 1981, in pools).

DIS measures motion on patches of a few pixels. Where these show nothing, in a clear sky or on still water,
it goes on with the flow of whatever moves nearby. What a patch does not show, a wide area does.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from vidstyle.motion.colour import Map, dot, largest, slopes
from vidstyle.motion.flow import Flow
from vidstyle.motion.pools import Pools
from vidstyle.motion.warp import warp

WIDE, NEAR = 4.0, 2.0
"""Sigmas in cells of the areas that are added up: the wide one holds the near one where that shows little."""

HOLD = 8e-4
"""Weight of what holds, beside squared changes of colour per pixel: the noise of about twenty pixels."""

STEEP = 0.06
"""Change of colour per pixel, over three channels, above which a patch is enough, and edges disagree."""

UNEXPLAINED = 0.003
"""Difference in 0..1 that is left, at which a pixel counts half: what is hidden or revealed says nothing."""


def pooled_flow(now: Map, then: Map, flow: Flow, pools: Pools) -> tuple[Flow, Map]:
    """The flow of each pixel's surface, by its pools; and how much there is to see at the pixel itself.

    Args:
        now: (h, w, 3) float32 in 0..1.
        then: (h, w, 3) float32, the picture before, in the light of this one.
        flow: (h, w, 2) float32, from `now` to `then`, pixels.
        pools: of `now`.

    Returns:
        The flow (h, w, 2) float32; and (h, w) float32, squared change of colour per pixel in the
        direction in which there is least of it (the structure tensor's smaller eigenvalue).
    """
    moved = warp(then, flow, interpolation="linear")
    across, down = slopes(cast(Map, (now + moved) / 2))
    left = now - moved
    xx, xy, yy = dot(across, across), dot(across, down), dot(down, down)
    # What a pixel says: across * x + down * y is what is left, for the flow x, y that is missing.
    flat = cv2.erode((xx + yy < STEEP**2).astype(np.float32), np.ones((3, 3), np.uint8))
    weight = flat / (1 + np.square(np.square(largest(np.abs(_soft(left))) / UNEXPLAINED)))
    x = dot(across, left) + xx * flow[..., 0] + xy * flow[..., 1]
    y = dot(down, left) + xy * flow[..., 0] + yy * flow[..., 1]
    sums = pools.gather(*(weight * each for each in (xx, xy, yy, x, y)))
    found = np.median(flow[::4, ::4].reshape(-1, 2), axis=0).astype(np.float32)
    wide = _solved(pools.spread(sums, WIDE), found.reshape(2, 1, 1, 1, 1, 1))
    near = _solved(pools.spread(sums, NEAR), wide)
    pooled = np.ascontiguousarray(pools.look_up(near).transpose(1, 2, 0))
    return pooled, _least(_soft(xx), _soft(xy), _soft(yy))


def _solved(sums: Map, held: Map) -> Map:
    """The flows (2, ...) that explain sums (5, ...) best and stay near those that hold them."""
    xx, xy, yy, x, y = sums
    xx, yy, x, y = xx + HOLD, yy + HOLD, x + HOLD * held[0], y + HOLD * held[1]
    return cast(Map, np.stack([yy * x - xy * y, xx * y - xy * x]) / (xx * yy - xy * xy))


def _least(xx: Map, xy: Map, yy: Map) -> Map:
    """The smaller eigenvalue of [[xx, xy], [xy, yy]]."""
    return cast(Map, (xx + yy) / 2 - cv2.magnitude((xx - yy) / 2, xy))


def _soft(values: Map) -> Map:
    return cast(Map, cv2.GaussianBlur(values, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE))
