"""What the picture's statistics shall be: those of the styles, at the size of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.settings import StyleStatistics
from vidstyle.synthesis.colors import pixel_moments
from vidstyle.synthesis.statistics import Statistics, gram, moments

LARGEST_STYLE = 4_000_000  # pixels; beyond this a centre crop says the same, for less memory
FLATTEST = 0.02  # least norm of a target, as a share of a busy picture's: a flat style stays finite
GATHER = {"moments": moments, "gram": gram}


@dataclass(frozen=True, eq=False)
class StyleTarget:
    """Statistics to reach at each style tap, their scales, and the styles' palette.

    Attributes:
        statistics: one a style tap.
        scales: squared norms (of mean, of covariance) that divide each tap's distance.
        color_mean: (3,) float64 of the styles' pixels.
        color_covariance: (3, 3) float64.
    """

    statistics: tuple[Statistics, ...]
    scales: tuple[tuple[float, float], ...]
    color_mean: Tensor
    color_covariance: Tensor


def style_target(
    network: FeatureNetwork,
    pictures: Sequence[Tensor],
    shares: Sequence[float],
    *,
    height: int,
    style_size: float,
    kind: StyleStatistics = "moments",
) -> StyleTarget:
    """The target for pictures `height` pixels high.

    Args:
        network: the taps that are compared.
        pictures: (1, 3, H, W) style pictures in 0..1.
        shares: the part of each in the mixture; they sum to 1.
        height: of the picture to paint, in pixels.
        style_size: height of a style picture as a share of `height`.
        kind: which statistics.
    """
    gather = GATHER[kind]
    mixed: list[Statistics] = []
    color_mean, color_covariance = torch.zeros(3).double(), torch.zeros(3, 3).double()
    for picture, share in zip(pictures, shares, strict=True):
        resized = _resized(picture, height * style_size, network.smallest_side)
        taps = network(resized)
        gathered = [gather(taps[index]) for index in network.style_taps]
        mean, covariance = pixel_moments(resized)
        color_mean += share * mean
        color_covariance += share * covariance
        if not mixed:
            mixed = [Statistics(share * s.first, share * s.second) for s in gathered]
        else:
            mixed = [
                Statistics(m.first + share * s.first, m.second + share * s.second)
                for m, s in zip(mixed, gathered, strict=True)
            ]
    scales = tuple(
        (
            max(_norm(s.first), FLATTEST * _norm(b.first)) or 1.0,
            max(_norm(s.second), FLATTEST * _norm(b.second)),
        )
        for s, b in zip(mixed, _busy(network, kind), strict=True)
    )
    return StyleTarget(tuple(mixed), scales, color_mean, color_covariance)


def _resized(picture: Tensor, height: float, smallest_side: int) -> Tensor:
    """The picture at about this height, antialiased; its centre where that would be very large."""
    old_height, old_width = picture.shape[-2:]
    scale = max(height / old_height, smallest_side / min(old_height, old_width))
    crop = min(1.0, (LARGEST_STYLE / (old_height * old_width * scale * scale)) ** 0.5)
    rows, columns = max(1, round(old_height * crop)), max(1, round(old_width * crop))
    top, left = (old_height - rows) // 2, (old_width - columns) // 2
    size = (max(round(rows * scale), smallest_side), max(round(columns * scale), smallest_side))
    cut = picture[..., top : top + rows, left : left + columns]
    return F.interpolate(cut, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def _busy(network: FeatureNetwork, kind: StyleStatistics) -> list[Statistics]:
    """Statistics of fixed noise of all scales: what a picture with something in it measures."""
    generator = torch.Generator().manual_seed(0)
    side = max(128, network.smallest_side)
    noise = torch.zeros(1, 3, side, side)
    for size in (4, 8, 16, 32, 64, 128):
        layer = torch.randn(1, 3, size, size, generator=generator) * 0.08
        noise += F.interpolate(layer, (side, side), mode="bilinear", align_corners=False)
    taps = network((noise + 0.5).clamp(0, 1).to(network.device))
    return [GATHER[kind](taps[index]) for index in network.style_taps]


def _norm(tensor: Tensor) -> float:
    return float(tensor.square().sum())
