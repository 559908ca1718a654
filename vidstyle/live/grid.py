"""What keeps the grid of the network's own strides out of flat areas.

The last layers paint each of four by four neighbouring pixels with kernels of its own. In a sky, where
there is nothing else to see, the difference between them shows as a screen of that period. It stays where
it is while strokes do not: the mean of many such squares has it and hardly anything else, and is taken off.
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

PERIOD = 4  # pixels
APART = 4  # squares between the places where the mean is taken
AROUND = 8  # squares, a side, that it is taken over: of a stroke a fiftieth part is lost


def without_grid(squares: Tensor) -> Tensor:
    """Colours less what repeats itself from square to square.

    A slope has a period as well, in the squares, and stays: the levels of the squares beside tell it.

    Args:
        squares: (B, 48, H / 4, W / 4), a picture (B, 3, H, W) `folded` by two and by two again.
    """
    height, width = squares.shape[-2:]
    mean = _mean_squares(squares)
    level, surface = _kernels(squares.device, squares.dtype)
    levels = F.pad(F.conv2d(mean, level), (1, 1, 1, 1), mode="replicate")
    grid = mean - F.conv2d(levels, surface)
    grid = F.interpolate(grid, scale_factor=APART, mode="bilinear", align_corners=False)
    return squares - grid[..., :height, :width]


def _mean_squares(squares: Tensor) -> Tensor:
    """Means over `AROUND` squares a side, `APART` apart, or those of them that lie within the picture."""
    return _sums(squares) / _counts(*squares.shape[-2:], squares.device, squares.dtype)


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # kept, for lessons as well
def _counts(height: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """How many squares lie within each window."""
    return _sums(torch.ones(1, 1, height, width, device=device, dtype=dtype))


def _sums(squares: Tensor) -> Tensor:
    # Of quarters of a window, which four windows share: so numbers are read once.
    quarters = F.avg_pool2d(squares, APART, APART, APART // 2, ceil_mode=True, divisor_override=1)
    missing = [
        -(-side // APART) + 1 - made
        for side, made in zip(squares.shape[-2:], quarters.shape[-2:], strict=True)
    ]
    return F.avg_pool2d(F.pad(quarters, (0, missing[1], 0, missing[0])), 2, 1, divisor_override=1)


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # kept, for lessons as well
def _kernels(device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """From a square to its level (3, 48, 1, 1), and from levels to the surface through them (48, 3, 3, 3)."""
    numbers = torch.arange(PERIOD**2)  # of a square's pixels in the order of two foldings
    centre = (PERIOD - 1) / 2
    rows = 2 * (numbers // 8) + numbers // 2 % 2 - centre
    columns = 2 * (numbers // 4 % 2) + numbers % 2 - centre
    surface = torch.zeros(len(numbers), 3, 3)  # to each pixel, from the levels around
    surface[:, 1, 1] = 1.0
    for side, sign in ((0, -1.0), (2, 1.0)):
        surface[:, side, 1] += sign * rows / (2 * PERIOD * APART)
        surface[:, 1, side] += sign * columns / (2 * PERIOD * APART)
    colors = torch.eye(3)
    level = torch.einsum("p,cd->cpd", torch.full((len(numbers),), 1 / len(numbers)), colors).reshape(
        3, 48, 1, 1
    )
    of_colors = torch.einsum("phw,cd->pcdhw", surface, colors).reshape(48, 3, 3, 3)
    return (
        level.to(device, dtype).contiguous(memory_format=torch.channels_last),
        of_colors.to(device, dtype).contiguous(memory_format=torch.channels_last),
    )
