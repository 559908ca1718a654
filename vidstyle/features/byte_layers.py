"""The student's layers in 8 bits: activations as bytes from one to the next, gradients as bytes back.

Taps stay float32, and so do the sums in each product; what is lost is under the noise of the student
itself, which is a few hundredths of its teacher away. VGG-19 scores pictures alike that were painted
through either (BENCHMARKS.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.eight_bits import MOST, ZERO, ByteConvolution, codes_of, signed_codes, unsigned

# Of what each layer says of photographs and paintings; what is more saturates. By stage.
LARGEST = ((9.0, 9.0), (5.5, 5.5), (3.0, 3.0, 3.5), (2.0, 2.0, 3.0), (2.5, 1.8, 3.5))


class ByteLayer:
    """A convolution of 3x3 and its relu in 8 bits; fulfils `Layer`.

    Args:
        convolution: float32.
        step: what bytes of the input count in.
        out_step: what bytes of the output count in; None for float32 output.
    """

    def __init__(self, convolution: nn.Conv2d, step: float, out_step: float | None) -> None:
        self._step, self._out_step = step, out_step
        self._forth = ByteConvolution(convolution.weight, convolution.bias, padding=1)
        self._back = _backwards(convolution)

    def activated(self, hidden: Tensor) -> Tensor:
        """relu of the convolution, of bytes or of float32 numbers."""
        codes = hidden if hidden.dtype == torch.uint8 else codes_of(hidden, self._step)
        if self._out_step is None:
            return self._forth.relu(codes, self._step)
        return self._forth.relu_bytes(codes, self._step, self._out_step)

    def to_input(self, gradient: Tensor, after: Tensor, *, in_place: bool) -> Tensor:
        """The gradient to the input, by bytes that hold the largest of its numbers."""
        return _to_input(self._back, gradient, after, in_place=in_place)


class ByteLayerOfImage:
    """The first layer, from float32 to bytes; fulfils `Layer`.

    Three channels are quicker in float32, and an image is finer than bytes.

    Args:
        convolution: float32.
        out_step: what bytes of the output count in.
    """

    def __init__(self, convolution: nn.Conv2d, out_step: float) -> None:
        assert convolution.bias is not None
        # Scaled, it gives what bytes count at once.
        kernel = convolution.weight / out_step
        self._kernel = kernel.contiguous(memory_format=torch.channels_last)
        self._bias = convolution.bias / out_step - ZERO
        self._back = _backwards(convolution)

    def activated(self, hidden: Tensor) -> Tensor:
        """relu of the convolution, as bytes."""
        return unsigned(F.conv2d(hidden, self._kernel, self._bias, padding=1))

    def to_input(self, gradient: Tensor, after: Tensor, *, in_place: bool) -> Tensor:
        """The gradient to the image."""
        return _to_input(self._back, gradient, after, in_place=in_place)


def _backwards(convolution: nn.Conv2d) -> ByteConvolution:
    """From the gradient to the output to that to the input: with the kernel turned around."""
    return ByteConvolution(convolution.weight.flip(2, 3).transpose(0, 1), None, padding=1, zero=ZERO)


def _to_input(back: ByteConvolution, gradient: Tensor, after: Tensor, *, in_place: bool) -> Tensor:
    if after.dtype == torch.uint8:
        codes, step = signed_codes(gradient, in_place=in_place)
        codes.mul_(after.clamp(max=1).view(torch.int8))
    else:
        codes, step = signed_codes(through_relu(gradient, after, in_place=in_place), in_place=True)
    return back(codes.view(torch.uint8).bitwise_xor_(ZERO), step)


def layers_in_bytes(stages: Sequence[Sequence[nn.Conv2d]]) -> list[list[ByteLayer | ByteLayerOfImage]]:
    """The layers of a student's stages, whose last give taps in float32."""
    layers: list[list[ByteLayer | ByteLayerOfImage]] = []
    step: float | None = None
    for stage, largest in zip(stages, LARGEST, strict=True):
        layers.append([])
        for number, (convolution, most) in enumerate(zip(stage, largest, strict=True), 1):
            out_step = most / MOST
            if step is None:
                layers[-1].append(ByteLayerOfImage(convolution, out_step))
            else:
                layers[-1].append(ByteLayer(convolution, step, None if number == len(stage) else out_step))
            step = out_step
    return layers


def through_relu(gradient: Tensor, after: Tensor, *, in_place: bool) -> Tensor:
    """The gradient to what relu made `after` of."""
    if in_place:
        torch.ops.aten.threshold_backward.grad_input(gradient, after, 0, grad_input=gradient)
        return gradient
    passed: Tensor = torch.ops.aten.threshold_backward(gradient, after, 0)
    return passed
