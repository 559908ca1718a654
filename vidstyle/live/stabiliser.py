"""What keeps a live picture steady: the last one, moved along, where it can be trusted."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.frames import Motion
from vidstyle.motion.quick import SOME
from vidstyle.motion.warp import remapped, scaled
from vidstyle.synthesis.pictures import flow_on, shares_on

MOST_HELD = 0.9
"""Share of the last picture at a steadiness of 1, where its source changed: what is wrong halves in seven
frames."""

LIVELY = 0.6
"""Share of the source's own change that a picture may change by, where holding more brings that about."""

CALMER = 2
"""By this the share of the new picture is divided at most: what is wrong still halves in five frames."""


def calmed(least: float, back: Tensor, motion: Motion, frames: int) -> float:
    """How much of the last picture to hold, so that a picture changes no more than what was filmed.

    A network that makes strokes of what a codec leaves between two frames is held more than one that hardly
    sees it: what a new picture brings shall be `LIVELY` of the source's own change or less.

    Args:
        least: share to hold in any case, in 0..1.
        back: (1, 3, H, W), what leads from the new picture back to the last one, moved along.
        motion: from the frame before.
        frames: pictures in this style so far: the first are no average of many, and one fades over quickly.

    Returns:
        A share, at least `least`, which it is where the motion does not tell the source's change.
    """
    if motion.change is None:
        return least
    some = back[..., SOME, SOME]
    weights = shares_on(motion.trust, (some.shape[2], some.shape[3]), back.device)
    squared = (some.square().mean(1, keepdim=True) * weights).sum() / weights.sum().clamp(min=1.0)
    pull, allowed = sqrt(float(squared)), LIVELY * sqrt(motion.change)
    if (1 - least) * pull <= allowed:
        return least
    most = min(1 - (1 - least) / CALMER, frames / (frames + 1))
    return max(least, min(1 - allowed / pull, most))


def steadied(painted: Tensor, back: Tensor, held: Tensor) -> Tensor:
    """A picture held back by the last one: painted + held back.

    Since less than all is held, the newly painted picture always pulls, and what is wrong in the last one
    fades.

    Args:
        painted: (1, 3, H, W), the frame as the network painted it.
        back: (1, 3, H, W), what leads from there to the last picture, moved along.
        held: (1, 1, H, W) shares of it, in 0..1.

    Returns:
        (1, 3, H, W).
    """
    if held.device.type == "cpu":  # torch is five times as slow where one weight serves three channels
        weights = cv2.merge([held[0, 0].numpy()] * 3)
        held = torch.from_numpy(weights).permute(2, 0, 1)[None]
    return torch.addcmul(painted, back, held)


def moved(image: Tensor, motion: Motion) -> Tensor:
    """The image that was, (1, C, H, W), where it is now: result(p) = image(p + flow(p)).

    By cubic splines, as what is held was moved in every frame: linearly, strokes would blur. OpenCV's take no
    longer than torch's linear ones.
    """
    height, width = image.shape[-2:]
    if image.device.type == "cpu":
        way = scaled(motion.flow_to_previous, (width, height))
        pixels = image[0].permute(1, 2, 0).contiguous().numpy()
        there = torch.from_numpy(remapped(pixels, way, interpolation="cubic"))
        return there.permute(2, 0, 1)[None].clamp_(0, 1)
    flow = flow_on(motion, (height, width), image.device)
    shares = flow.new_tensor([2 / width, 2 / height])
    grid = torch.addcmul(_positions(height, width, image.device), flow.permute(0, 2, 3, 1), shares)
    mode = "bicubic" if image.is_cuda else "bilinear"  # Metal lacks cubic ones
    result = F.grid_sample(image, grid.to(image.dtype), mode, padding_mode="border", align_corners=False)
    return result.clamp_(0, 1)


@lru_cache(maxsize=4)
def _positions(height: int, width: int, device: torch.device) -> Tensor:
    """(1, H, W, 2) where each pixel lies, x then y, from -1 to 1 between the picture's edges."""
    xs = (torch.arange(width, device=device) * 2 + 1) / width - 1
    ys = (torch.arange(height, device=device) * 2 + 1) / height - 1
    return torch.stack([xs.expand(height, width), ys[:, None].expand(height, width)], dim=-1)[None]
