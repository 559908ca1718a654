"""Style and content distance: how near a picture is to the style, and to the source.

With VGG-19's `SCORING` taps (relu1_1, relu2_1 and relu3_1 of the image at 1, 1/2 and 1/4 size;
content at relu3_2) these are "VGG style" and "VGG content". The untouched source scores about 1
in style, a good stylization 0.05 to 0.10. The formulas stand here on their own and share nothing with
the losses of the synthesis room: what paints should not be its own judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.errors import InputError
from vidstyle.features import FeatureNetwork

Map = npt.NDArray[np.float32]

TINY = 1e-12  # keeps the distance to a perfectly flat style finite


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean (C,) and centred covariance (C, C) of a tap over pixels, float32."""

    mean: Tensor
    covariance: Tensor


@torch.no_grad()
def taps_of(pixels: Map, network: FeatureNetwork) -> list[Tensor]:
    """The network's taps of (H, W, 3) float32 in 0..1: (1, C, h, w) float32 tensors.

    Raises:
        InputError: the picture is too small for the network.
    """
    if min(pixels.shape[:2]) < network.smallest_side:
        raise InputError(
            f"a picture of {pixels.shape[1]}x{pixels.shape[0]} is too small to be judged",
            hint=f"Its sides must be at least {network.smallest_side} pixels.",
        )
    image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].to(network.device)
    return [tap.float() for tap in network(image)]


def moments(tap: Tensor, mask: Tensor | None = None) -> Moments:
    """Mean and covariance over a tap's pixels.

    Args:
        tap: (1, C, h, w).
        mask: (H, W) weights in 0..1 at the picture's size, some above 0; None counts all alike.
    """
    flat = tap.flatten(2)[0]  # (C, h * w)
    if mask is None:
        share = flat.new_full((flat.shape[1],), 1 / flat.shape[1])
    else:
        weights = F.adaptive_avg_pool2d(mask[None, None], (tap.shape[2], tap.shape[3])).flatten()
        share = weights / weights.sum()
    mean = flat @ share
    centred = flat - mean[:, None]
    return Moments(mean, (centred * share) @ centred.T)


def at_height(pixels: Map, height: float, smallest_side: int) -> Map:
    """A style picture (H, W, 3) scaled to this height, antialiased; no side below `smallest_side`."""
    scale = max(height / pixels.shape[0], smallest_side / min(pixels.shape[:2]))
    size = [max(round(side * scale), smallest_side) for side in pixels.shape[:2]]
    image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None]
    scaled = F.interpolate(image, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    return np.ascontiguousarray(scaled[0].permute(1, 2, 0).numpy())


def style_moments(pictures: Sequence[tuple[Map, float]], network: FeatureNetwork) -> tuple[Moments, ...]:
    """What a mixture of styles measures: the weighted mean of each picture's moments, one a style tap.

    Args:
        pictures: (H, W, 3) float32 in 0..1, at the size at which its strokes shall appear, and its weight.
        network: the taps.
    """
    total = sum(weight for _, weight in pictures)
    mixed: list[Moments] = []
    for pixels, weight in pictures:
        taps, share = taps_of(pixels, network), weight / total
        own = [moments(taps[index]) for index in network.style_taps]
        own = [Moments(share * m.mean, share * m.covariance) for m in own]
        mixed = (
            [Moments(a.mean + b.mean, a.covariance + b.covariance) for a, b in zip(mixed, own, strict=True)]
            if mixed
            else own
        )
    return tuple(mixed)


def style_distance(
    taps: Sequence[Tensor],
    style: Sequence[Moments],
    network: FeatureNetwork,
    mask: npt.NDArray[np.bool_] | None = None,
) -> float:
    """Mean over the style taps of |cov - cov0|^2 / |cov0|^2 + |mean - mean0|^2 / |mean0|^2.

    Args:
        taps: of the picture (`taps_of`).
        style: what to compare with (`style_moments`).
        network: which taps hold the style.
        mask: (H, W) bool: only these pixels of the picture; None takes all.
    """
    weights = None if mask is None else torch.from_numpy(mask.astype(np.float32)).to(network.device)
    total = 0.0
    for index, target in zip(network.style_taps, style, strict=True):
        own = moments(taps[index], weights)
        total += _relative(own.covariance, target.covariance) + _relative(own.mean, target.mean)
    return total / len(network.style_taps)


def content_distance(taps: Sequence[Tensor], source: Sequence[Tensor], network: FeatureNetwork) -> float:
    """Mean over the content taps of |f - f0|^2 / |f0|^2, f0 being the source's."""
    distances = [_relative(taps[index], source[index]) for index in network.content_taps]
    return sum(distances) / len(distances)


def _relative(actual: Tensor, target: Tensor) -> float:
    return float((actual - target).square().sum() / target.square().sum().clamp(min=TINY))
