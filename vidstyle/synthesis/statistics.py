"""Statistics of feature maps that say what a style is: means, centred covariances, Gram matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Statistics:
    """What a style loss compares at one tap.

    Attributes:
        first: (C,) mean of each channel; zeros where only the Gram matrix counts.
        second: (C, C) centred covariance, or the Gram matrix.
    """

    first: Tensor
    second: Tensor

    def mixed(self, other: Statistics, share: float) -> Statistics:
        """These statistics moved towards the other's: `share` 0 keeps these, 1 takes the other's."""
        return Statistics(
            torch.lerp(self.first, other.first, share), torch.lerp(self.second, other.second, share)
        )


def moments(features: Tensor) -> Statistics:
    """Mean and centred covariance over the pixels of (1, C, H, W) features, in float32.

    Matching both, each over its own norm, makes one weight serve every style.
    """
    mean, outer = _raw_moments(features)
    return Statistics(mean, outer - torch.outer(mean, mean))


def gram(features: Tensor) -> Statistics:
    """Gram matrix (Gatys et al. 2016, eq. 3) of (1, C, H, W) features, per pixel, in float32."""
    mean, outer = _raw_moments(features)
    return Statistics(torch.zeros_like(mean), outer)


def _raw_moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Means (C,) of f and (C, C) of f f^T over the pixels."""
    return _RawMoments.apply(features)  # type: ignore[no-any-return]


class _RawMoments(torch.autograd.Function):
    """Raw moments whose gradient is one matrix product; autograd's own way moves the features six times."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        # Channels-last features are (H * W, C) in memory already: no copy.
        flat = features[0].permute(1, 2, 0).reshape(-1, features.shape[1])
        ctx.save_for_backward(flat)
        ctx.shape = features.shape
        return _sums(flat)

    @staticmethod
    def backward(ctx: Any, to_mean: Tensor, to_outer: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors  # a gradient of the features' own precision needs no better factors
        pixels = len(flat)
        to_flat = (to_outer + to_outer.T) / pixels
        gradient = torch.addmm((to_mean / pixels).to(flat.dtype), flat, to_flat.to(flat.dtype))
        _, channels, height, width = ctx.shape
        return gradient.view(height, width, channels).permute(2, 0, 1)[None]


def _sums(flat: Tensor) -> tuple[Tensor, Tensor]:
    """Means (C,) of f and (C, C) of f f^T over (N, C) pixels, in float32.

    Bfloat16 features are multiplied as they are, a chunk at a time: products are summed in float32,
    each chunk's sum is rounded to eight bits, and over many chunks these errors cancel.
    """
    pixels, channels = flat.shape
    chunk = 4096 if flat.dtype == torch.bfloat16 else pixels
    whole = pixels // chunk
    mean, outer = flat.new_zeros(channels).float(), flat.new_zeros(channels, channels).float()
    if whole:
        chunks = flat[: whole * chunk].view(whole, chunk, channels)
        ones = flat.new_ones(whole, 1, chunk)
        mean = torch.bmm(ones, chunks).float().sum((0, 1))
        outer = torch.bmm(chunks.transpose(1, 2), chunks).float().sum(0)
    rest = flat[whole * chunk :].float()
    return (mean + rest.sum(0)) / pixels, (outer + rest.T @ rest) / pixels
