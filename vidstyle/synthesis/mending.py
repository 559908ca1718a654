"""Flow mended where it is distrusted though nothing was revealed: there strokes need not be painted anew.

Flow fails along every edge and in a wide halo around what moves: it bleeds from the thing into the
ground. The tests of trust rightly throw it out, and the ground's strokes with it. But the ground
beside the halo tells how the ground moved. Where the source agrees with that, its strokes go on.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.light import light_change
from vidstyle.synthesis.warp import warp

DISTRUSTED = 0.5  # trust below which the flow around is asked
TOLERANCE = 0.02  # difference of the source, in 0..1, that costs half the trust on flat ground
EDGE_ALLOWANCE = 0.25  # pixels of error in the flow to forgive on edges
REACH = 1 / 27  # of the height: the width of the halos that DIS leaves
SMALLEST = 4  # pixels: the coarsest grid that flow is gathered on


def mended(flow: Tensor, trust: Tensor, source: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """Flow and trust, with the flow of the surroundings where it explains the source.

    Args:
        flow: (1, 2, H, W) pixels, x then y, to the frame before.
        trust: (1, 1, H, W) in 0..1.
        source: (1, 3, H, W) in 0..1.
        before: (1, 3, H, W), the source of the frame before.

    Returns:
        The flow, changed where it was distrusted only, and the trust, nowhere less than it was.
    """
    distrusted = trust < DISTRUSTED
    if not distrusted.is_cuda and not distrusted.any():  # to look is to wait for a graphics card
        return flow, trust
    best, gained = flow, torch.where(distrusted, 0.0, trust)
    around = surroundings(flow, trust)
    lit = source - light_change(source, warp(before, flow), trust)
    for candidate in (around, *_from_beside(around)):
        agreement = _agreement(lit, warp(before, candidate)) * _inside(candidate)
        better = distrusted & (agreement > gained)
        best, gained = torch.where(better, candidate, best), torch.where(better, agreement, gained)
    return torch.where(gained > trust, best, flow), torch.maximum(gained, trust)


def _from_beside(flow: Tensor) -> list[Tensor]:
    """The flow found `REACH` away on four sides: halos are narrow, and lie between two motions."""
    reach = max(1, round(flow.shape[-2] * REACH))
    height, width = flow.shape[-2:]
    padded = F.pad(flow, (reach,) * 4, mode="replicate")
    corners = ((0, reach), (2 * reach, reach), (reach, 0), (reach, 2 * reach))
    return [padded[..., top : top + height, left : left + width] for top, left in corners]


def surroundings(flow: Tensor, trust: Tensor) -> Tensor:
    """The flow, where it is distrusted that of the nearest trusted pixels, softly (pull-push).

    Gortler et al. (1996), section 5.2: means over ever larger cells, and back where cells are empty.
    """
    weight = trust.square()
    levels = [(flow * weight, weight)]
    while min(levels[-1][1].shape[-2:]) > SMALLEST:
        levels.append(tuple(_halved(level) for level in levels[-1]))  # type: ignore[arg-type]
    sums, weights = levels.pop()
    found = sums / weights.clamp(min=1e-3)
    for sums, weights in reversed(levels):
        wider = F.interpolate(found, sums.shape[-2:], mode="bilinear", align_corners=False)
        found = torch.lerp(wider, sums / weights.clamp(min=1e-3), (4 * weights).clamp(max=1))
    return found


def _agreement(source: Tensor, moved: Tensor) -> Tensor:
    """In 0..1, how alike two pictures are: as in `motion.trust`, 1 / (1 + a^4) of a times the allowed."""
    difference = _soft(source - moved).abs().amax(1, keepdim=True)
    allowed = TOLERANCE + EDGE_ALLOWANCE * _soft(_steepness(_soft(moved.mean(1, keepdim=True))))
    return _least(1 / (1 + (difference / allowed).square_().square_()))


def _inside(flow: Tensor) -> Tensor:
    """1 where p + flow(p) lies within the picture, else 0: (1, 1, H, W)."""
    height, width = flow.shape[-2:]
    xs = torch.arange(width, device=flow.device) + flow[:, :1]
    ys = torch.arange(height, device=flow.device)[:, None] + flow[:, 1:]
    return ((xs >= 0) & (xs <= width - 1) & (ys >= 0) & (ys <= height - 1)).to(flow.dtype)


def _steepness(luma: Tensor) -> Tensor:
    """Change per pixel by central differences, (1, 1, H, W)."""
    padded = F.pad(luma, (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    return (across.square() + down.square()).sqrt()


def _soft(image: Tensor) -> Tensor:
    """Binomial mean over 5x5 pixels: grain and the blur of the warp cancel, another surface does not."""
    height, width = image.shape[-2:]
    # Sums of shifted pictures: a convolution of each channel by itself takes twice as long.
    padded = F.pad(image, (2, 2, 2, 2), mode="replicate")
    rows = [padded[..., n : n + height, :] for n in range(5)]
    down = (rows[0] + rows[4]).add_(rows[1] + rows[3], alpha=4).add_(rows[2], alpha=6)
    columns = [down[..., n : n + width] for n in range(5)]
    both = (columns[0] + columns[4]).add_(columns[1] + columns[3], alpha=4).add_(columns[2], alpha=6)
    return both.div_(256)


def _least(image: Tensor) -> Tensor:
    """The least of 3x3 pixels."""
    padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
    down = torch.minimum(torch.minimum(padded[..., :-2, :], padded[..., 2:, :]), padded[..., 1:-1, :])
    return torch.minimum(torch.minimum(down[..., :-2], down[..., 2:]), down[..., 1:-1])


def _halved(values: Tensor) -> Tensor:
    return F.avg_pool2d(values, 2, ceil_mode=True, count_include_pad=False)
