"""The live network in 8 bits, and how it goes without looking at each picture twice.

An instance normalisation sees all of a picture before it changes any of it: between two convolutions
numbers go to memory and back four times. Within a shot their mean and spread hardly change. Where they are
known from frames before, the normalisation is folded into the convolution (Jacob et al. 2018, section 3.2),
which gives the bytes that the next one takes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.eight_bits import MOST, ByteConvolution
from vidstyle.live.codes import Codes, codes_between, fitted_codes
from vidstyle.live.network import NARROWEST, Layer, picture_of, unfolded

ROOM = 0.1  # share by which bytes reach farther than the numbers of a frame before did


@dataclass(frozen=True, eq=False)
class Spread:
    """What the numbers were like in a picture that a layer brought about.

    Attributes:
        mean: (O,) of what its convolution says, by channel.
        rate: (O,), 1 over the standard deviation of that.
        lowest: of what becomes bytes for the next layer, and largest.
    """

    mean: Tensor
    rate: Tensor
    lowest: float
    largest: float

    def reach(self) -> tuple[float, float]:
        """What bytes of a frame's numbers that are like these count from, and the most that they hold."""
        room = ROOM * (self.largest - self.lowest)
        return self.lowest and self.lowest - room, self.largest + room


Spreads = tuple[Spread, ...]
"""Of each normalised layer, in their order; of one picture, as each depends on those before it."""


def paint_in_bytes(codes: Codes, layers: Sequence[Layer], known: Spreads | None) -> tuple[Tensor, Spreads]:
    """`paint` for layers that have their convolutions in 8 bits, one picture at a time.

    Args:
        codes: of what `paint` takes.
        layers: of one style.
        known: of a picture that is much like this one; None: this one is looked at itself.

    Returns:
        What `paint` gives, and what was known or seen.
    """
    enter, down, *blocks, up, merge, widen, finish = layers
    way: _Looking | _Knowing = _Looking() if known is None else _Knowing(known)
    quarter = way.coded(codes, enter)
    hidden, seen = way.positive(quarter, down)
    for first, second in zip(blocks[::2], blocks[1::2], strict=True):
        hidden, seen = way.added(way.coded(seen, first), second, hidden)
    coarse = _convolved(seen, up)
    wide = F.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)
    wide.add_(quarter.values, alpha=quarter.step)
    merged = way.coded(fitted_codes(wide, positive=False), merge)
    fine = way.coded(merged, widen)
    half = fine._replace(values=unfolded(fine.values))
    return picture_of(_convolved(half, finish)), tuple(way.spreads)


class _Looking:
    """From layer to layer by what each picture shows. What a layer brings about goes on as bytes."""

    def __init__(self) -> None:
        self.spreads: list[Spread] = []

    def coded(self, codes: Codes, layer: Layer) -> Codes:
        """A layer's numbers, at least 0."""
        return self.positive(codes, layer)[1]

    def positive(self, codes: Codes, layer: Layer) -> tuple[Tensor, Codes]:
        """The same, and the numbers themselves."""
        numbers, *moments = _normalised(codes, layer)
        return numbers.relu_(), self._looked(numbers, *moments, positive=True)

    def added(self, codes: Codes, layer: Layer, to: Tensor) -> tuple[Tensor, Codes]:
        """A layer's numbers added to others, in their place."""
        numbers, *moments = _normalised(codes, layer)
        return to.add_(numbers), self._looked(to, *moments, positive=False)

    def _looked(self, numbers: Tensor, mean: Tensor, rate: Tensor, *, positive: bool) -> Codes:
        codes = fitted_codes(numbers, positive=positive)
        self.spreads.append(Spread(mean, rate, codes.lowest, codes.lowest + MOST * codes.step))
        return codes


class _Knowing:
    """The same by what is known."""

    def __init__(self, known: Spreads) -> None:
        self.spreads = known
        self._known = iter(known)

    def coded(self, codes: Codes, layer: Layer) -> Codes:
        known = next(self._known)
        values, step, lowest = _padded(codes)
        out_step = known.reach()[1] / MOST
        return Codes(_folded(layer, known).relu_bytes(values, step, out_step, lowest), out_step)

    def positive(self, codes: Codes, layer: Layer) -> tuple[Tensor, Codes]:
        known = next(self._known)
        values, step, lowest = _padded(codes)
        numbers = _folded(layer, known).relu(values, step, lowest)
        return numbers, codes_between(numbers, *known.reach())

    def added(self, codes: Codes, layer: Layer, to: Tensor) -> tuple[Tensor, Codes]:
        known = next(self._known)
        to.add_(_folded(layer, known)(*_padded(codes)))
        return to, codes_between(to, *known.reach())


def _normalised(codes: Codes, layer: Layer) -> tuple[Tensor, Tensor, Tensor]:
    """What a layer says, and the mean of its convolution and 1 over the standard deviation."""
    assert layer.scale is not None
    # No more calls than it takes: threads that paint at once wait for each other in every one.
    given = (layer.scale, layer.shift, None, None, True, 0.0, NARROWEST)
    result: tuple[Tensor, Tensor, Tensor] = torch.native_batch_norm(_convolved(codes, layer), *given)
    return result


_made: WeakKeyDictionary[Spread, ByteConvolution] = WeakKeyDictionary()
"""Convolutions with their normalisation, each kept for as long as the spread is: some frames."""


def _folded(layer: Layer, spread: Spread) -> ByteConvolution:
    """The convolution with its normalisation; a spread is that of one layer in one style."""
    made = _made.get(spread)
    if made is None:
        assert layer.in_bytes is not None
        assert layer.scale is not None
        assert layer.shift is not None
        gain = layer.scale * spread.rate
        shift = torch.addcmul(layer.shift, spread.mean, gain, value=-1)
        made = _made[spread] = layer.in_bytes.scaled(gain, shift)
    return made


def _convolved(codes: Codes, layer: Layer) -> Tensor:
    assert layer.in_bytes is not None
    return layer.in_bytes(*_padded(codes))


def _padded(codes: Codes) -> Codes:
    """With mirrored margins, as `paint` has them: by OpenCV in a fifth of torch's time."""
    rows = codes.values[0].permute(1, 2, 0).numpy()
    wide = cv2.copyMakeBorder(rows, 1, 1, 1, 1, borderType=cv2.BORDER_REFLECT_101)
    return codes._replace(values=torch.from_numpy(wide).permute(2, 0, 1)[None])
