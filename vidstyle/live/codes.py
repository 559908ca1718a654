"""What lies between two layers of the live network, as bytes: for convolutions in 8 bits."""

from __future__ import annotations

import cv2
import torch
from torch import Tensor

from vidstyle.features.eight_bits import MOST


def fitted_codes(numbers: Tensor, *, positive: bool) -> tuple[Tensor, float, float]:
    """Bytes that count numbers in a step, the step, and what they count from: as fine as holds them all.

    Args:
        numbers: (B, C, H, W) float32, finite.
        positive: they are at least 0, and are counted from there.
    """
    lowest = 0.0 if positive else float(numbers.amin())
    step = (float(numbers.amax()) - lowest) / MOST or 1.0
    rows = numbers.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
    # OpenCV scales, rounds and narrows in one pass, on one core; torch takes four.
    codes = cv2.convertScaleAbs(rows.flatten(0, 1).flatten(1).numpy(), alpha=1 / step, beta=-lowest / step)
    return torch.from_numpy(codes).view(rows.shape).permute(0, 3, 1, 2), step, lowest
