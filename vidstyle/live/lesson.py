"""What the live network is taught: the optimiser's own losses, and to paint the same thing the same way.

A lesson is a few crops of pictures, each to be painted in a style, the same or its own. Each crop is
painted as it is and once more moved, a little lighter and with noise on it; it must have the style and the
content (synthesis/losses.py), and what moved must have moved along, stroke by stroke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.network import Layer, folded, paint
from vidstyle.synthesis.colors import Colors, palette_map
from vidstyle.synthesis.mirror import mirrored
from vidstyle.synthesis.targets import StyleTarget

RANGE_WEIGHT = 1.0  # for colours outside of what a picture can hold
BORDER = 8  # mirrored pixels around a crop: beside zero padding a network learns to paint dashes
MARGIN = 16  # pixels of a crop that may leave it when it moves
EDGE = 2  # pixels at a crop's borders that may flicker: more, and the network fills them with dashes
STRIDE = 4  # between places that kernels of their own paint: a shift by half of it shows their grid best
GRAIN = 0.01  # of noise on what the network sees: of a flat crop, which has no variance, the gradient would
# grow thirtyfold in every normalisation
NOISE, LIGHT, TURN, ZOOM = 0.03, 0.05, 0.04, 0.05  # most noise, gain, radians, scale of the moved picture


@dataclass(frozen=True)
class Balance:
    """What counts how much in a lesson, style counting 1.

    Attributes:
        content: weight of the content's distance.
        steady: of the difference under movements; with less than 50 a network for all styles paints the
            grid of its own strides into flat areas.
        near: style distance at which style counts 1, in proportion to the distance's square: one that is far
            off pulls harder, one that is near leaves the word to content and steadiness. None is 1 always.
        still: difference at which steadiness counts `steady`, in proportion to the difference itself: where
            little moves, nothing need be held. None is `steady` always.
    """

    content: float = 0.07
    steady: float = 50.0
    near: float | None = None
    still: float | None = None

    def loss(self, style: Tensor, content: Tensor, steady: Tensor) -> Tensor:
        """What a lesson costs by its three marks, scalars."""
        pull = _growing(style, self.near, 2)
        return pull + self.content * content + self.steady * _growing(steady, self.still, 1)


def _growing(mark: Tensor, usual: float | None, power: int) -> Tensor:
    """What has the gradient of the mark times (mark / usual)^power."""
    return mark if usual is None else mark ** (power + 1) / ((power + 1) * usual**power)


BALANCE = Balance()


@dataclass(frozen=True, eq=False)
class Goal:
    """What crops shall measure at each style tap; of one style for all of them, or of one for each.

    Attributes:
        means: (B, C) or (1, C), one a tap.
        covariances: (B, C, C) or (1, C, C), one a tap.
        scales: (B, 2) or (1, 2), squared norms (of mean, of covariance) that divide each tap's distance.
    """

    means: tuple[Tensor, ...]
    covariances: tuple[Tensor, ...]
    scales: tuple[Tensor, ...]

    @classmethod
    def of(cls, target: StyleTarget) -> Goal:
        """One style's."""
        statistics = target.statistics
        return cls(
            tuple(s.first[None] for s in statistics),
            tuple(s.second[None] for s in statistics),
            tuple(s.first.new_tensor([scale]) for s, scale in zip(statistics, target.scales, strict=True)),
        )


@dataclass(frozen=True, eq=False)
class Crops:
    """Pieces of pictures to practise on.

    Attributes:
        images: (B, 3, H, W) in 0..1, sides multiples of 8.
        matrices: (B, 3, 3), with `offsets` what moves the colours to the style's (`palette_map`).
        offsets: (B, 3).
    """

    images: Tensor
    matrices: Tensor
    offsets: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Crops]) -> Crops:
        """All of them."""
        return cls(
            torch.cat([part.images for part in parts]),
            torch.cat([part.matrices for part in parts]),
            torch.cat([part.offsets for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Movement:
    """How the crops look when they are seen again.

    Attributes:
        places: (B, 2, 3), from where on the moved crop to where on the crop, both from -1 to 1.
        gains: (B, 1, 1, 1) of light.
        noise: (B, 3, H, W), added.
    """

    places: Tensor
    gains: Tensor
    noise: Tensor


def crop_of(image: Tensor, colors: Colors, target: StyleTarget) -> Crops:
    """One crop (1, 3, H, W), to paint in a style; `colors` are those of the whole picture."""
    matrix, offset = palette_map(colors, Colors(target.color_mean, target.color_covariance))
    return Crops(image, matrix[None].to(image), offset[None].to(image))


def painted(
    crops: Crops,
    layers: Sequence[Layer],
    dtype: torch.dtype,
    grain: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """(B, 3, H, W) float32, not yet kept in 0..1; the network computes in `dtype`, and sees some grain."""
    flat = crops.matrices @ crops.images.flatten(2) + crops.offsets[:, :, None]
    base = flat.clamp(0, 1).view(crops.images.shape)
    seen = base * 2 - 1
    if grain:
        noise = torch.randn(seen.shape, generator=generator, device=seen.device)
        seen = seen + grain * noise
    seen = seen.to(dtype).contiguous(memory_format=torch.channels_last)
    return base + paint(folded(seen), layers).float()


def lesson(
    features: FeatureNetwork,
    goal: Goal,
    layers: Sequence[Layer],
    crops: Crops,
    movement: Movement | None,
    dtype: torch.dtype,
    balance: Balance = BALANCE,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """The loss of one lesson, and its marks: (3,) of style, content and steadiness, means over the crops.

    Args:
        features: the taps.
        goal: of the styles.
        layers: the network's, as the style wants them, or as the style of each crop does.
        crops: what to paint.
        movement: to hold still under; None asks for no steadiness.
        dtype: arithmetic of the network.
        balance: of the three.
        generator: of the grain; None is torch's own, which all threads share.
    """
    raw = painted(crops, layers, dtype, GRAIN, generator)
    images = raw.clamp(0, 1)
    taps = features(mirrored(images, BORDER))
    with torch.no_grad():
        wanted = features(mirrored(crops.images, BORDER))
    style = style_loss(features, taps, goal)
    content = torch.stack([_content_loss(taps[index], wanted[index]) for index in features.content_taps])
    outside = (raw - images).square().mean()
    steady = style.new_zeros(())
    if movement is not None:
        steady = _steadiness(crops, images, movement, layers, dtype, generator)
    marks = torch.stack([style, content.mean(), steady])
    return balance.loss(style, marks[1], steady) + RANGE_WEIGHT * outside, marks.detach()


def style_loss(features: FeatureNetwork, taps: Sequence[Tensor], goal: Goal) -> Tensor:
    """Mean style distance over crops and style taps, a scalar: `losses.style_distance`, of many at once."""
    distances = []
    for index, mean, covariance, scale in zip(
        features.style_taps, goal.means, goal.covariances, goal.scales, strict=True
    ):
        means, covariances = moments(taps[index])
        first = (means - mean).square().sum(1) / scale[:, 0]
        distances.append((first + (covariances - covariance).square().sum((1, 2)) / scale[:, 1]).mean())
    return torch.stack(distances).mean()


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """`statistics.moments` of each of (B, C, H, W): means (B, C), centred covariances (B, C, C), float32."""
    mean, outer = _Moments.apply(features)
    return mean, outer - mean[:, :, None] * mean[:, None]


class _Moments(torch.autograd.Function):
    """Means of f and of f f^T, whose gradient is one matrix product, as `statistics.raw_moments` has it."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> tuple[Tensor, Tensor]:
        flat = features.permute(0, 2, 3, 1).flatten(1, 2)  # (B, pixels, C)
        ctx.save_for_backward(flat)
        ctx.shape = features.shape
        exact = flat.float()
        return exact.mean(1), exact.mT @ exact / exact.shape[1]

    @staticmethod
    def backward(ctx: Any, to_mean: Tensor, to_outer: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors  # a gradient of the features' own precision needs no better factors
        pixels = flat.shape[1]
        to_flat = ((to_outer + to_outer.mT) / pixels).to(flat.dtype)
        gradient = torch.baddbmm((to_mean[:, None] / pixels).to(flat.dtype), flat, to_flat)
        count, channels, height, width = ctx.shape
        return gradient.view(count, height, width, channels).permute(0, 3, 1, 2)


def _content_loss(actual: Tensor, wanted: Tensor) -> Tensor:
    """Mean over the crops of `losses.content_distance`."""
    wanted = wanted.float()
    variance, mean = torch.var_mean(wanted, (2, 3), correction=0)
    variance = variance.mean(1)
    scale = torch.maximum(variance, 1e-3 * (variance + mean.square().mean(1)) + 1e-6)
    return ((actual.float() - wanted).square().mean((1, 2, 3)) / scale).mean()


def _steadiness(
    crops: Crops,
    images: Tensor,
    movement: Movement,
    layers: Sequence[Layer],
    dtype: torch.dtype,
    generator: torch.Generator | None,
) -> Tensor:
    """Mean squared difference of the painted crops, moved, and the moved crops, painted."""
    moved, _ = moved_to(movement, crops.images)
    seen = (moved * movement.gains + movement.noise).clamp(0, 1)
    lit = Crops(seen, crops.matrices, crops.offsets)
    again = painted(lit, layers, dtype, GRAIN, generator).clamp(0, 1)
    wanted, inside = moved_to(movement, images)
    return ((again - wanted).square() * inside).sum() / (3 * inside.sum())


def moved_to(movement: Movement, images: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 3, H, W) where the movement takes them, and (B, 1, H, W) floats, 1 where something came from."""
    grid = F.affine_grid(movement.places, list(images.shape), align_corners=False)
    down, across = (1 - 2 * EDGE / side for side in images.shape[-2:])
    inside = ((grid[..., 0].abs() < across) & (grid[..., 1].abs() < down))[:, None]
    moved = F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    return moved, inside.float()


def draw_movement(shape: Sequence[int], generator: torch.Generator) -> Movement:
    """A small movement of each of (B, 3, H, W) crops, a little light and noise, on the generator's device."""
    count, _, height, width = shape
    device = generator.device
    draw = torch.rand(8, count, generator=generator, device=device) * 2 - 1
    angle, scale = draw[0] * TURN, 1 + draw[1] * ZOOM
    shift = draw[2:4] * (MARGIN / 2)
    whole = draw[4] < 0  # pixels, half of the time: no interpolation to learn from
    half = (((draw[2:4] * MARGIN - STRIDE / 2) / STRIDE).round() + 0.5) * STRIDE
    shift = torch.where(whole, torch.where(draw[5] > 0, half, (draw[2:4] * MARGIN).round()), shift)
    angle, scale = torch.where(whole, 0.0, angle), torch.where(whole, 1.0, scale)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    across, down = shift[0] * (2 / width), shift[1] * (2 / height)
    places = torch.stack([cosine, -sine, across, sine, cosine, down], 1).view(count, 2, 3)
    gains, loudness = 1 + LIGHT * draw[6], NOISE * (draw[7] + 1) / 2
    noise = torch.randn(list(shape), generator=generator, device=device) * loudness.view(-1, 1, 1, 1)
    return Movement(places, gains.view(-1, 1, 1, 1), noise)
