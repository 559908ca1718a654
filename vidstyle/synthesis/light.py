"""Changes of light over large areas, which strokes follow at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.colors import luma

LIGHT_RADIUS = 1 / 24  # of the height: light changes over larger areas than this are followed at once


def light_change(source: Tensor, moved_source: Tensor, trust: Tensor) -> Tensor:
    """How much lighter (1, 1, H, W) the source grew over large areas, by the pixels whose flow is trusted."""
    sigma = max(1.0, source.shape[-2] * LIGHT_RADIUS)
    change = blur(torch.cat([trust * luma(source - moved_source), trust], 1), sigma)
    return change[:, :1] / change[:, 1:].clamp(min=1e-3)


def gaussian(sigma: float, reach: int, like: Tensor) -> Tensor:
    """(2 reach + 1,) weights of what lies up to `reach` away, 1 in the middle; on the device of `like`."""
    offsets = torch.arange(-reach, reach + 1, device=like.device, dtype=like.dtype)
    return torch.exp(-0.5 * (offsets / sigma) ** 2)


def blur(image: Tensor, sigma: float) -> Tensor:
    """Gaussian blur, by way of a smaller picture: the radius is large and the result smooth."""
    height, width = image.shape[-2:]
    shrink = max(1, int(sigma / 2))
    small = F.avg_pool2d(image, shrink, ceil_mode=True, count_include_pad=False) if shrink > 1 else image
    spread = sigma / shrink
    reach = int(3 * spread + 0.5)
    kernel = gaussian(spread, reach, image)
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1)
    small = F.pad(small, (reach, reach, reach, reach), mode="replicate")
    small = F.conv2d(small, kernel[:, :, None, :], groups=image.shape[1])
    small = F.conv2d(small, kernel[:, :, :, None], groups=image.shape[1])
    return F.interpolate(small, (height, width), mode="bilinear", align_corners=False)
