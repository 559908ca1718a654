"""A picture seen tile by tile: the statistics are those of the whole, and so is the gradient.

Style is told by sums over pixels, content by sums as well. A first pass adds up what each tile has of
them; then what the loss wants of the whole's sums is known, and a second pass takes that back to the
pixels, tile by tile. Features of one tile at a time are held, at the price of computing them twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.synthesis.losses import squared_tap_distance
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.sight import Content, Seen, Weights, content_of
from vidstyle.synthesis.statistics import Sums, raw_moments_by, through
from vidstyle.synthesis.tiles import Tile, tiles_of


class TiledSight:
    """Sees a picture in tiles; fulfils `Sight`.

    Args:
        network: the taps.
        side: most pixels of a tile on each side; a multiple of the network's coarsest stride.
    """

    def __init__(self, network: Octaves, side: int) -> None:
        self._network, self._side = network, side

    def first(
        self, source: Tensor, weights: Sequence[Weights]
    ) -> tuple[tuple[Content, ...], tuple[tuple[Sums, ...], ...]]:
        """A frame's content, and its own sums by each of some weights."""
        content = content_of(self._network, self._content_of(self._network.shown(source)[0]))
        return content, self(source, weights, ()).sums if weights else ()

    def __call__(self, image: Tensor, weights: Sequence[Weights], content: Sequence[Content]) -> Seen:
        """What a picture measures beside some content."""
        sums: list[list[Sums]] = [[] for _ in weights]
        distances: tuple[Tensor, ...] = ()
        for octave, shown in enumerate(self._network.shown(image)):
            questions = self._questions(octave, weights, content)
            answers = iter(_Answers.apply(shown, questions))
            for index in questions.styled:
                for each in sums:
                    each.append(through((next(answers), next(answers)), self._network.heads[index]))
            distances += tuple(answers)
        return Seen(tuple(map(tuple, sums)), distances)

    def _content_of(self, shown: Tensor) -> list[Tensor]:
        inner = self._network.network
        wholes: list[Tensor] = []
        for tile in _tiles(shown, inner, self._side):
            features = inner.features(tile.shown(shown))
            for place, index in enumerate(inner.content_taps):
                own, stride = features[index], inner.strides[index]
                if place == len(wholes):
                    size = (shown.shape[-2] // stride, shown.shape[-1] // stride)
                    whole = own.new_empty((1, own.shape[1], *size))
                    wholes.append(whole.contiguous(memory_format=torch.channels_last))
                tile.part(wholes[place], stride).copy_(tile.own(own, stride))
        return wholes

    def _questions(self, octave: int, weights: Sequence[Weights], content: Sequence[Content]) -> _Questions:
        """What is asked of the picture itself, or of an octave, where only the coarsest tap counts."""
        inner, style_taps = self._network.network, self._network.style_taps
        count = len(inner.strides)
        places = [
            place
            for place, index in enumerate(style_taps)
            if (index < count if octave == 0 else index == count + octave - 1)
        ]
        taps = tuple(style_taps[place] if octave == 0 else count - 1 for place in places)
        maps = tuple(tuple(None if each is None else each[place] for each in weights) for place in places)
        wanted = tuple(each.features for each in content) if octave == 0 else ()
        return _Questions(inner, self._side, taps, maps, wanted)


@dataclass(frozen=True, eq=False)
class _Questions:
    """What is asked of an image that the network looks at.

    Attributes:
        network: the taps.
        side: of the tiles.
        styled: taps to sum up.
        weights: for each of these, (h, w) maps to sum it up by.
        content: features to compare the content taps with; none of them where nobody asks.
    """

    network: FeatureNetwork
    side: int
    styled: tuple[int, ...]
    weights: tuple[tuple[Tensor | None, ...], ...]
    content: tuple[Tensor, ...]

    def tiles(self, image: Tensor) -> Iterator[Tile]:
        """The tiles of the image."""
        return _tiles(image, self.network, self.side)

    def answers(self, image: Tensor, tile: Tile, shown: Tensor) -> list[Tensor]:
        """What a tile adds to the sums and to the distances of the whole.

        Args:
            image: the whole, for its size.
            tile: a part of it.
            shown: what the tile shows of it, to which the answers have a gradient.
        """
        features, found = self.network.features(shown), []
        for index, maps in zip(self.styled, self.weights, strict=True):
            stride = self.network.strides[index]
            own = tile.own(features[index], stride)
            parts = [None if each is None else tile.part(each, stride) for each in maps]
            for weights, sums in zip(maps, raw_moments_by(own, parts), strict=True):
                share = _share(own, image, stride) if weights is None else 1.0
                found += [share * total for total in sums]
        if self.content:
            for index, wanted in zip(self.network.content_taps, self.content, strict=True):
                stride = self.network.strides[index]
                own = tile.own(features[index], stride)
                distance = squared_tap_distance(own, tile.part(wanted, stride), self.network.heads[index])
                found.append(_share(own, image, stride) * distance)
        return found


class _Answers(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, questions: _Questions) -> tuple[Tensor, ...]:
        ctx.save_for_backward(image)
        ctx.questions = questions
        totals: list[Tensor] = []
        for tile in questions.tiles(image):
            found = questions.answers(image, tile, tile.shown(image))
            totals = [a.add_(b) for a, b in zip(totals, found, strict=True)] if totals else found
        return tuple(totals)

    @staticmethod
    def backward(ctx: Any, *to_totals: Tensor) -> tuple[Tensor, None]:
        (image,) = ctx.saved_tensors
        questions: _Questions = ctx.questions
        gradient = torch.zeros_like(image)
        for tile in questions.tiles(image):
            shown = tile.shown(image).detach().requires_grad_()
            with torch.enable_grad():
                found = questions.answers(image, tile, shown)
            # Beyond its own pixels too: what is around a tile made its cells what they are.
            (part,) = torch.autograd.grad(found, shown, to_totals)
            tile.shown(gradient).add_(part)
        return gradient, None


def _tiles(image: Tensor, network: FeatureNetwork, side: int) -> Iterator[Tile]:
    height, width = image.shape[-2:]
    return tiles_of(height, width, side, stride=max(network.strides), reach=network.reach)


def _share(own: Tensor, image: Tensor, stride: int) -> float:
    """The part that a tile's own cells are of all cells."""
    cells = (image.shape[-2] // stride) * (image.shape[-1] // stride)
    return own.shape[-2] * own.shape[-1] / cells
