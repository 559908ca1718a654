"""Pictures as tensors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vidstyle.frames import Pixels

CPU = torch.device("cpu")


def tensor_of(pixels: Pixels, device: torch.device = CPU) -> Tensor:
    """(1, 3, H, W) float32 in 0..1 of (H, W, 3) pixels, uint8 or float."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).to(device).permute(2, 0, 1)[None].float()
    return tensor / 255 if pixels.dtype == np.uint8 else tensor


def pixels_of(image: Tensor) -> Pixels:
    """(H, W, 3) of (1, 3, H, W) uint8 or float32, on the CPU."""
    pixels = image[0].permute(1, 2, 0)
    if not pixels.is_cuda:
        return pixels.contiguous().cpu().numpy()
    # Memory that the card writes to by itself: some ten times as fast.
    there = torch.empty(pixels.shape, dtype=pixels.dtype, pin_memory=True)
    return there.copy_(pixels).numpy()
