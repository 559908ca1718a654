"""What keeps a live picture steady: the last one, moved along, where it can be trusted."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

MOST_HELD = 0.9
"""Share of the last picture at a steadiness of 1: what is wrong in it halves in seven frames."""


def steadied(painted: Tensor, last: Tensor, flow: Tensor, trust: Tensor, steady: float) -> Tensor:
    """A picture held back by the last one: painted + k (moved - painted), with k = 0.9 steady trust.

    Since k stays below 0.9, the newly painted picture always pulls: of an error in the last picture,
    even where it is trusted wrongly, at most k^n is left after n frames.

    Args:
        painted: (1, 3, H, W), the frame as the network painted it.
        last: (1, 3, H, W), what was shown before.
        flow: (1, 2, h, w) float32, from the frame to the one before, in pixels of a picture of h by w.
        trust: (1, 1, h, w) in 0..1.
        steady: 0 shows what is painted, 1 holds the most.

    Returns:
        (1, 3, H, W).
    """
    if steady == 0:
        return painted
    size = (painted.shape[-2], painted.shape[-1])
    held = _enlarged(trust, size).mul_(MOST_HELD * steady)
    # Not lerp, which is slow where one weight serves three channels.
    return torch.addcmul(painted, moved(last, flow).sub_(painted), held)


def moved(image: Tensor, flow: Tensor) -> Tensor:
    """The image that was, where it is now; the flow may be of a smaller picture, and counts its pixels."""
    height, width = image.shape[-2:]
    sides = flow.new_tensor([flow.shape[-1], flow.shape[-2]]).view(1, 2, 1, 1)
    shift = _enlarged(flow * (2 / sides), (height, width)).permute(0, 2, 3, 1)
    grid = _positions(height, width, image.device) + shift
    return F.grid_sample(image, grid.to(image.dtype), padding_mode="border", align_corners=False)


@lru_cache(maxsize=4)
def _positions(height: int, width: int, device: torch.device) -> Tensor:
    """(1, H, W, 2) where each pixel lies, x then y, from -1 to 1 between the picture's edges."""
    xs = (torch.arange(width, device=device) * 2 + 1) / width - 1
    ys = (torch.arange(height, device=device) * 2 + 1) / height - 1
    return torch.stack([xs.expand(height, width), ys[:, None].expand(height, width)], dim=-1)[None]


def _enlarged(maps: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(maps, size, mode="bilinear", align_corners=False)
