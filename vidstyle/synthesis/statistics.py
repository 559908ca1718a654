"""Statistics of feature maps that say what a style is: means, centred covariances, Gram matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vidstyle.features.network import Head
from vidstyle.settings import StyleStatistics

Sums = tuple[Tensor, Tensor]
"""Means (C,) of f and (C, C) of f f^T over pixels, or sums weighted by shares of a whole; float32."""


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
    return statistics_of(raw_moments(features), "moments")


def gram(features: Tensor) -> Statistics:
    """Gram matrix (Gatys et al. 2016, eq. 3) of (1, C, H, W) features, per pixel, in float32."""
    return statistics_of(raw_moments(features), "gram")


def statistics_of(sums: Sums, kind: StyleStatistics) -> Statistics:
    """Mean and centred covariance, or the Gram matrix, of what `raw_moments` summed."""
    mean, outer = sums
    if kind == "gram":
        return Statistics(torch.zeros_like(mean), outer)
    return Statistics(mean, outer - torch.outer(mean, mean))


def raw_moments(features: Tensor, weights: Tensor | None = None) -> Sums:
    """What is summed of (1, C, h, w) features: additive, so that parts of a picture make up the whole.

    Args:
        features: of a tap.
        weights: (h, w), or (h * w,), how much each cell counts; None for the mean over all of them.
    """
    if weights is None:
        return _RawMoments.apply(features)  # type: ignore[no-any-return]
    return _Weighted.apply(features, weights.flatten())  # type: ignore[no-any-return]


def through(sums: Sums, head: Head | None) -> Sums:
    """What is summed of a tap, from what is summed of the features that its head makes it of.

    E[W f + b] = W E[f] + b, and E[(W f + b)(W f + b)^T] = W E[f f^T] W^T + b (W E[f])^T + E[W f + b] b^T.

    Args:
        sums: means of the features, by weights that sum to 1.
        head: None where the features are the tap.
    """
    if head is None:
        return sums
    return _Through.apply(*sums, head.weight.float(), head.bias.float())  # type: ignore[no-any-return]


class _Through(torch.autograd.Function):
    """By hand: half of the operations that autograd would do, each of them small."""

    @staticmethod
    def forward(ctx: Any, mean: Tensor, outer: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(weight, bias)
        of_tap = torch.addmv(bias, weight, mean)
        left = torch.addr(weight @ outer, bias, mean)
        return of_tap, torch.addr(left @ weight.T, of_tap, bias)

    @staticmethod
    def backward(ctx: Any, to_mean: Tensor, to_outer: Tensor) -> tuple[Tensor, Tensor, None, None]:
        weight, bias = ctx.saved_tensors
        to_mean = torch.addmv(torch.addmv(to_mean, to_outer, bias), to_outer.T, bias)
        return weight.T @ to_mean, weight.T @ (to_outer @ weight), None, None


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
        to_mean, to_flat = torch._foreach_div([to_mean, to_outer + to_outer.T], len(flat))
        # Not `addmm`, which lays the mean out for every pixel first.
        gradient = (flat @ to_flat.to(flat.dtype)).add_(to_mean.to(flat.dtype))
        _, channels, height, width = ctx.shape
        to_features: Tensor = gradient.view(height, width, channels).permute(2, 0, 1)[None]
        return to_features


class _Weighted(torch.autograd.Function):
    """Weighted sums (C,) of f and (C, C) of f f^T; the gradient is one matrix product, as without weights."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        flat = features[0].permute(1, 2, 0).reshape(-1, features.shape[1])
        ctx.save_for_backward(flat, weights)
        ctx.shape = features.shape
        wide = flat.float()
        return weights @ wide, (wide * weights[:, None]).T @ wide

    @staticmethod
    def backward(ctx: Any, to_mean: Tensor, to_outer: Tensor) -> tuple[Tensor, None]:
        flat, weights = ctx.saved_tensors
        towards = (to_outer + to_outer.T).to(flat.dtype)
        gradient = (flat @ towards).add_(to_mean.to(flat.dtype)).mul_(weights[:, None].to(flat.dtype))
        _, channels, height, width = ctx.shape
        return gradient.view(height, width, channels).permute(2, 0, 1)[None], None


def _sums(flat: Tensor) -> tuple[Tensor, Tensor]:
    """Means (C,) of f and (C, C) of f f^T over (N, C) pixels, in float32.

    Bfloat16 features are multiplied as they are, a chunk at a time: products are summed in float32,
    each chunk's sum is rounded to eight bits, and over many chunks these errors cancel.
    """
    pixels, channels = flat.shape
    chunk = 4096 if flat.dtype == torch.bfloat16 else pixels
    whole = pixels // chunk
    rest = flat[whole * chunk :].float()
    if not whole:
        return rest.mean(0), rest.T @ rest / pixels
    chunks = flat[: whole * chunk].view(whole, chunk, channels)
    outer = torch.bmm(chunks.transpose(1, 2), chunks).sum(0, dtype=torch.float32)
    if flat.is_cuda:
        mean = chunks.sum((0, 1), dtype=torch.float32)
    else:  # processors are slow at summing bfloat16, and at multiplying it they are quick
        ones = flat.new_ones(whole, 1, chunk)
        mean = torch.bmm(ones, chunks).sum((0, 1), dtype=torch.float32)
    if len(rest):
        mean, outer = mean + rest.sum(0), torch.addmm(outer, rest.T, rest)
    mean, outer = torch._foreach_div([mean, outer], pixels)
    return mean, outer
