"""Regions without a style: they show the source, whatever is painted beside them."""

from __future__ import annotations

from collections.abc import Sequence

from vidstyle.frames import Frame, Motion
from vidstyle.synthesis.stylizer import State, StylePicture, Stylizer


class Sparing:
    """Another stylizer whose pictures show under some masks only; fulfils `Stylizer`.

    The last word on a picture: strokes that wobble, are held or close a loop do so in their regions.

    Args:
        stylizer: paints.
        regions: those that show its pictures; in all others each pixel is the source's own.
    """

    def __init__(self, stylizer: Stylizer, regions: Sequence[int]) -> None:
        self._stylizer = stylizer
        self._regions = list(regions)

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        return self._spared(frame, self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot."""
        return self._spared(frame, self._stylizer.next(frame, motion))

    def state(self) -> State:
        """All that the next frame depends on."""
        return self._stylizer.state()

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore(state)

    def _spared(self, frame: Frame, painted: Frame) -> Frame:
        share = frame.regions()[self._regions].sum(0)[:, :, None]
        mixed = painted.with_pixels(share * painted.floats() + (1 - share) * frame.floats())
        return mixed.with_pixels(mixed.bytes()) if painted.pixels.dtype == "uint8" else mixed


def spared(stylizer: Stylizer, styles: Sequence[StylePicture], masks: int) -> Stylizer:
    """The stylizer, sparing the regions that none of the styles is for.

    Args:
        stylizer: paints.
        styles: of all regions.
        masks: how many each frame has.
    """
    regions = sorted({style.region for style in styles})
    return stylizer if len(regions) == masks + 1 else Sparing(stylizer, regions)
