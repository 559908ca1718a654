"""The terms of the loss, each a pure function, each normalised so that its weight carries over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vidstyle.features.network import Head
from vidstyle.settings import StyleStatistics
from vidstyle.synthesis.statistics import Statistics, Sums

CHANNELS = 16  # that are made float32 at a time: features of large pictures are large


def style_distance(actual: Statistics, target: Statistics, scale: tuple[float, float]) -> Tensor:
    """|mean - mean0|^2 / scale[0] + |cov - cov0|^2 / scale[1], of one tap.

    Args:
        actual: statistics of the picture.
        target: statistics to reach.
        scale: the target's own squared norms, kept away from 0 for a flat style.
    """
    first = (actual.first - target.first).square().sum() / scale[0]
    return first + (actual.second - target.second).square().sum() / scale[1]


def style_distance_of(
    sums: Sequence[Sums],
    targets: Sequence[Statistics],
    scales: Sequence[tuple[float, float]],
    kind: StyleStatistics,
    weight: float = 1.0,
) -> Tensor:
    """`style_distance` of what `raw_moments` summed at each tap, the sum over the taps times a weight.

    Its gradient goes to the sums alone.

    Args:
        sums: of the picture, at each tap.
        targets: statistics to reach.
        scales: the targets' own squared norms.
        kind: which statistics these are.
        weight: at least 0.
    """
    roots = [(weight / scale) ** 0.5 for pair in scales for scale in pair]
    flat = [tensor for pair in sums for tensor in pair]
    return _StyleDistance.apply(targets, roots, kind == "moments", *flat)  # type: ignore[no-any-return]


def weighted_sum(terms: Sequence[tuple[float, Tensor]]) -> Tensor:
    """The sum of weight * term over pairs of these, terms and sum scalars."""
    weights, values = zip(*terms, strict=True)
    return _WeightedSum.apply(weights, *values)  # type: ignore[no-any-return]


def content_distance(actual: Tensor, target: Tensor) -> Tensor:
    """mean |f - f0|^2 / var(f0) over features (1, C, H, W) (Gatys et al. 2016, eq. 1, normalised)."""
    return squared_distance(actual, target) / content_scale(target)


def content_scale(target: Tensor) -> Tensor:
    """var(f0) of features (1, C, H, W), kept away from 0; a scalar."""
    variance, size = target.new_zeros((), dtype=torch.float32), target.new_zeros((), dtype=torch.float32)
    at_once = target.shape[1] if target.is_cuda else CHANNELS
    for first in range(0, target.shape[1], at_once):
        wide = target[:, first : first + at_once].float()
        share = wide.shape[1] / target.shape[1]
        size += share * wide.square().mean()
        variance += share * (wide - wide.mean((2, 3), keepdim=True)).square().mean()
    # A flat picture has no variance; its features' own size then keeps the term finite.
    return torch.maximum(variance, 1e-3 * size + 1e-6)


def temporal_distance(image: Tensor, moved: Tensor, trust: Tensor) -> Tensor:
    """mean of trust * (x - w)^2 (Ruder et al. 2016, eq. 7).

    Args:
        image: (1, 3, H, W) in 0..1.
        moved: (1, 3, H, W), the previous picture moved along the flow.
        trust: (1, 1, H, W) in 0..1.
    """
    return squared_distance(image, moved, trust)


def squared_distance(actual: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """mean of weight * (actual - target)^2, in float32; its gradient goes to `actual` alone."""
    return _SquaredDistance.apply(actual, target, weight)  # type: ignore[no-any-return]


def squared_tap_distance(actual: Tensor, target: Tensor, head: Head | None) -> Tensor:
    """mean of |W (actual - target)|^2 over a tap's channels and cells; its gradient goes to `actual` alone.

    Args:
        actual: (1, C, h, w) features of a picture.
        target: (1, C, h, w) features to keep.
        head: what makes the tap of them; None where they are the tap.
    """
    if head is None:
        return squared_distance(actual, target)
    return _SquaredTapDistance.apply(actual, target, head.weight)  # type: ignore[no-any-return]


def total_variation(image: Tensor) -> Tensor:
    """Mean squared difference of neighbours (Mahendran and Vedaldi 2015, with beta = 2)."""
    return _TotalVariation.apply(image)  # type: ignore[no-any-return]


# Of what is small, it takes longer to begin with an operation than to do it, most of all on a graphics card:
# operations on lists of tensors begin once for all of them.


class _StyleDistance(torch.autograd.Function):
    """The sum of |root * (statistic - target)|^2, over two statistics a tap."""

    @staticmethod
    def forward(
        ctx: Any, targets: Sequence[Statistics], roots: Sequence[float], centred: bool, *sums: Tensor
    ) -> Tensor:
        means, outers = sums[::2], sums[1::2]
        if centred:
            outers = tuple(torch.addr(o, m, m, alpha=-1) for m, o in zip(means, outers, strict=True))
        else:
            means = tuple(target.first for target in targets)  # the Gram matrix alone counts
        actual = [tensor for pair in zip(means, outers, strict=True) for tensor in pair]
        wanted = [tensor for target in targets for tensor in (target.first, target.second)]
        rooted = torch._foreach_mul(torch._foreach_sub(actual, wanted), roots)
        ctx.save_for_backward(*means, *rooted)
        ctx.roots, ctx.centred = roots, centred
        norms = torch.stack(torch._foreach_norm(rooted))
        return norms.dot(norms)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        count = len(ctx.roots) // 2
        means, rooted = ctx.saved_tensors[:count], ctx.saved_tensors[count:]
        to_sums = torch._foreach_mul(torch._foreach_mul(rooted, [2 * root for root in ctx.roots]), gradient)
        to_means, to_outers = to_sums[::2], to_sums[1::2]
        if ctx.centred:
            to_means = tuple(
                torch.addmv(to_mean, to_outer + to_outer.T, mean, alpha=-1)
                for to_mean, to_outer, mean in zip(to_means, to_outers, means, strict=True)
            )
        return (None, None, None, *(each for pair in zip(to_means, to_outers, strict=True) for each in pair))


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weights: Sequence[float], *terms: Tensor) -> Tensor:
        ctx.weights = weights
        return torch.stack(torch._foreach_mul(terms, weights)).sum()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return (None, *torch._foreach_mul([gradient] * len(ctx.weights), ctx.weights))


# Pictures and features are larger than caches: what counts is how often they are read. Autograd
# would read and write them about three times as often as these do.


class _SquaredDistance(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, actual: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
        difference = torch.sub(actual, target).float()
        weighted = difference if weight is None else difference * weight
        ctx.save_for_backward(weighted)
        ctx.dtype = actual.dtype
        return _dot(weighted, difference) / difference.numel()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (weighted,) = ctx.saved_tensors
        return (weighted * (gradient * (2 / weighted.numel()))).to(ctx.dtype), None, None


class _SquaredTapDistance(torch.autograd.Function):
    """d^T (W^T W) d of each cell's difference: one product gives the distance and its gradient."""

    @staticmethod
    def forward(ctx: Any, actual: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        difference = (actual - target)[0].permute(1, 2, 0).flatten(0, 1)  # (h * w, C)
        wide = weight.float()
        seen = difference @ (wide.T @ wide).to(difference.dtype)
        ctx.save_for_backward(seen)
        ctx.shape, ctx.values = actual.shape, len(weight) * len(seen)
        total: Tensor = _dot(difference.float(), seen.float()) / ctx.values
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (seen,) = ctx.saved_tensors
        _, channels, height, width = ctx.shape
        to_actual = seen * (gradient * (2 / ctx.values))
        return to_actual.to(seen.dtype).view(height, width, channels).permute(2, 0, 1)[None], None, None


class _TotalVariation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        down = image[..., 1:, :] - image[..., :-1, :]
        right = image[..., :, 1:] - image[..., :, :-1]
        ctx.save_for_backward(down, right)
        return _dot(down, down) / down.numel() + _dot(right, right) / right.numel()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        down, right = ctx.saved_tensors
        total: Tensor = down.new_zeros((*right.shape[:-1], down.shape[-1]))
        total[..., 1:, :].add_(down)
        total[..., :-1, :].sub_(down)
        narrower = down.numel() / right.numel()
        total[..., :, 1:].add_(right, alpha=narrower)
        total[..., :, :-1].sub_(right, alpha=narrower)
        return total.mul_(gradient * (2 / down.numel()))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Sum of products of two tensors (1, C, H, W) laid out alike in memory, without a tensor of products."""
    if a.is_contiguous(memory_format=torch.channels_last):
        a, b = a.permute(0, 2, 3, 1), b.permute(0, 2, 3, 1)
    total: Tensor = torch.linalg.vecdot(a.flatten(), b.flatten())
    return total
