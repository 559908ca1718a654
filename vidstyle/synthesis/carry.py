"""What a frame leaves to the next one, and where that lies in it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vidstyle.synthesis.regions import belonging, light_within
from vidstyle.synthesis.warp import warp, warp_sharp


@dataclass(frozen=True, eq=False)
class Memory:
    """What the next frame starts from, all (1, C, H, W) float32.

    Attributes:
        source: the frame, as painted from.
        painted: the picture.
        ripeness: in 0..1, how finished each pixel is.
        second_moment: Adam's.
        dials: (n,) float32, the `Dials` that it was painted with.
        guides: (1, R, H, W) what belongs to each region; None of a picture without masks.
    """

    source: Tensor
    painted: Tensor
    ripeness: Tensor
    second_moment: Tensor
    dials: Tensor
    guides: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Carried:
    """A memory, moved along the flow.

    Attributes:
        trust: (1, 1, H, W) in 0..1, where the rest holds.
        painted: (1, 3, H, W) in 0..1, the last picture, in the light of the frame.
        ripeness: (1, 1, H, W) in 0..1.
        second_moment: (1, 3, H, W), its mean where nothing holds.
    """

    trust: Tensor
    painted: Tensor
    ripeness: Tensor
    second_moment: Tensor


def carried(memory: Memory, source: Tensor, flow: Tensor, trust: Tensor, guides: Tensor | None) -> Carried:
    """What a memory says about the next frame. Never waits for the device.

    Args:
        memory: of the frame before.
        source: (1, 3, H, W) in 0..1, the frame.
        flow: (1, 2, H, W) pixels, x then y, to the frame before.
        trust: (1, 1, H, W) in 0..1.
        guides: (1, R, H, W) what belongs to each region of the frame; None without masks.
    """
    if guides is not None and memory.guides is not None:
        # What comes into another region is painted anew, like what was revealed.
        trust = trust * belonging(guides, warp(memory.guides, flow))
    light = trust * light_within(guides, source, warp(memory.source, flow), trust)
    moment = warp(memory.second_moment, flow).clamp(min=0)
    return Carried(
        trust=trust,
        painted=(warp_sharp(memory.painted, flow) + light).clamp(0, 1),
        ripeness=trust * warp(memory.ripeness, flow),
        second_moment=torch.lerp(moment.mean((2, 3), keepdim=True).expand_as(moment), moment, trust),
    )
