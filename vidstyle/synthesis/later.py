"""What a later frame of a shot is painted from, at its own size and at smaller ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.pictures import resized


@dataclass(frozen=True, eq=False)
class Later:
    """A frame, and what is known of it from the one before; all (1, C, H, W).

    Attributes:
        source: (1, 3, H, W) in 0..1.
        moved: (1, 3, H, W) in 0..1, the last picture, moved along the flow.
        held: in 0..1, where the temporal loss holds it.
        share: in 0..1, of the step size, smaller where strokes are settled.
        young: in 0..1, what is asked for the style by itself; None where that is next to nothing.
        second_moment: (1, 3, H, W), Adam's; None before its first step.
    """

    source: Tensor
    moved: Tensor
    held: Tensor
    share: Tensor
    young: Tensor | None
    second_moment: Tensor | None

    def at(self, size: tuple[int, int]) -> Later:
        """The same of a smaller picture (height, width)."""
        source, moved = (resized(each, size) for each in (self.source, self.moved))
        held, share = (F.interpolate(each, size, mode="area") for each in (self.held, self.share))
        young, moment = (
            None if each is None else F.interpolate(each, size, mode="area")
            for each in (self.young, self.second_moment)
        )
        if moment is not None:  # of fewer pixels each weighs more in a mean, and so does its gradient
            moment = moment * (self.source.numel() / source.numel()) ** 2
        return Later(source, moved, held, share, young, moment)
