"""Tiles: parts of an image, each with as much around it as a network needs to see it as in the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor


@dataclass(frozen=True)
class Span:
    """A stretch of rows or columns, in pixels.

    Attributes:
        begin: the first of its own.
        end: after the last of its own.
        seen_from: the first that is shown to the network.
        seen_to: after the last that is shown.
    """

    begin: int
    end: int
    seen_from: int
    seen_to: int

    def cells(self, stride: int) -> slice:
        """Its own cells at a stride, in the whole image."""
        return slice(self.begin // stride, self.end // stride)

    def cells_seen(self, stride: int) -> slice:
        """Its own cells at a stride, in what is shown."""
        first = self.seen_from // stride
        return slice(self.begin // stride - first, self.end // stride - first)

    @property
    def seen(self) -> slice:
        """What is shown."""
        return slice(self.seen_from, self.seen_to)


@dataclass(frozen=True)
class Tile:
    """A rectangle of an image (1, C, H, W)."""

    rows: Span
    columns: Span

    def shown(self, image: Tensor) -> Tensor:
        """The part of the image that is shown to the network: its own pixels and those around them."""
        return image[..., self.rows.seen, self.columns.seen]

    def own(self, tap: Tensor, stride: int) -> Tensor:
        """Its own cells of a tap of what was shown."""
        return tap[..., self.rows.cells_seen(stride), self.columns.cells_seen(stride)]

    def part(self, whole: Tensor, stride: int) -> Tensor:
        """Its own cells of a tap of the whole image, (..., H // stride, W // stride)."""
        return whole[..., self.rows.cells(stride), self.columns.cells(stride)]


def tiles_of(height: int, width: int, side: int, *, stride: int, reach: int) -> Iterator[Tile]:
    """Tiles that make up an image, row by row.

    Every tile begins at a multiple of the coarsest stride, so that its cells are those of the whole, and
    is shown as far around as the network reaches; at the image's own borders the network pads it as it
    pads the whole.

    Args:
        height: of the image.
        width: of the image.
        side: most pixels of a tile on each side, without what is around it; a multiple of the stride.
        stride: of the coarsest tap.
        reach: how far beyond a cell the network sees, pixels.
    """
    for rows in spans(height, side, stride, reach):
        for columns in spans(width, side, stride, reach):
            yield Tile(rows, columns)


def spans(length: int, side: int, stride: int, reach: int) -> list[Span]:
    """A side of an image in stretches of about one length; arguments as of `tiles_of`."""
    count = -(-length // side)
    step = _upwards(-(-length // count), stride)
    edges = [*range(0, length, step), length]
    if len(edges) > 2 and edges[-1] - edges[-2] < stride:  # too few pixels for a cell of their own
        del edges[-2]
    around = _upwards(reach, stride)
    return [
        Span(begin, end, max(0, begin - around), min(length, end + around)) for begin, end in pairwise(edges)
    ]


def _upwards(pixels: int, stride: int) -> int:
    return -(-pixels // stride) * stride
