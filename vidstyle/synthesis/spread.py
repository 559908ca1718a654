"""Patches of colour go on over a surface: what comes into sight begins with what lies beside it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.light import gaussian

CELL = 1 / 30  # of the height: patches are larger, strokes are smaller
REACH, NEAR = 7, 2.8  # cells around one that are looked at, and the sigma of their weights
LIKE = 0.08  # of a difference of colours in 0..1: so near, two cells are the same surface
NONE = 0.05  # weight that stands for no change, where little around is like


def spread(source: Tensor, plain: Tensor, painted: Tensor, held: Tensor) -> Tensor:
    """What to add to the plain picture so that the colours of held strokes go on (1, 3, H, W).

    A joint bilateral filter (Petschnigg et al. 2004) of `painted - plain` over cells: those count that are
    held, near, and alike in the source.

    Args:
        source: (1, 3, H, W) in 0..1, tells surfaces apart.
        plain: (1, 3, H, W), the picture without strokes.
        painted: (1, 3, H, W), the picture with them where it is held.
        held: (1, 1, H, W) in 0..1.
    """
    height, width = source.shape[-2:]
    side = max(1, round(CELL * height))
    size = max(1, height // side), max(1, width // side)
    share, change, theirs, all_of = F.interpolate(
        torch.cat([held, held * (painted - plain), held * source, source], 1), size, mode="area"
    ).split([1, 3, 3, 3], 1)
    fresh = 1 - share
    # A cell that is held in part is compared by the rest of it.
    own = torch.where(fresh > 0.02, (all_of - theirs) / fresh.clamp(min=0.02), all_of)
    theirs = theirs / share.clamp(min=1e-3)
    around = F.unfold(F.pad(torch.cat([share, change, theirs], 1), (REACH,) * 4), 2 * REACH + 1)
    shares, changes, colors = around.view(7, -1, own[0, 0].numel()).split([1, 3, 3])
    unlike = (colors - own.flatten(2).transpose(0, 1)).square().sum(0)
    near = gaussian(NEAR, REACH, own)
    weights = torch.exp(unlike / (-2 * LIKE**2)) * torch.outer(near, near).view(-1, 1)
    found = (weights * changes).sum(1) / ((weights * shares[0]).sum(0) + NONE)
    return F.interpolate(found.view(1, 3, *size), (height, width), mode="bilinear", align_corners=False)
