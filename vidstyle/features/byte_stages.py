"""The student's stages in 8 bits: activations go from one convolution to the next as bytes, gradients back.

Features stay float32, and so do the sums in each product. What is lost is less than the student is away
from its teacher, and VGG-19 scores pictures alike that were painted through either (BENCHMARKS.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.eight_bits import MOST, ZERO, ByteConvolution, codes_of, raised, signed_codes, unsigned
from vidstyle.features.stages import through_relu

# What bytes hold of each convolution, by stage: 99.9 to 99.99 % of what it says of photographs and
# paintings in which it says most. More would be coarser for all the rest.
LARGEST = ((6.6, 6.2), (4.1, 3.5), (2.0, 1.8, 1.8), (1.35, 1.2, 1.7), (1.8, 1.25, 2.6))

GROWTH = 2.0
"""How much larger the largest gradient to a convolution's input is held to be than that to its output: it
was 0.6 to 2.3 times as large over eight styles; what is more saturates."""


class ByteStage:
    """A stage in 8 bits; fulfils `Stage`.

    Args:
        convolutions: float32, at least two.
        before: most that bytes hold of the input; None of the first stage, which sees an image.
        largest: most that they hold of each convolution.
    """

    def __init__(
        self, convolutions: Sequence[nn.Conv2d], before: float | None, largest: Sequence[float]
    ) -> None:
        steps = [most / MOST for most in largest[:-1]]
        # Three channels are quicker in float32, and an image is finer than bytes.
        self._image = _ImageLayer(convolutions[0], steps[0]) if before is None else None
        rest = convolutions if self._image is None else convolutions[1:]
        self._forth = [ByteConvolution(each.weight, each.bias, padding=1) for each in rest]
        self._steps = steps if before is None else [before / MOST, *steps]  # of what each of them sees
        self._back = [_backwards(each) for each in convolutions]

    def activated(self, hidden: Tensor) -> list[Tensor]:
        """What each convolution says, the last in float32, those before it as bytes."""
        if self._image is None:
            codes, said = codes_of(hidden, self._steps[0]), []
        else:
            codes = self._image(hidden)
            said = [codes]
        for number, (forth, step) in enumerate(zip(self._forth[:-1], self._steps, strict=False), 1):
            codes = forth.relu_bytes(codes, step, self._steps[number])
            said.append(codes)
        return [*said, self._forth[-1].relu(codes, self._steps[-1])]

    def to_input(self, gradient: Tensor, said: Sequence[Tensor], *, in_place: bool) -> Tensor:
        """The gradient to the input, by bytes."""
        *inner, last = said
        codes, step = signed_codes(through_relu(gradient, last, in_place=in_place), in_place=True)
        for back, after in zip(self._back[:0:-1], reversed(inner), strict=True):
            codes = back.signed_bytes(raised(codes), step, GROWTH * step)
            codes.mul_(after.clamp(max=1).view(torch.int8))
            step *= GROWTH
        return self._back[0](raised(codes), step)


class _ImageLayer:
    """relu of the first convolution, from float32 to bytes that count in a step."""

    def __init__(self, convolution: nn.Conv2d, step: float) -> None:
        assert convolution.bias is not None
        # Scaled, it gives what bytes count at once.
        self._kernel = (convolution.weight / step).contiguous(memory_format=torch.channels_last)
        self._bias = convolution.bias / step - ZERO

    def __call__(self, image: Tensor) -> Tensor:
        return unsigned(F.conv2d(image, self._kernel, self._bias, padding=1))


def _backwards(convolution: nn.Conv2d) -> ByteConvolution:
    """From the gradient to the output to that to the input: with the kernel turned around."""
    return ByteConvolution(convolution.weight.flip(2, 3).transpose(0, 1), None, padding=1, zero=ZERO)


def stages_in_bytes(stages: Sequence[Sequence[nn.Conv2d]]) -> list[ByteStage]:
    """A student's stages, each after the one before it."""
    befores = (None, *(largest[-1] for largest in LARGEST))
    return [ByteStage(*given) for given in zip(stages, befores, LARGEST, strict=False)]
