"""What keeps a live picture steady: the last one, moved along, where it can be trusted."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.motion import warp

MOST_HELD = 0.9
"""Share of the last picture at a steadiness of 1, where its source changed: what is wrong halves in seven
frames."""


def steadied(painted: Tensor, last: Tensor, flow: Tensor, held: Tensor) -> Tensor:
    """A picture held back by the last one: painted + held (moved - painted).

    Since less than all is held, the newly painted picture always pulls, and what is wrong in the last one
    fades.

    Args:
        painted: (1, 3, H, W), the frame as the network painted it.
        last: (1, 3, H, W), what was shown before.
        flow: (1, 2, H, W) float32, pixels, x then y, from the frame to the one before.
        held: (1, 1, H, W) shares of what was shown, in 0..1.

    Returns:
        (1, 3, H, W).
    """
    # Not lerp, which is slow where one weight serves three channels.
    return torch.addcmul(painted, moved(last, flow).sub_(painted), held)


def moved(image: Tensor, flow: Tensor) -> Tensor:
    """The image that was, where it is now: result(p) = image(p + flow(p)).

    By cubic splines, as what is held was moved in every frame: linearly, strokes would blur. OpenCV's take no
    longer than torch's linear ones.
    """
    if image.device.type == "cpu":
        pixels, way = (each[0].permute(1, 2, 0).contiguous().numpy() for each in (image, flow))
        return torch.from_numpy(warp(pixels, way, interpolation="cubic")).permute(2, 0, 1)[None]
    height, width = image.shape[-2:]
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
