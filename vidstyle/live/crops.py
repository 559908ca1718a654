"""What lessons are taken on: pieces of pictures, and of the frames before them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.frames import Pixels
from vidstyle.live.network import MULTIPLE
from vidstyle.live.stylizer import SPARSE
from vidstyle.synthesis.colors import Colors, palette_map, pixel_moments
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.targets import StyleTarget

LARGEST = 117_000  # pixels of a crop: all of a small frame, as normalisations see all of it when painting
SCALES = (0.8, 1.25)  # of the pictures that crops are taken from
MOST_SKEW = 0.3  # of light: practice pictures are made darker and lighter by up to this exponent


@dataclass(frozen=True, eq=False)
class Crops:
    """Pieces of pictures to practise on.

    Attributes:
        images: (B, 3, H, W) in 0..1, sides multiples of 8.
        matrices: (B, 3, 3), with `offsets` what moves the colours to the style's (`palette_map`).
        offsets: (B, 3).
        before: (B, 3, H, W), the same pieces of the frames before; None of pictures that stand alone.
    """

    images: Tensor
    matrices: Tensor
    offsets: Tensor
    before: Tensor | None = None

    @classmethod
    def joined(cls, parts: Sequence[Crops]) -> Crops:
        """All of them, cut to the sides that all have; with what was before where all of them have that."""
        rows, columns = (min(part.images.shape[side] for part in parts) for side in (2, 3))
        before = [part.before for part in parts if part.before is not None]
        return cls(
            torch.cat([part.images[..., :rows, :columns] for part in parts]),
            torch.cat([part.matrices for part in parts]),
            torch.cat([part.offsets for part in parts]),
            torch.cat([each[..., :rows, :columns] for each in before]) if len(before) == len(parts) else None,
        )


def crop_of(image: Tensor, colors: Colors, target: StyleTarget) -> Crops:
    """One crop, to paint in a style.

    Args:
        image: (1, 3, H, W); or (2, 3, H, W), of a frame and of the one before.
        colors: of the whole picture.
        target: the style.
    """
    matrix, offset = palette_map(colors, Colors(target.color_mean, target.color_covariance))
    before = image[1:] if len(image) > 1 else None
    return Crops(image[:1], matrix[None].to(image), offset[None].to(image), before)


def stacked(pictures: Sequence[Pixels]) -> Tensor:
    """(N, 3, H, W) in 0..1 of N pictures (H, W, 3)."""
    return torch.cat([tensor_of(picture) for picture in pictures])


def crops_of(
    pictures: Iterator[Tensor],
    target: StyleTarget,
    seed: int,
    device: torch.device,
    largest: int = LARGEST,
) -> Iterator[Crops]:
    """A random, large piece of each picture, at about its scale, in about its light, half of them mirrored.

    Args:
        pictures: endless, in 0..1; each (1, 3, H, W), or (2, 3, H, W), a frame and the one before it.
        target: the style to paint them in.
        seed: of the choices.
        device: where the pieces shall lie.
        largest: pixels of a piece.
    """
    generator = np.random.default_rng(seed)
    for picture in pictures:
        whole = picture.shape[-2:]
        crop = _sides(whole[0], whole[1], largest)
        scale = max(
            generator.uniform(*SCALES), *(part / side for part, side in zip(crop, whole, strict=True))
        )
        light = math.exp(generator.uniform(-MOST_SKEW, MOST_SKEW))
        colors = Colors(*pixel_moments(picture[:1, :, ::SPARSE, ::SPARSE] ** light))
        # Cut out first: to scale all of a large picture would take longer than a lesson.
        rows, columns = (min(round(part / scale), side) for part, side in zip(crop, whole, strict=True))
        top, left = (
            int(generator.integers(side - part + 1))
            for part, side in zip((rows, columns), whole, strict=True)
        )
        piece = picture[..., top : top + rows, left : left + columns]
        piece = F.interpolate(piece, crop, mode="bicubic", antialias=True, align_corners=False)
        piece = piece.flip(3) if generator.random() < 0.5 else piece
        yield crop_of(piece.clamp(0, 1).to(device) ** light, colors, target)


def _sides(height: int, width: int, largest: int) -> tuple[int, int]:
    """Of the largest crop of pictures of this size: of their shape, multiples of what the network takes."""
    share = min(1.0, (largest / (height * width)) ** 0.5)
    rows, columns = (max(1, int(side * share / MULTIPLE)) * MULTIPLE for side in (height, width))
    return rows, columns
