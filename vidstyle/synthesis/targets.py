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
from vidstyle.synthesis.pictures import resized
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


@dataclass(frozen=True, eq=False)
class Look:
    """What one style picture measures.

    Attributes:
        statistics: one a style tap.
        color_mean: (3,) float64 of its pixels.
        color_covariance: (3, 3) float64.
    """

    statistics: tuple[Statistics, ...]
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
    looks = [
        look_of(network, picture, height=height, style_size=style_size, kind=kind) for picture in pictures
    ]
    return mixed_target(looks, shares, busy(network, kind))


def look_of(
    network: FeatureNetwork, picture: Tensor, *, height: int, style_size: float, kind: StyleStatistics
) -> Look:
    """What a style picture measures for pictures `height` pixels high; arguments as of `style_target`."""
    scaled = _scaled(picture, height * style_size, network.smallest_side)
    taps = network(scaled)
    gathered = tuple(GATHER[kind](taps[index]) for index in network.style_taps)
    return Look(gathered, *pixel_moments(scaled))


def mixed_target(looks: Sequence[Look], shares: Sequence[float], usual: Sequence[Statistics]) -> StyleTarget:
    """The target of a mixture: a weighted mean of what its styles measure.

    Args:
        looks: of the styles.
        shares: the part of each; they sum to 1.
        usual: what `busy` gave.
    """
    mixed = tuple(
        Statistics(_mean(shares, [s.first for s in tap]), _mean(shares, [s.second for s in tap]))
        for tap in zip(*(look.statistics for look in looks), strict=True)
    )
    scales = tuple(
        (
            max(_norm(s.first), FLATTEST * _norm(b.first)) or 1.0,
            max(_norm(s.second), FLATTEST * _norm(b.second)),
        )
        for s, b in zip(mixed, usual, strict=True)
    )
    return StyleTarget(
        mixed,
        scales,
        _mean(shares, [look.color_mean for look in looks]),
        _mean(shares, [look.color_covariance for look in looks]),
    )


def _scaled(picture: Tensor, height: float, smallest_side: int) -> Tensor:
    """The picture at about this height, antialiased; its centre where that would be very large."""
    old_height, old_width = picture.shape[-2:]
    scale = max(height / old_height, smallest_side / min(old_height, old_width))
    crop = min(1.0, (LARGEST_STYLE / (old_height * old_width * scale * scale)) ** 0.5)
    rows, columns = max(1, round(old_height * crop)), max(1, round(old_width * crop))
    top, left = (old_height - rows) // 2, (old_width - columns) // 2
    size = (max(round(rows * scale), smallest_side), max(round(columns * scale), smallest_side))
    return resized(picture[..., top : top + rows, left : left + columns], size)


def busy(network: FeatureNetwork, kind: StyleStatistics) -> list[Statistics]:
    """Statistics of fixed noise of all scales: what a picture with something in it measures."""
    generator = torch.Generator().manual_seed(0)
    side = max(128, network.smallest_side)
    noise = torch.zeros(1, 3, side, side)
    for size in (4, 8, 16, 32, 64, 128):
        layer = torch.randn(1, 3, size, size, generator=generator) * 0.08
        noise += F.interpolate(layer, (side, side), mode="bilinear", align_corners=False)
    taps = network((noise + 0.5).clamp(0, 1).to(network.device))
    return [GATHER[kind](taps[index]) for index in network.style_taps]


def _mean(shares: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    total = shares[0] * tensors[0]
    for share, tensor in zip(shares[1:], tensors[1:], strict=True):
        total = total + share * tensor
    return total


def _norm(tensor: Tensor) -> float:
    return float(tensor.square().sum())
