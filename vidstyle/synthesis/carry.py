"""What a frame leaves to the next one, and where that lies in it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.regions import belonging, light_within
from vidstyle.synthesis.slip import slip_between
from vidstyle.synthesis.warp import warp, warp_sharp

RENEWED = 0.02
"""Share of what strokes were painted on that each frame renews, or it would blur from warp to warp."""

LASTING = 0.5
"""Share of Adam's momentum that goes over to the next frame, which is a little different."""


@dataclass(frozen=True, eq=False)
class Memory:
    """What the next frame starts from, all (1, C, H, W) float32.

    Attributes:
        seen: what the strokes were painted on, in the light of the frame: the frame itself where they are
            fresh, and what earlier ones showed where they were carried along.
        slip: (1, 2, h, w) pixels, how far that lay beside the frame in the end.
        painted: the picture.
        ripeness: in 0..1, how finished each pixel is.
        young: in 0..1, how lately each came into sight.
        momentum: Adam's, as a `Solution` has it.
        second_moment: Adam's.
        dials: (n,) float32, the `Dials` that it was painted with.
        guides: (1, R, H, W) what belongs to each region; None of a picture without masks.
    """

    seen: Tensor
    slip: Tensor
    painted: Tensor
    ripeness: Tensor
    young: Tensor
    momentum: Tensor
    second_moment: Tensor
    dials: Tensor
    guides: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Carried:
    """A memory, moved along the flow.

    Attributes:
        seen: (1, 3, H, W) in 0..1, what strokes were painted on, and the frame where they are not held.
        slip: (1, 2, h, w) pixels, as in the memory.
        trust: (1, 1, H, W) in 0..1, where the rest holds.
        painted: (1, 3, H, W) in 0..1, the last picture, in the light of the frame.
        ripeness: (1, 1, H, W) in 0..1.
        young: (1, 1, H, W) in 0..1.
        momentum: (1, 4, H, W), none where nothing holds.
        second_moment: (1, 3, H, W), its mean where nothing holds.
    """

    seen: Tensor
    slip: Tensor
    trust: Tensor
    painted: Tensor
    ripeness: Tensor
    young: Tensor
    momentum: Tensor
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
    flow = brought_back(memory.slip, flow, trust)
    if guides is not None and memory.guides is not None:
        # What comes into another region is painted anew, like what was revealed.
        trust = trust * belonging(guides, warp(memory.guides, flow))
    painted, seen = warp_sharp(torch.cat([memory.painted, memory.seen], 1), flow).chunk(2, 1)
    light = trust * light_within(guides, source, seen, trust)
    seen = seen + light
    averages = torch.cat([memory.ripeness, memory.young, memory.momentum, memory.second_moment], 1)
    ripeness, young, momentum, moment = torch.split(warp(averages, flow), [1, 1, 4, 3], 1)
    moment = moment.clamp(min=0)
    return Carried(
        seen=torch.lerp(source, seen, (1 - RENEWED) * trust).clamp(0, 1),
        slip=slip_between(source, seen, trust),
        trust=trust,
        painted=(painted + light).clamp(0, 1),
        ripeness=trust * ripeness,
        young=1 - trust * (1 - young),
        momentum=LASTING * trust * momentum,
        second_moment=torch.lerp(moment.mean((2, 3), keepdim=True).expand_as(moment), moment, trust),
    )


def brought_back(slip: Tensor, flow: Tensor, trust: Tensor) -> Tensor:
    """The flow along which strokes go that had slipped, (1, 2, H, W), as far as it is trusted."""
    whole = F.interpolate(slip, flow.shape[-2:], mode="bilinear", align_corners=False)
    return flow + trust * warp(whole, flow)
