"""How large a live picture this machine paints as fast as cameras film, where nobody asks for a size."""

from __future__ import annotations

import torch

from vidstyle.features.eight_bits import MOST_OF_KERNEL, most_of_kernel

ON_A_CARD = 1920
ON_CORES = ((4.0, 640), (2.0, 480), (0.0, 320))
"""Longest sides in pixels, and how many cores they take that compute in float32 or in bytes by AVX2.

Two such cores painted 25 pictures of 480x270 a second and 17 of 640x360, two with dot products of bytes 38 of
640x360, and in float32 they take half as long again and more (BENCHMARKS.md, *Live*).
"""


def longest_side(device: torch.device, dtype: torch.dtype, threads: int) -> int:
    """The longest side of pictures that come some 24 times a second or more, pixels.

    Args:
        device: that paints.
        dtype: the arithmetic of its network.
        threads: cores that paint.
    """
    if device.type != "cpu":
        return ON_A_CARD
    worth = threads * _worth(dtype)
    return next(side for least, side in ON_CORES if worth >= least)


def _worth(dtype: torch.dtype) -> float:
    """How many cores one is worth that computes so."""
    if dtype == torch.int8:
        return 2.0 if most_of_kernel() == MOST_OF_KERNEL[0] else 1.0
    return 2.0 if dtype == torch.bfloat16 else 0.5
