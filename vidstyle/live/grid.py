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
    mean = F.avg_pool2d(
        squares, AROUND, APART, (AROUND - APART) // 2, ceil_mode=True, count_include_pad=False
    )
    wide = F.pad(mean, (1, 1, 1, 1), mode="replicate")
    grid = F.conv2d(wide, _kernel(squares.device, squares.dtype))
    grid = F.interpolate(grid, scale_factor=APART, mode="bilinear", align_corners=False)
    return squares - grid[..., :height, :width]


@lru_cache(maxsize=8)
@torch.inference_mode(False)  # kept, for lessons as well
def _kernel(device: torch.device, dtype: torch.dtype) -> Tensor:
    """(48, 48, 3, 3): of means of squares, what is neither their level nor the slope of their levels."""
    numbers = torch.arange(PERIOD**2)  # of a square's pixels in the order of two foldings
    centre = (PERIOD - 1) / 2
    rows = 2 * (numbers // 8) + numbers // 2 % 2 - centre
    columns = 2 * (numbers // 4 % 2) + numbers % 2 - centre
    level = torch.full((len(numbers),), 1 / len(numbers))
    slope = level / (2 * PERIOD * APART)
    kernel = torch.zeros(len(numbers), len(numbers), 3, 3)  # to each pixel, from each pixel
    kernel[:, :, 1, 1] = torch.eye(len(numbers)) - level
    for side, sign in ((0, 1.0), (2, -1.0)):
        kernel[:, :, side, 1] = sign * torch.outer(rows, slope)
        kernel[:, :, 1, side] = sign * torch.outer(columns, slope)
    of_colors = torch.einsum("oihw,cd->ocidhw", kernel, torch.eye(3)).reshape(48, 48, 3, 3)
    return of_colors.to(device, dtype).contiguous(memory_format=torch.channels_last)
