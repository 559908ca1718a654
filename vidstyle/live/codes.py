"""What lies between two layers of the live network, as bytes: for convolutions in 8 bits."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import torch
from torch import Tensor

from vidstyle.features.eight_bits import MOST


class Codes(NamedTuple):
    """Numbers (B, C, H, W), channels last, as bytes: what those count in, and what they count from."""

    values: Tensor
    step: float
    lowest: float = 0.0


def fitted_codes(numbers: Tensor, *, positive: bool) -> Codes:
    """Numbers as bytes, as fine as holds them all.

    Args:
        numbers: (B, C, H, W) float32, finite.
        positive: they are at least 0, and are counted from there.
    """
    lowest = 0.0 if positive else float(numbers.amin())
    return codes_between(numbers, lowest, float(numbers.amax()))


def codes_between(numbers: Tensor, lowest: float, largest: float) -> Codes:
    """Numbers as bytes.

    Args:
        numbers: (B, C, H, W) float32, finite.
        lowest: what bytes count from; a number below is taken for one as far above.
        largest: the most that they hold; more becomes that.
    """
    step = (largest - lowest) / MOST or 1.0
    rows = numbers.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
    # OpenCV scales, rounds and narrows in one pass, on one core; torch takes four.
    codes = cv2.convertScaleAbs(rows.flatten(0, 1).flatten(1).numpy(), alpha=1 / step, beta=-lowest / step)
    return Codes(torch.from_numpy(codes).view(rows.shape).permute(0, 3, 1, 2), step, lowest)
