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
    """

    age: Map
    stale: Map
    stale_source: Map

    @classmethod
    def none(cls, height: int, width: int) -> Revealed:
        """The first frame of a shot: everything is new, and nothing was there before."""
        blank = np.zeros((height, width, 3), np.float32)
        return cls(np.full((height, width), LONG_AGO, np.float32), blank, blank)

    @property
    def recent(self) -> npt.NDArray[np.bool_]:
        """(H, W) bool: revealed within the last `RECENT` frames, this one among them."""
        return self.age < RECENT

    def after(self, motion: Motion, previous: Map, previous_source: Map) -> Revealed:
        """The same, one frame later.

        Args:
            motion: from the new frame back to the one that this describes.
            previous: (H, W, 3) float32, the stylized picture that this describes.
            previous_source: (H, W, 3) float32, the source's.
        """
        if motion.cut:
            return self.none(*motion.trust.shape)
        new = motion.trust < 0.5

        def carried(memory: Map, fresh: Map) -> Map:
            moved = warp(memory, motion.flow_to_previous, interpolation="linear")
            moved[new] = warp(fresh, motion.flow_to_previous, interpolation="linear")[new]
            return moved

        age = warp(self.age, motion.flow_to_previous, interpolation="linear") + 1
        age[new] = 0
        return Revealed(
            np.minimum(age, LONG_AGO, dtype=np.float32),
            carried(self.stale, previous),
            carried(self.stale_source, previous_source),
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
