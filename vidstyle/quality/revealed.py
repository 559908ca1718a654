"""Areas revealed a few frames ago, and what a careless painter would have left standing there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from vidstyle.features import FeatureNetwork
from vidstyle.frames import Motion
from vidstyle.motion import warp
from vidstyle.motion.trust import inside
from vidstyle.quality.style import Moments, style_distance

Map = npt.NDArray[np.float32]

RECENT = 5  # frames for which an area counts as newly revealed
LONG_AGO = 1e4  # frames: seen since the start of the shot
LEAST_SHARE = 0.005  # of the picture: fewer pixels have no style of their own to measure


@dataclass(frozen=True, eq=False)
class Revealed:
    """What came into sight in this shot, and what stood there before.

    The stale pictures are what a painter gets who believes the flow where it cannot be believed:
    the picture before, warped onto the revealed pixels and carried along from then on.

    Attributes:
        age: (H, W) float32, frames since the pixel came into sight: 0 now, `LONG_AGO` if never.
        stale: (H, W, 3) float32, what the stylized picture held there before.
        stale_source: (H, W, 3) float32, what the source held there before.
        from_inside: (H, W) float32, 1 where the flow led back into the picture as the pixel came into
            sight, 0 where it came in over the border and nothing stood there before.
    """

    age: Map
    stale: Map
    stale_source: Map
    from_inside: Map

    @classmethod
    def none(cls, height: int, width: int) -> Revealed:
        """The first frame of a shot: everything is new, and nothing was there before."""
        blank = np.zeros((height, width, 3), np.float32)
        return cls(np.full((height, width), LONG_AGO, np.float32), blank, blank, blank[..., 0])

    @property
    def recent(self) -> npt.NDArray[np.bool_]:
        """(H, W) bool: revealed within the last `RECENT` frames, this one among them."""
        return self.age < RECENT

    @property
    def hidden(self) -> npt.NDArray[np.bool_]:
        """(H, W) bool: something else in the picture stood before it, or was taken to."""
        return self.from_inside > 0.9

    def after(self, motion: Motion, previous: Map, previous_source: Map, source: Map) -> Revealed:
        """The same, one frame later.

        Args:
            motion: from the new frame back to the one that this describes.
            previous: (H, W, 3) float32, the stylized picture that this describes.
            previous_source: (H, W, 3) float32, the source's.
            source: (H, W, 3) float32, the source's new frame.
        """
        if motion.cut:
            return self.none(*motion.trust.shape)

        def moved(values: Map) -> Map:
            return warp(values, motion.flow_to_previous, interpolation="linear")

        was, before = moved(self.stale_source), moved(previous_source)
        age = moved(self.age) + 1
        # Flow stays distrusted beside an edge for some frames. What came into sight with the first of
        # them has not come again with the next: of the two, what is least like the new frame has gone.
        within = inside(motion.flow_to_previous)
        again = within & (age < RECENT) & (_distance(was, source) > _distance(before, source))
        new = (motion.trust < 0.5) & ~again

        def renewed(carried: Map, fresh: Map) -> Map:
            carried[new] = fresh[new]
            return carried

        return Revealed(
            np.minimum(renewed(age, np.zeros_like(age)), LONG_AGO, dtype=np.float32),
            renewed(moved(self.stale), moved(previous)),
            renewed(was, before),
            renewed(moved(self.from_inside), within.astype(np.float32)),
        )


def revealed_ratio(
    taps: Sequence[Tensor],
    alone: Sequence[Tensor],
    style: Sequence[Moments],
    network: FeatureNetwork,
    recent: npt.NDArray[np.bool_],
) -> float:
    """Style distance in newly revealed areas over that of the same areas in the frame stylized alone.

    1 is ideal; grey or smeared patches raise it.

    Args:
        taps: of the stylized frame.
        alone: taps of the same frame, stylized without any other.
        style: what to compare with.
        network: which taps hold the style.
        recent: (H, W) bool, the areas (`Revealed.recent`).

    Returns:
        The ratio; NaN where the areas are too small to tell.
    """
    if recent.mean() < LEAST_SHARE:
        return math.nan
    ideal = style_distance(alone, style, network, recent)
    return style_distance(taps, style, network, recent) / ideal if ideal > 0 else math.nan


def _distance(picture: Map, other: Map) -> Map:
    """Largest difference over the channels, (H, W)."""
    largest: Map = np.abs(picture - other).max(axis=2)
    return largest
