"""Practice: some lessons in one style before a clip is painted in it, which change that style alone.

What the network makes of a style at first sight is good for most; of one unlike all that it was trained
on it is half-way. The plain layers that it would paint with (`LiveNetwork.kernels`) are taught on, all of
them: by the style's wishes alone, which choose among the experts' kernels, the same style is reached with
less of the content left. Their number, not the clock, ends the lessons, so that the same style comes
out on every machine of a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import nn

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.course import Course, SideBySide, Subject, cosine, on_one_core
from vidstyle.live.crops import Crops
from vidstyle.live.lesson import Balance, Goal
from vidstyle.live.network import Layer, LiveNetwork
from vidstyle.live.style import LiveStyle, learned
from vidstyle.synthesis.targets import StyleTarget

VERSION = 4  # of all that lessons do: what was practised by another counts no more
AT_ONCE = 2  # lessons of a step, a core each
RATE = 1.2e-2  # ten times a specialist's, whose thousands of steps end lower
WARMING = 4  # steps
STEADY_EVERY = 2  # lessons; in each, what holds the strokes still would hold back the style
LARGEST = 40_000  # pixels of a crop: more steps on less of a picture lead further in the same time
# Measured on frames of a clip, which are calmer than made-up pictures: strokes move less of themselves.
BALANCE = Balance(content=0.8, steady=1200.0, near=0.07, still=0.003, flicker=0.0007)


@on_one_core()
def practised(
    network: LiveNetwork,
    features: FeatureNetwork,
    target: StyleTarget,
    crops: Iterator[Crops],
    *,
    lessons: int,
    seed: int,
    dtype: torch.dtype,
) -> LiveStyle:
    """A style after some lessons in it.

    Args:
        network: that knows the style at first sight; it is not changed.
        features: the taps that the lessons compare, in float32 or bfloat16, on the device to learn on.
        target: the style.
        crops: endless pieces of pictures to practise on, on that device.
        lessons: how many, at least 1; the last step of them is a whole one.
        seed: of the movements and the noise.
        dtype: arithmetic of the lessons, float32 or bfloat16.
    """
    with torch.no_grad():
        style = learned(network.to(features.device), target)
    layers = [_Learning(layer) for layer in style.layers]
    subject = Subject(features, Goal.of(target), dtype, BALANCE)
    learning = [parameter for layer in layers for parameter in layer.parameters()]
    course = Course(subject, learning, lambda: [layer() for layer in layers], averaging=0.0)
    count, batch = (AT_ONCE, 1) if features.device.type == "cpu" else (1, AT_ONCE)
    steps = -(-lessons // AT_ONCE)
    with SideBySide(seed, features.device, count, batch) as lesson:
        for step in range(steps):
            rate = cosine(step, step / steps, rate=RATE, warming=WARMING)
            steady = [(step * count + number) % STEADY_EVERY == 0 for number in range(count)]
            course.step(lesson, crops, rate, steady)
    own = tuple(layer.learnt() for layer in layers)
    return replace(style, layers=own, own=own)


class _Learning(nn.Module):
    """A layer whose numbers are learnt; its kernel as one of a stack of one, as `Muon` takes them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer
        self.kernel = nn.Parameter(layer.kernel.detach().clone()[None])
        self.bias = nn.Parameter(layer.bias.detach().clone())
        self.scale, self.shift = (
            None if part is None else nn.Parameter(part.detach().clone())
            for part in (layer.scale, layer.shift)
        )

    def forward(self) -> Layer:
        """The layer as it is now, to learn from."""
        return replace(self._layer, kernel=self.kernel[0], bias=self.bias, scale=self.scale, shift=self.shift)

    def learnt(self) -> Layer:
        """The layer as it is now, to keep."""
        scale, shift = (None if part is None else part.detach() for part in (self.scale, self.shift))
        return replace(
            self._layer, kernel=self.kernel.detach()[0], bias=self.bias.detach(), scale=scale, shift=shift
        )
