"""What may change from frame to frame and shifts a picture's colours as it does."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vidstyle.synthesis.colors import Colors, pixel_moments

FOLLOW = 1 / 8
"""Share by which a shot's palette follows each frame's: within half a second a pan has its own colours."""


@dataclass(frozen=True)
class Dials:
    """Where a frame stands between its source and its styles.

    Attributes:
        strength: 0 is the source, 1 the styles.
        shares: of the styles; they sum to 1.
        palette: mean and covariance of the colours that the styles are moved to, 12 numbers; None leaves
            them their own.
    """

    strength: float
    shares: tuple[float, ...]
    palette: tuple[float, ...] | None = None

    def tensor(self) -> Tensor:
        """All numbers in a row, float32: how a `State` keeps them."""
        return torch.tensor([self.strength, *self.shares, *(self.palette or ())])

    @classmethod
    def of(cls, numbers: Tensor, styles: int) -> Dials:
        """What `tensor` gave, of so many styles."""
        strength, *rest = numbers.tolist()
        return cls(strength, tuple(rest[:styles]), tuple(rest[styles:]) or None)


def palette_of(image: Tensor, before: tuple[float, ...] | None = None) -> tuple[float, ...]:
    """Mean and covariance of an image's colours, or, after others, a step of `FOLLOW` from those."""
    mean, covariance = pixel_moments(image)
    own = torch.cat([mean, covariance.flatten()]).float()
    if before is not None:
        own = torch.lerp(torch.tensor(before), own, FOLLOW)
    return tuple(own.tolist())


def colors_of(palette: tuple[float, ...]) -> Colors:
    """The colours that `palette_of` measured."""
    numbers = torch.tensor(palette, dtype=torch.float64)
    return Colors(numbers[:3], numbers[3:].view(3, 3))
