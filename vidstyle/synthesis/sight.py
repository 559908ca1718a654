"""What is seen of a picture through a network: sums of its style taps, distances of its content taps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from vidstyle.features.network import FeatureNetwork, tap_of
from vidstyle.synthesis.losses import content_scale, squared_tap_distance
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.statistics import Sums, raw_moments_by, through

Weights = tuple[Tensor, ...] | None
"""(h, w) a style tap, how much each cell counts; None for all of them alike."""


@dataclass(frozen=True, eq=False)
class Content:
    """A frame at a content tap.

    Attributes:
        features: (1, C, h, w) that the tap is made of, in the network's own precision.
        scale: the tap's variance, a scalar, which divides distances to it.
    """

    features: Tensor
    scale: Tensor


@dataclass(frozen=True, eq=False)
class Seen:
    """What a picture measures.

    Attributes:
        sums: for each of the weights, at each style tap.
        content: mean squared distance at each content tap, a scalar.
    """

    sums: tuple[tuple[Sums, ...], ...]
    content: tuple[Tensor, ...]


class Sight(Protocol):
    """Sees pictures whole or in parts, and says the same of them but for rounding."""

    def first(
        self, source: Tensor, weights: Sequence[Weights]
    ) -> tuple[tuple[Content, ...], tuple[tuple[Sums, ...], ...]]:
        """A frame's content, and its own sums by each of some weights; without a gradient.

        Args:
            source: (1, 3, H, W) in 0..1.
            weights: none of them where nobody asks for sums.
        """
        ...

    def __call__(self, image: Tensor, weights: Sequence[Weights], content: Sequence[Content]) -> Seen:
        """What (1, 3, H, W) in 0..1 measures beside some content; has a gradient to the image."""
        ...


@dataclass(frozen=True, eq=False)
class WholeSight:
    """Sees all of a picture at once; fulfils `Sight`.

    Attributes:
        network: the taps.
    """

    network: Octaves

    def first(
        self, source: Tensor, weights: Sequence[Weights]
    ) -> tuple[tuple[Content, ...], tuple[tuple[Sums, ...], ...]]:
        """A frame's content, and its own sums by each of some weights."""
        features = self.network.features(source)
        content = content_of(self.network, [features[index] for index in self.network.content_taps])
        return content, self._sums(features, weights)

    def __call__(self, image: Tensor, weights: Sequence[Weights], content: Sequence[Content]) -> Seen:
        """What a picture measures beside some content."""
        features = self.network.features(image)
        distances = tuple(
            squared_tap_distance(features[index], each.features, self.network.heads[index])
            for index, each in zip(self.network.content_taps, content, strict=True)
        )
        return Seen(self._sums(features, weights), distances)

    def _sums(self, features: Sequence[Tensor], weights: Sequence[Weights]) -> tuple[tuple[Sums, ...], ...]:
        taps = []
        for place, index in enumerate(self.network.style_taps):
            maps = [None if each is None else each[place] for each in weights]
            summed = raw_moments_by(features[index], maps)
            taps.append([through(each, self.network.heads[index]) for each in summed])
        return tuple(zip(*taps, strict=True))


def content_of(network: FeatureNetwork | Octaves, features: Sequence[Tensor]) -> tuple[Content, ...]:
    """A frame's content, from its features at the content taps."""
    heads = [network.heads[index] for index in network.content_taps]
    return tuple(
        Content(each, content_scale(tap_of(each, head))) for each, head in zip(features, heads, strict=True)
    )
