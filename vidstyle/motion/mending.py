"""Flow mended where it bled from what moves into the ground beside it: there strokes go on with the ground.

Flow fails along every edge and in a wide halo around what moves, and the tests of trust throw out most of
the halo. Pale ground agrees with any flow, that of the thing before it too, so agreement alone does not
tell whose a pixel is. Its colour does, with how all ground of that colour moves (`pooled_flow`); where that
says nothing, the pixels of the same surface do: those that are reached without crossing an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Pixels
from vidstyle.motion.colour import Map, agreement, dot, light_between
from vidstyle.motion.flow import Flow
from vidstyle.motion.pooled import pooled_flow
from vidstyle.motion.pools import Pools
from vidstyle.motion.trust import floats_of, inside
from vidstyle.motion.warp import resized, scaled, warp

Mask = npt.NDArray[np.bool_]

TRUSTED = 0.5
"""Trust from which a flow is good enough to ask."""

PLAIN = 8e-3
"""Squared change of colour per pixel, in the direction of least, below which a pixel is plain ground."""

MISFIT = 0.02
"""Difference in 0..1 beyond which more does not speak more against a flow: what is hidden or revealed."""

NOISE = 1.0
"""Times the ground's typical misfit that its pools may explain it worse than the flow as found."""

AROUND = 2.0
"""Sigma in cells of the ground that is asked whether its flow as found agrees with that of the pools."""

LIKELY, SURE = 0.6, 0.8
"""Share of that ground which must: where flow is distrusted, and where it is trusted."""

NEARLY, AWAY = 0.5, 1.0
"""Pixels between two flows: below the first the one that was found stays, above the second one is wrong."""

SEED = 8
"""Side in pixels of the patches of trusted flow that spread over their surface."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What the pools say of plain ground, at the size of the frame.

    Attributes:
        flow: (H, W, 2) float32, what the ground of each pixel's colour does.
        found: (H, W) bool, plain ground that this flow explains better than the flow as found.
        revealed: (H, W) bool, plain ground that it does not explain, though it explains the ground around.
        agrees: (H, W) bool, roughly where the colours agree with it, plain or not.
    """

    flow: Flow
    found: Mask
    revealed: Mask
    agrees: Mask


def mended(frame: Frame | Pixels, previous: Frame | Pixels, flow: Flow, trust: Map) -> tuple[Flow, Map]:
    """Flow and trust, with the flow of the ground or of the same surface where that is likelier.

    Args:
        frame: the current frame, or its (H, W, 3) RGB pixels.
        previous: the one before.
        flow: (H, W, 2) float32 pixels, from `frame` to `previous`.
        trust: (H, W) float32 in 0..1, as `trust_of` tells.

    Returns:
        The flow, and the trust: more where it was in vain, less where ground was revealed and the flow's
        own tests did not see it.
    """
    trusted = trust >= TRUSTED
    if min(trust.shape) < 2 * SEED or not trusted.any():
        return flow, trust
    now, then = (floats_of(picture) for picture in (frame, previous))
    ground, relit = _seen_at_half_size(now, then, flow, trusted)
    known, found = trusted | ground.found, ground.found
    candidate = _laid(ground.flow, found, flow)
    candidate = _laid(_of_same_surface(now, candidate, known), ~known, candidate)
    candidate = _laid(ground.flow, ~known & ground.agrees, candidate)
    agreed = agreement(now, warp(relit, candidate, interpolation="linear"), trusted)
    agreed = cast(Map, cv2.erode(agreed, np.ones((3, 3), np.uint8)) * inside(candidate))
    # Trust in the flow as found outlives what speaks for another flow only if they are nearly the same.
    apart = _length(ground.flow - flow) >= AWAY
    kept = np.where((found | ground.revealed) & apart, np.float32(0), trust)
    taken = found | (~trusted & (agreed > kept))
    return _laid(candidate, taken, flow), np.where(found | ~trusted, np.maximum(agreed, kept), kept)


def _seen_at_half_size(now: Map, then: Map, flow: Flow, trusted: Mask) -> tuple[Ground, Map]:
    """What the pools say, and `then` in the light of `now`: by half the size, for a quarter of the time."""
    size = (now.shape[1], now.shape[0])
    half = (size[0] // 2, size[1] // 2)
    small_now, small_then, believed = (
        resized(each, half) for each in (now, then, trusted.astype(np.float32))
    )
    small_flow = scaled(flow, half)
    moved = warp(small_then, small_flow, interpolation="linear")
    gain, offset = light_between(moved, small_now, believed > 0.5)
    ground = _ground(small_now, gain * small_then + offset, small_flow, believed > 0.5, size)
    return ground, resized(gain, size) * then + resized(offset, size)


def _ground(now: Map, then: Map, flow: Flow, believed: Mask, size: tuple[int, int]) -> Ground:
    """What the pools say, from pictures of half the size in the same light; `size` is the frame's."""
    pools = Pools(now)
    pooled, texture = pooled_flow(now, then, flow, pools)
    plain = texture < PLAIN
    misfit, as_found = (_misfit(now, warp(then, each, interpolation="linear")) for each in (pooled, flow))
    typical = float(np.median(as_found[plain])) if plain.any() else 0.0
    many = _soft(plain.astype(np.float32)) + 1e-3
    nearly = (_soft(misfit * plain) - _soft(as_found * plain)) / many < NOISE * typical
    agrees = misfit < MISFIT**2 / 2
    explained = plain & nearly & agrees
    # Pools that other things share, or that a shadow crosses, are wrong; on most ground DIS is not.
    apart = 2 * _length(pooled - flow)
    masks = (explained & believed & (apart < AWAY), plain & believed)
    confirmed, asked = pools.spread(pools.gather(*(mask.astype(np.float32) for mask in masks)), AROUND)
    share = pools.look_up((confirmed / (asked + 1e-3))[None])[0]
    found = explained & np.where(believed, (share > SURE) & (apart > NEARLY), share > LIKELY)
    revealed = plain & ~explained & ~agrees & (share > SURE)

    def whole(mask: Mask, share: float = 0.5) -> Mask:
        return resized(mask.astype(np.float32), size) > share

    return Ground(
        scaled(pooled, size), whole(found), whole(revealed, 0.2), whole(agrees & (share > LIKELY / 2))
    )


def _of_same_surface(now: Map, flow: Flow, known: Mask) -> Flow:
    """The flow, where it is not known that of the pixels reached first over the least edges (a watershed).

    So does EpicFlow (Revaud et al. 2015) spread matches: surfaces end at edges, and motion with them.
    """
    height, width = known.shape
    rows, columns = np.arange(height) // SEED, np.arange(width) // SEED
    patch = np.where(known, rows[:, None] * (columns[-1] + 1) + columns + 1, 0)
    picture = np.rint(255 * cv2.GaussianBlur(now, (0, 0), 0.8)).astype(np.uint8)
    reached = cv2.watershed(picture, patch.astype(np.int32)).astype(np.float32)
    # Where two patches meet it says -1.
    reached = np.where(reached > 0, reached, cv2.dilate(reached, np.ones((3, 3), np.uint8))).astype(np.int64)
    count = int(patch.max()) + 1
    many = np.maximum(np.bincount(patch.ravel(), minlength=count), 1)
    means = [np.bincount(patch.ravel(), flow[..., n].ravel(), minlength=count) / many for n in (0, 1)]
    return cast(Flow, np.stack(means, axis=1).astype(np.float32)[reached])


def _laid(over: Flow, where: Mask, flow: Flow) -> Flow:
    """One flow over another, where a mask says so; ten times as fast as NumPy's `where` of vectors."""
    return cast(Flow, cv2.copyTo(over, where.astype(np.uint8), flow.copy()))


def _length(vectors: Map) -> Map:
    return cast(Map, cv2.magnitude(*cv2.split(vectors)))


def _misfit(now: Map, moved: Map) -> Map:
    """Squared difference, summed over the channels, at most `MISFIT` squared: (h, w)."""
    difference = now - moved
    return np.minimum(dot(difference, difference), MISFIT**2)


def _soft(values: Map) -> Map:
    return cast(Map, cv2.GaussianBlur(values, (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE))
