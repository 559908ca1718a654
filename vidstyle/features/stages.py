"""Stages of the student with weights that stand still: convolutions of 3x3, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Stage(Protocol):
    """Convolutions of 3x3, each with its relu, at one size."""

    def activated(self, hidden: Tensor) -> list[Tensor]:
        """What each convolution says of (B, C, H, W), after its relu; the last are the features.

        Those before it may be in any form: they are for `to_input`.
        """
        ...

    def to_input(self, gradient: Tensor, said: Sequence[Tensor], *, in_place: bool) -> Tensor:
        """The gradient to the input.

        Args:
            gradient: to the features, in their precision.
            said: what `activated` gave.
            in_place: the gradient is not needed any more.
        """
        ...


class PlainStage:
    """A stage in the precision of its weights; fulfils `Stage`."""

    def __init__(self, convolutions: Sequence[nn.Conv2d]) -> None:
        self._convolutions = convolutions

    def activated(self, hidden: Tensor) -> list[Tensor]:
        """What each convolution says."""
        said = []
        for convolution in self._convolutions:
            hidden = _activated(hidden, convolution)
            said.append(hidden)
        return said

    def to_input(self, gradient: Tensor, said: Sequence[Tensor], *, in_place: bool) -> Tensor:
        """The gradient to the input."""
        for convolution, after in zip(reversed(self._convolutions), reversed(said), strict=True):
            gradient = _to_input(through_relu(gradient, after, in_place=in_place), convolution)
            in_place = True
        return gradient


def through_relu(gradient: Tensor, after: Tensor, *, in_place: bool) -> Tensor:
    """The gradient to what relu made `after` of."""
    if in_place:
        torch.ops.aten.threshold_backward.grad_input(gradient, after, 0, grad_input=gradient)
        return gradient
    passed: Tensor = torch.ops.aten.threshold_backward(gradient, after, 0)
    return passed


def _activated(hidden: Tensor, convolution: nn.Conv2d) -> Tensor:
    """relu of a convolution of stride 1; on NVIDIA's cards bias and relu are part of it."""
    if hidden.is_cuda and hidden.dtype == torch.bfloat16 and torch.version.cuda is not None:
        kernel, padding = convolution.weight, cast(tuple[int, ...], convolution.padding)
        return torch.cudnn_convolution_relu(hidden, kernel, convolution.bias, (1, 1), padding, (1, 1), 1)
    return F.relu_(convolution(hidden))


def _to_input(gradient: Tensor, convolution: nn.Conv2d) -> Tensor:
    """The gradient of a convolution of stride 1 to its input: one with the kernel turned around."""
    kernel = convolution.weight
    return F.conv_transpose2d(gradient, kernel, padding=convolution.padding)  # type: ignore[arg-type]
