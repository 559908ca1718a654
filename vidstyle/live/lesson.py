"""What the live network is taught: the optimiser's own losses, and to paint the same thing the same way.

One lesson is a style and a few crops of pictures. Each crop is painted as it is and once more moved,
a little lighter and with noise on it; both must have the style and the content (synthesis/losses.py), and
what moved must have moved along, stroke by stroke.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.network import Layer, folded, paint
from vidstyle.synthesis.colors import Colors, palette_map, recolored
from vidstyle.synthesis.losses import content_distance, style_distance
from vidstyle.synthesis.statistics import moments
from vidstyle.synthesis.targets import StyleTarget

CONTENT_WEIGHT = 0.05
STEADY_WEIGHT = 40.0  # less, and the network paints the grid of its own strides into flat areas
RANGE_WEIGHT = 1.0  # for colours outside of what a picture can hold
BORDER = 8  # pixels of margin that the features see around a crop
MARGIN = 16  # pixels of a crop that may leave it when it moves
NOISE, LIGHT, TURN, ZOOM = 0.03, 0.05, 0.04, 0.05  # most noise, gain, radians, scale of the moved picture


@dataclass(frozen=True, eq=False)
class Crop:
    """A piece of a picture to practise on.

    Attributes:
        image: (1, 3, H, W) in 0..1, sides multiples of 8.
        colors: of the whole picture.
    """

    image: Tensor
    colors: Colors


@dataclass(frozen=True)
class Marks:
    """How a lesson went, each a mean over its crops."""

    style: float
    content: float
    steady: float


def painted(
    image: Tensor, colors: Colors, target: StyleTarget, layers: Sequence[Layer], dtype: torch.dtype
) -> Tensor:
    """(1, 3, H, W) float32, not yet kept in 0..1; the network computes in `dtype`."""
    base = recolored(image, palette_map(colors, Colors(target.color_mean, target.color_covariance)))
    seen = (base * 2 - 1).to(dtype).contiguous(memory_format=torch.channels_last)
    return base + paint(folded(seen), layers).float()


def lesson(
    features: FeatureNetwork,
    target: StyleTarget,
    layers: Sequence[Layer],
    crops: Sequence[Crop],
    generator: torch.Generator,
    dtype: torch.dtype,
) -> tuple[Tensor, Marks]:
    """The loss of one lesson, and its marks.

    Args:
        features: the taps.
        target: of the style.
        layers: the network's, as the style wants them.
        crops: what to paint.
        generator: of the movements, light and noise.
        dtype: arithmetic of the network.
    """
    total = torch.zeros(())
    sums = [0.0, 0.0, 0.0]
    for crop in crops:
        raw = painted(crop.image, crop.colors, target, layers, dtype)
        image = raw.clamp(0, 1)
        taps = features(_mirrored(image))
        style = style_loss(features, taps, target)
        with torch.no_grad():
            wanted = features(_mirrored(crop.image))
        content = torch.stack(
            [content_distance(taps[index], wanted[index]) for index in features.content_taps]
        ).mean()
        steady = _steadiness(crop, image, target, layers, generator, dtype)
        outside = (raw - image).square().mean()
        total = total + style + CONTENT_WEIGHT * content + STEADY_WEIGHT * steady + RANGE_WEIGHT * outside
        for number, part in enumerate((style, content, steady)):
            sums[number] += float(part.detach()) / len(crops)
    return total / len(crops), Marks(*sums)


def style_loss(features: FeatureNetwork, taps: Sequence[Tensor], target: StyleTarget) -> Tensor:
    """Mean style distance over the style taps, a scalar."""
    distances = [
        style_distance(moments(taps[index]), goal, scale)
        for index, goal, scale in zip(features.style_taps, target.statistics, target.scales, strict=True)
    ]
    return torch.stack(distances).mean()


def _mirrored(image: Tensor) -> Tensor:
    """With a mirrored margin: next to the features' zero padding, a network learns to paint dashes."""
    return F.pad(image, (BORDER,) * 4, mode="reflect")


def _steadiness(
    crop: Crop,
    image: Tensor,
    target: StyleTarget,
    layers: Sequence[Layer],
    generator: torch.Generator,
    dtype: torch.dtype,
) -> Tensor:
    """Mean squared difference of the painted crop, moved, and the moved crop, painted."""
    place, inside = _movement(crop.image, generator)
    gain = 1 + LIGHT * (2 * float(torch.rand((), generator=generator)) - 1)
    noise = NOISE * float(torch.rand((), generator=generator))
    moved = (place(crop.image) * gain + noise * torch.randn(crop.image.shape, generator=generator)).clamp(
        0, 1
    )
    again = painted(moved, crop.colors, target, layers, dtype).clamp(0, 1)
    error: Tensor = (again - place(image)).square() * inside
    return error.sum() / (3 * inside.sum())


def _movement(image: Tensor, generator: torch.Generator) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """A small movement as a function of a picture, and a mask (1, 1, H, W) of what stays inside of it."""
    height, width = image.shape[-2:]
    draw = torch.rand(5, generator=generator) * 2 - 1
    if float(torch.rand((), generator=generator)) < 0.5:  # whole pixels: no interpolation to learn from
        across, down = (round(float(d) * MARGIN) for d in draw[:2])
        if float(draw[4]) > 0:  # half the network's stride: nothing shows its grid better
            across, down = (round((shift - 4) / 8) * 8 + 4 for shift in (across, down))
        inside = torch.zeros(1, 1, height, width)
        inside[..., MARGIN:-MARGIN, MARGIN:-MARGIN] = 1
        return lambda picture: torch.roll(picture, (down, across), (2, 3)), inside
    angle, scale = float(draw[2]) * TURN, 1 + float(draw[3]) * ZOOM
    cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
    shift = [float(d) * MARGIN / 2 / side * 2 for d, side in zip(draw[:2], (width, height), strict=True)]
    matrix = torch.tensor([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])[None]
    grid = F.affine_grid(matrix, [1, 3, height, width], align_corners=False)
    inside = ((grid.abs() < 1 - 2 * MARGIN / max(height, width)).all(-1))[:, None].float()

    def place(picture: Tensor) -> Tensor:
        return F.grid_sample(
            picture.float(), grid, mode="bicubic", padding_mode="reflection", align_corners=False
        )

    return place, inside
