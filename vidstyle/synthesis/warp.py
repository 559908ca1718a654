"""Pictures moved along a flow, on the device that paints them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def warp(image: Tensor, flow: Tensor, mode: str = "bicubic") -> Tensor:
    """The image that was, seen where it is now: result(p) = image(p + flow(p)).

    Args:
        image: (1, C, H, W), the previous picture.
        flow: (1, 2, H, W) float32, pixels, x then y, from the current picture to the previous.
        mode: "bicubic" keeps strokes crisp over many frames; "bilinear" neither rings nor sharpens.

    Returns:
        (1, C, H, W); the border's pixels stand for what lies beyond it.
    """
    height, width = image.shape[-2:]
    ys, xs = torch.meshgrid(
        torch.arange(height, device=flow.device, dtype=flow.dtype),
        torch.arange(width, device=flow.device, dtype=flow.dtype),
        indexing="ij",
    )
    grid = torch.stack(
        [
            (xs + flow[0, 0]) * (2 / max(width - 1, 1)) - 1,
            (ys + flow[0, 1]) * (2 / max(height - 1, 1)) - 1,
        ],
        dim=-1,
    )[None]
    return F.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=True)
