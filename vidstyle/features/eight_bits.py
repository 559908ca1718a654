"""Convolutions in 8 bits: twice as fast as in float32, four times with dot products of bytes (VNNI).

Numbers become bytes by one step for a whole tensor, kernels by one for each of their outputs; products
are summed in 32 bits (Jacob et al. 2018). These are the operators of oneDNN that torch's own compiler
puts in place of quantised convolutions; torch does not describe them, so `most_of_kernel` tries one.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

MOST = 255  # of a byte
MOST_OF_KERNEL = (127, 64)  # what is tried; of two products of 255 and 64 the sum fits into 16 bits
ZERO = 128  # byte that means 0 where numbers may be negative


class ByteConvolution:
    """A convolution whose kernel and input are bytes.

    Args:
        kernel: (O, I, h, w) float32.
        bias: (O,), or None.
        stride: of the convolution.
        padding: zeros on each side.
        zero: byte of the input that means 0.
        most: largest of the kernel's bytes; None: the largest that this machine multiplies rightly.
    """

    def __init__(
        self,
        kernel: Tensor,
        bias: Tensor | None,
        *,
        stride: int = 1,
        padding: int = 0,
        zero: int = 0,
        most: int | None = None,
    ) -> None:
        steps = kernel.abs().amax((1, 2, 3)).clamp_(min=torch.finfo(torch.float32).tiny)
        steps /= most or most_of_kernel() or MOST_OF_KERNEL[0]
        values = _rounded(kernel / steps.view(-1, 1, 1, 1))
        self._steps, self._zeros = steps, torch.zeros(len(kernel), dtype=torch.int32)
        self._bias = kernel.new_zeros(len(kernel)) if bias is None else bias
        self._of_one = values.sum((1, 2, 3)) * steps  # what an input of ones throughout gives
        self._zero = zero
        self._way = ([stride] * 2, [padding] * 2, [1, 1], 1)  # with dilation and groups
        bytes_ = values.to(torch.int8).contiguous()
        self._kernel = _operators().qconv_prepack(bytes_, steps, 1.0, zero, *self._way, None)

    def __call__(self, codes: Tensor, step: float, lowest: float = 0.0) -> Tensor:
        """Numbers (B, O, H, W) float32, of bytes (B, I, H, W) that count in a step.

        Args:
            codes: bytes.
            step: what they count in.
            lowest: what they count from; other than 0 only where nothing is padded.
        """
        return self._run(codes, step, self._bias_from(lowest), torch.float32, 1.0, "none")

    def relu(self, codes: Tensor, step: float, lowest: float = 0.0) -> Tensor:
        """`__call__`, and 0 where that is negative."""
        return self._run(codes, step, self._bias_from(lowest), torch.float32, 1.0, "relu")

    def relu_bytes(self, codes: Tensor, step: float, out_step: float, lowest: float = 0.0) -> Tensor:
        """`relu` as bytes that count in `out_step`; what is more than they hold becomes their most."""
        return self._run(codes, step, self._bias_from(lowest), torch.uint8, out_step, "relu")

    def signed_bytes(self, codes: Tensor, step: float, out_step: float) -> Tensor:
        """`__call__` as signed bytes that count in `out_step`; more than they hold becomes their most."""
        return self._run(codes, step, self._bias, torch.int8, out_step, "none")

    def scaled(self, gain: Tensor, shift: Tensor) -> ByteConvolution:
        """The convolution whose outputs are these times a gain (O,), and a shift (O,); no more work."""
        other = copy(self)
        other._steps, other._of_one = self._steps * gain, self._of_one * gain
        other._bias = torch.addcmul(shift, self._bias, gain)
        return other

    def _bias_from(self, lowest: float) -> Tensor:
        return self._bias if lowest == 0 else torch.add(self._bias, self._of_one, alpha=lowest)

    def _run(
        self, codes: Tensor, step: float, bias: Tensor, dtype: torch.dtype, out_step: float, after: str
    ) -> Tensor:
        given = (codes, step, self._zero, self._kernel, self._steps, self._zeros, bias)
        result: Tensor = _operators().qconv_pointwise(*given, *self._way, out_step, 0, dtype, after, [], "")
        return result


def codes_of(numbers: Tensor, step: float) -> Tensor:
    """Bytes that count numbers, at least 0, in a step; what is more than they hold becomes their most."""
    return unsigned((numbers * (1 / step)).sub_(ZERO))


def unsigned(counts: Tensor) -> Tensor:
    """Bytes of counts that lie about 0, less `ZERO`; the counts are changed."""
    return raised(about_zero(counts.clamp_(-ZERO, MOST - ZERO)))


def about_zero(counts: Tensor) -> Tensor:
    """Signed bytes of counts in -128..127, rounded; the counts are changed."""
    return counts.round_().to(torch.int8)  # four times as fast as to unsigned ones


def signed_codes(numbers: Tensor, *, in_place: bool) -> tuple[Tensor, float]:
    """Signed bytes that count numbers in a step, and the smallest step in which they hold them all.

    Args:
        numbers: float32, finite.
        in_place: they are not needed any more.
    """
    largest = max(float(numbers.amax()), -float(numbers.amin())) or 1.0
    counts = torch.mul(numbers, 127 / largest, out=numbers if in_place else None)
    return about_zero(counts), largest / 127


def raised(codes: Tensor) -> Tensor:
    """Bytes about `ZERO` of signed ones, in their place."""
    return codes.view(torch.uint8).bitwise_xor_(ZERO)


def _rounded(values: Tensor) -> Tensor:
    """Whole numbers (O, I, h, w) near `values`, whose sums over a kernel are those of `values`, rounded.

    So what is flat is seen as it is (the first step of SQuant, Guo et al. 2022): that makes up for the bit
    that kernels lose where bytes have no dot products.
    """
    each = values.flatten(2)
    below = each.floor()
    missing = each - below
    first = torch.arange(each.shape[2]) < missing.sum(2, keepdim=True).round_()
    order = missing.argsort(2, descending=True)
    return below.scatter_add_(2, order, first.to(below.dtype)).view_as(values)


@cache
def most_of_kernel() -> int | None:
    """The largest byte of a kernel that this machine's torch multiplies rightly; None: it has no products.

    Without dot products of bytes two products are summed in 16 bits first, which 255 times 127 overflow.
    """
    return next((most for most in MOST_OF_KERNEL if _right(most)), None)


def works_here() -> bool:
    """Whether this machine's torch has the operators, and they are right."""
    return most_of_kernel() is not None


def _right(most: int) -> bool:
    whole = torch.Generator().manual_seed(0)
    kernel, bias = torch.randn(8, 8, 3, 3, generator=whole), torch.randn(8, generator=whole)
    kernel[0] = 1.0  # with what is bright the largest products that there are
    numbers = torch.rand(1, 8, 16, 16, generator=whole).contiguous(memory_format=torch.channels_last)
    numbers[..., :8] = 1.0
    try:
        made = ByteConvolution(kernel, bias, padding=1, most=most).relu(codes_of(numbers, 1 / MOST), 1 / MOST)
    except (AttributeError, RuntimeError, TypeError):
        return False
    exact = F.relu(F.conv2d(numbers, kernel, bias, padding=1))
    return bool((made - exact).norm() < 0.03 * exact.norm())


def _operators() -> Any:
    return torch.ops.onednn
