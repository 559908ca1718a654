"""A margin in which a picture is mirrored, whose gradient is the same each time."""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor


def mirrored(image: Tensor, margin: int) -> Tensor:
    """(B, C, H, W) with so many pixels more on each side, mirrored at the outermost.

    On graphics cards the gradient of `F.pad` adds up in no fixed order: pictures would never come out twice.
    """
    return cast(Tensor, _Mirrored.apply(image, margin))


class _Mirrored(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, margin: int) -> Tensor:
        ctx.margin = margin
        return F.pad(image, (margin,) * 4, mode="reflect")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _folded(_folded(gradient, 2, ctx.margin), 3, ctx.margin), None


def _folded(gradient: Tensor, side: int, margin: int) -> Tensor:
    """What is in the margins of one dimension, added to the pixels that it mirrors."""
    length = gradient.shape[side] - 2 * margin
    inner = gradient.narrow(side, margin, length).clone()
    inner.narrow(side, 1, margin).add_(gradient.narrow(side, 0, margin).flip(side))
    inner.narrow(side, length - 1 - margin, margin).add_(
        gradient.narrow(side, margin + length, margin).flip(side)
    )
    return inner
