"""The student with weights that stand still: its features, and their gradient to the image by hand.

Autograd would do the same with a pass over memory for every sum, mask and pooling of its own; an
optimiser of pixels takes this gradient thousands of times a clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.byte_stages import stages_in_bytes
from vidstyle.features.network import Head
from vidstyle.features.stages import PlainStage, Stage
from vidstyle.features.student import StudentNetwork


class FrozenStudent:
    """A student that is only asked for features, never taught.

    Args:
        student: its convolutions in the precision to compute in, placed (`network.place`).
        in_bytes: what lies between its float32 taps is computed in 8 bits.

    Attributes:
        heads: what makes the taps of the features.
    """

    def __init__(self, student: StudentNetwork, *, in_bytes: bool = False) -> None:
        stages = [[_convolution(layer) for layer in stage.children()] for stage in student.stages]
        self.stages: Sequence[Stage] = stages_in_bytes(stages) if in_bytes else [*map(PlainStage, stages)]
        self.heads = tuple(_head(_convolution(head)) for head in student.heads)
        self.gain = 1 / student.spread
        self.offset = -student.mean / student.spread

    def __call__(self, image: Tensor) -> list[Tensor]:
        """The last features of each stage, before its head, for (B, 3, H, W) in 0..1."""
        return list(_Features.apply(self, image))


class _Features(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, student: FrozenStudent, image: Tensor) -> tuple[Tensor, ...]:
        ctx.depths = []
        hidden = torch.addcmul(student.offset, image, student.gain).to(student.heads[0].weight.dtype)
        last: list[Tensor] = []
        kept: list[Tensor] = []
        for number, stage in enumerate(student.stages):
            if number:
                hidden = F.avg_pool2d(hidden, 2)
            said = stage.activated(hidden)
            hidden = said[-1]
            last.append(hidden)
            if ctx.needs_input_grad[1]:  # else they would all be kept for nothing
                kept += said
                ctx.depths.append(len(said))
        ctx.student = student
        ctx.set_materialize_grads(False)  # what nobody asked after has no gradient, not one of zeros
        ctx.save_for_backward(*kept)
        return tuple(last)

    @staticmethod
    def backward(ctx: Any, *to_last: Tensor | None) -> tuple[None, Tensor | None]:
        student: FrozenStudent = ctx.student
        kept: list[Tensor] = list(ctx.saved_tensors)
        gradient: Tensor | None = None
        for stage, depth, asked in zip(
            reversed(student.stages), reversed(ctx.depths), reversed(to_last), strict=True
        ):
            said = kept[-depth:]
            del kept[-depth:]
            ours = gradient is not None  # what was asked may be of use to others, and is not written to
            gradient = _with_deeper(said[-1], asked, gradient)
            if gradient is not None:
                gradient = stage.to_input(gradient, said, in_place=ours)
        return None, None if gradient is None else gradient.float() * student.gain


def _convolution(layer: nn.Module) -> nn.Conv2d:
    return cast(nn.Conv2d, layer)


def _head(layer: nn.Conv2d) -> Head:
    return Head(layer.weight[:, :, 0, 0], cast(Tensor, layer.bias))


def _with_deeper(hidden: Tensor, asked: Tensor | None, deeper: Tensor | None) -> Tensor | None:
    """The gradient to the last features of a stage: what was asked of them, and what comes from below.

    Never the tensor that was asked, where there is something from below.
    """
    if deeper is None:
        return asked
    if asked is None:
        return _unpooled(deeper, hidden)
    height, width = deeper.shape[-2:]
    if hidden.shape[-2:] != (2 * height, 2 * width):
        return asked + _unpooled(deeper, hidden)
    return _in_pairs(asked, deeper)


def _in_pairs(asked: Tensor, deeper: Tensor) -> Tensor:
    """`asked`, of even sides, and a quarter of `deeper` at each of four: in one pass over memory."""
    batch, channels, height, width = deeper.shape
    # Rows of channels last are long, and so are two columns' channels: processors add these quickest.
    twice = (deeper * 0.25).permute(0, 2, 3, 1)[:, :, :, None].expand(-1, -1, -1, 2, -1)
    rows = asked.permute(0, 2, 3, 1).reshape(batch, height, 2, 2 * width * channels)
    both = rows + twice.reshape(batch, height, 1, 2 * width * channels)
    return both.view(batch, 2 * height, 2 * width, channels).permute(0, 3, 1, 2)


def _unpooled(gradient: Tensor, like: Tensor) -> Tensor:
    """The gradient of `avg_pool2d(like, 2)`: a quarter to each of four; an odd last row gets none."""
    whole = F.interpolate(gradient * 0.25, scale_factor=2, mode="nearest")
    missing = (like.shape[-1] - whole.shape[-1], like.shape[-2] - whole.shape[-2])
    return F.pad(whole, (0, missing[0], 0, missing[1])) if any(missing) else whole
