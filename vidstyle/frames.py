"""The things that travel between rooms: frames, and how the picture moved between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a stream.

    Attributes:
        pixels: (H, W, 3) RGB, uint8 in 0..255 or float32 in 0..1, upright (rotation applied).
        pts: presentation time in units of `time_base`.
        time_base: seconds per tick of `pts`.
        index: position in the stream, from 0.
        alpha: (H, W) how opaque each pixel is, uint8 in 0..255 or float32 in 0..1; None: all of them are.
            Painters see the colours alone, and `with_pixels` takes it along.
        masks: (H, W) float32 in 0..1 each, how much of each pixel lies under it; a later mask covers
            the earlier ones.
    """

    pixels: Pixels
    pts: int = 0
    time_base: Fraction = Fraction(1, 25)
    index: int = 0
    alpha: Pixels | None = None
    masks: tuple[npt.NDArray[np.float32], ...] = ()

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.pixels.shape[1])

    @property
    def seconds(self) -> Fraction:
        """Presentation time in seconds, exactly."""
        return self.pts * self.time_base

    def floats(self) -> npt.NDArray[np.float32]:
        """(H, W, 3) float32 in 0..1."""
        if self.pixels.dtype == np.uint8:
            return np.divide(self.pixels, np.float32(255), dtype=np.float32)
        return self.pixels.astype(np.float32, copy=False)

    def bytes(self) -> npt.NDArray[np.uint8]:
        """(H, W, 3) uint8 in 0..255, rounded and clipped."""
        if self.pixels.dtype == np.uint8:
            return self.pixels.astype(np.uint8, copy=False)
        return (np.clip(self.floats(), 0, 1) * 255 + 0.5).astype(np.uint8)

    def regions(self) -> npt.NDArray[np.float32]:
        """(1 + masks, H, W) float32: how much of each pixel belongs to each region; they sum to 1.

        Region 0 is what no mask covers, region n what shows of the nth mask under those after it.
        """
        left = np.ones((self.height, self.width), np.float32)
        shares = []
        for mask in reversed(self.masks):
            shares.append(left * mask)
            left = left * (1 - mask)
        return np.stack([left, *reversed(shares)])

    def with_pixels(self, pixels: Pixels) -> Frame:
        """The same moment of the stream with another picture."""
        return replace(self, pixels=pixels)


@dataclass(frozen=True, eq=False)
class Motion:
    """How a frame follows from the one before it.

    For painters it may be that of a smaller picture, whose pixels the flow then counts.

    Attributes:
        flow_to_previous: (H, W, 2) float32, pixels, x then y: what lies at p in this frame
            lay at p + flow in the previous one.
        trust: (H, W) float32 in 0..1: how far the flow may be believed (0 where revealed).
        cut: this frame is the first of a shot; flow and trust are then zero.
        still: this frame shows what the previous one showed; the flow is zero, and certain.
        change: mean squared difference to the previous frame, moved along, where trusted, in 0..1; None where
            nobody asked.
    """

    flow_to_previous: npt.NDArray[np.float32]
    trust: npt.NDArray[np.float32]
    cut: bool
    still: bool = False
    change: float | None = None

    @classmethod
    def first_of_shot(cls, height: int, width: int) -> Motion:
        """No motion, no trust: the start of a stream or of a shot."""
        return cls(np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.float32), cut=True)
