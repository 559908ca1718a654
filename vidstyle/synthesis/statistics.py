"""Statistics of feature maps that say what a style is: means, centred covariances, Gram matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vidstyle.features.network import Head
from vidstyle.settings import StyleStatistics

Sums = tuple[Tensor, Tensor]
"""Means (C,) of f and (C, C) of f f^T over pixels, or sums weighted by shares of a whole; float32."""

PIECE = 16384
"""Cells that are summed up at a time, so that what is made of them stays in a processor's caches."""

CHUNK = 4096
"""Cells in bfloat16 that are multiplied as they are."""


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
    return raw_moments_by(features, (weights,))[0]


def raw_moments_by(features: Tensor, weights: Sequence[Tensor | None]) -> tuple[Sums, ...]:
    """`raw_moments` by each of some weights, at little more than the price of one."""
    if not weights:
        return ()
    summed = _RawMoments.apply(features, *(None if each is None else each.flatten() for each in weights))
    return tuple(zip(summed[::2], summed[1::2], strict=True))


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
    """Sums by each of some weights; the gradient of each is one matrix product.

    Autograd's own way moves the features six times, and as often again for each of the weights.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, *weights: Tensor | None) -> tuple[Tensor, ...]:
        # Channels-last features are (H * W, C) in memory already: no copy.
        flat = features[0].permute(1, 2, 0).reshape(-1, features.shape[1])
        ctx.save_for_backward(flat, *weights)
        ctx.shape = features.shape
        totals: tuple[Tensor, ...] = ()
        for rows in _pieces(flat):
            shares = [None if each is None else each[rows] for each in weights]
            found = tuple(total for each in shares for total in _sums(flat[rows], each))
            totals = tuple(torch._foreach_add(totals, found)) if totals else found
        return tuple(_means(totals, weights, len(flat)))

    @staticmethod
    def backward(ctx: Any, *to_totals: Tensor) -> tuple[Tensor | None, ...]:
        flat, *weights = ctx.saved_tensors
        to_sums = _means(to_totals, weights, len(flat))
        towards = [
            # A gradient of the features' own precision needs no better factors.
            (each, to_mean.to(flat.dtype), (to_outer + to_outer.T).to(flat.dtype))
            for each, to_mean, to_outer in zip(weights, to_sums[::2], to_sums[1::2], strict=True)
        ]
        gradient = torch.empty_like(flat)
        for rows in _pieces(flat):
            place = gradient[rows]
            for number, (each, to_mean, to_flat) in enumerate(towards):
                # Not `addmm`, which lays the mean out for every pixel first.
                made = torch.mm(flat[rows], to_flat, out=place if number == 0 else None).add_(to_mean)
                if each is not None:
                    made.mul_(each[rows, None].to(flat.dtype))
                if number > 0:
                    place.add_(made)
        _, channels, height, width = ctx.shape
        return gradient.view(height, width, channels).permute(2, 0, 1)[None], *(None for _ in weights)


def _pieces(flat: Tensor) -> Iterator[slice]:
    """The rows of (N, C) that are seen at a time: on a graphics card all of them."""
    size = len(flat) if flat.is_cuda else PIECE
    return (slice(first, first + size) for first in range(0, len(flat), size))


def _means(sums: Sequence[Tensor], weights: Sequence[Tensor | None], count: int) -> Sequence[Tensor]:
    """Two sums for each of the weights; those without any are divided by the count."""
    divisors = [float(count) if each is None else 1.0 for each in weights for _ in range(2)]
    return torch._foreach_div(list(sums), divisors)


def _sums(flat: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    """Sums (C,) of f and (C, C) of f f^T over (N, C) pixels, by their weights (N,), in float32.

    Bfloat16 features are multiplied as they are, a chunk at a time: products are summed in float32,
    each chunk's sum is rounded to eight bits, and over many chunks these errors cancel.
    """
    if weights is not None:
        wide = flat.float()
        return weights @ wide, (wide * weights[:, None]).T @ wide
    whole = len(flat) // CHUNK if flat.dtype == torch.bfloat16 else 0
    rest = flat[whole * CHUNK :].float()
    if not whole:
        return rest.sum(0), rest.T @ rest
    chunks = flat[: whole * CHUNK].view(whole, CHUNK, flat.shape[1])
    outer = torch.bmm(chunks.transpose(1, 2), chunks).sum(0, dtype=torch.float32)
    if flat.is_cuda:
        mean = chunks.sum((0, 1), dtype=torch.float32)
    else:  # processors are slow at summing bfloat16, and at multiplying it they are quick
        ones = flat.new_ones(whole, 1, CHUNK)
        mean = torch.bmm(ones, chunks).sum((0, 1), dtype=torch.float32)
    if len(rest):
        mean, outer = mean + rest.sum(0), torch.addmm(outer, rest.T, rest)
    return mean, outer
