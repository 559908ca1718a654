"""The student with weights that stand still: its taps, and their gradient to the image by hand.

Autograd would do the same with a pass over memory for every sum, mask and pooling of its own; an
optimiser of pixels takes this gradient thousands of times a clip.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.student import StudentNetwork


class FrozenStudent:
    """A student that is only asked for taps, never taught.

    Args:
        student: its convolutions in the precision to compute in, placed (`network.place`).
    """

    def __init__(self, student: StudentNetwork) -> None:
        self.stages = [[_convolution(layer) for layer in stage.children()] for stage in student.stages]
        self.heads = [_convolution(head) for head in student.heads]
        self.gain = 1 / student.spread
        self.offset = -student.mean / student.spread

    def __call__(self, image: Tensor) -> list[Tensor]:
        """What `StudentNetwork.forward` gives for (B, 3, H, W) in 0..1."""
        return list(_Taps.apply(self, image))


class _Taps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, student: FrozenStudent, image: Tensor) -> tuple[Tensor, ...]:
        hidden = torch.addcmul(student.offset, image, student.gain).to(student.heads[0].weight.dtype)
        taps, kept = [], []
        for number, (stage, head) in enumerate(zip(student.stages, student.heads, strict=True)):
            if number:
                hidden = F.avg_pool2d(hidden, 2)
            for convolution in stage:
                hidden = _activated(hidden, convolution)
                if ctx.needs_input_grad[1]:  # else they would all be kept for nothing
                    kept.append(hidden)
            taps.append(head(hidden))
        ctx.student = student
        ctx.set_materialize_grads(False)  # taps that nobody asked after have no gradient, not one of zeros
        ctx.save_for_backward(*kept)
        return tuple(taps)

    @staticmethod
    def backward(ctx: Any, *to_taps: Tensor | None) -> tuple[None, Tensor | None]:
        student: FrozenStudent = ctx.student
        kept: list[Tensor] = list(ctx.saved_tensors)
        gradient: Tensor | None = None
        for stage, head, to_tap in zip(
            reversed(student.stages), reversed(student.heads), reversed(to_taps), strict=True
        ):
            gradient = _through_head(kept[-1], head, to_tap, gradient)
            for convolution in reversed(stage):
                after = kept.pop()
                if gradient is not None:
                    gradient = torch.ops.aten.threshold_backward(gradient, after, 0)
                    gradient = _to_input(gradient, convolution)
        return None, None if gradient is None else gradient.float() * student.gain


def _convolution(layer: nn.Module) -> nn.Conv2d:
    return cast(nn.Conv2d, layer)


def _through_head(
    hidden: Tensor, head: nn.Conv2d, to_tap: Tensor | None, deeper: Tensor | None
) -> Tensor | None:
    """The gradient to the last features of a stage, from its tap and from the stage below."""
    from_tap = None if to_tap is None else _to_input(to_tap, head)
    if deeper is None:
        return from_tap
    if from_tap is None:
        return _unpooled(deeper, hidden)
    if not deeper.is_cuda:
        return from_tap.add_(_unpooled(deeper, hidden))
    height, width = deeper.shape[-2:]  # in one operation; processors are slow at it in bfloat16
    covered = torch.unflatten(from_tap[..., : 2 * height, : 2 * width], 3, (width, 2))
    torch.unflatten(covered, 2, (height, 2)).add_(deeper[:, :, :, None, :, None], alpha=0.25)
    return from_tap


def _unpooled(gradient: Tensor, like: Tensor) -> Tensor:
    """The gradient of `avg_pool2d(like, 2)`: a quarter to each of four; an odd last row gets none."""
    whole = F.interpolate(gradient * 0.25, scale_factor=2, mode="nearest")
    missing = (like.shape[-1] - whole.shape[-1], like.shape[-2] - whole.shape[-2])
    return F.pad(whole, (0, missing[0], 0, missing[1])) if any(missing) else whole


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
