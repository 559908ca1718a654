"""What the live network is taught: the optimiser's own losses, and to paint the same thing the same way.

A lesson is a few crops of pictures, each to be painted in a style, the same or its own. Painted, it must have
the style and the content (synthesis/losses.py). It is painted once more moved, a little lighter and with
noise; of footage the frame before is painted too, with all the noise and the change of light that there were.
What moved must have moved along, stroke by stroke.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.frames import Frame
from vidstyle.live.crops import Crops
from vidstyle.live.movement import Movement, moved_to
from vidstyle.live.network import Layer, folded, paint
from vidstyle.motion import motion_between
from vidstyle.synthesis.mirror import mirrored
from vidstyle.synthesis.pictures import motion_on, pixels_of
from vidstyle.synthesis.targets import StyleTarget
from vidstyle.synthesis.warp import warp_sharp

RANGE_WEIGHT = 1.0  # for colours outside of what a picture can hold
BORDER = 8  # mirrored pixels around a crop: beside zero padding a network learns to paint dashes
GRAIN = 0.01  # of noise on what the network sees: of a flat crop, which has no variance, the gradient would
# grow thirtyfold in every normalisation
LEAST = 0.01  # share of a crop whose motion is trusted: less tells nothing of it
SEEN = GRAIN**2 / 2  # mean squared difference in 0..1 of what the network sees of a still picture, twice


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
        flicker: of the cube of the difference to the frame before, in that of the source itself: what
            flickers little more than the source need not be calmed, what flickers most is.
    """

    content: float = 0.07
    steady: float = 50.0
    near: float | None = None
    still: float | None = None
    flicker: float = 0.0

    def loss(self, style: Tensor, content: Tensor, steady: Tensor, flicker: Tensor) -> Tensor:
        """What a lesson costs by its marks, scalars."""
        pull = _growing(style, self.near, 2) + self.content * content
        return pull + self.steady * _growing(steady, self.still, 1) + self.flicker * flicker**3


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
        movement: to hold still under; None asks for no steadiness, against what was before neither.
        dtype: arithmetic of the network.
        balance: of what counts.
        generator: of the grain; None is torch's own, which all threads share.
    """
    repaint = partial(painted, layers=layers, dtype=dtype, grain=GRAIN, generator=generator)
    raw = repaint(crops)
    images = raw.clamp(0, 1)
    taps = features(mirrored(images, BORDER))
    with torch.no_grad():
        wanted = features(mirrored(crops.images, BORDER))
    style = style_loss(features, taps, goal)
    content = torch.stack([_content_loss(taps[index], wanted[index]) for index in features.content_taps])
    outside = (raw - images).square().mean()
    steady = unlike = style.new_zeros(())
    if movement is not None:
        steady = _steadiness(crops, images, movement, repaint)
        if balance.flicker and crops.before is not None:
            unlike = flicker(crops, images, repaint)
    loss = balance.loss(style, content.mean(), steady, unlike) + RANGE_WEIGHT * outside
    return loss, torch.stack([style, content.mean(), steady]).detach()


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
    crops: Crops, images: Tensor, movement: Movement, repaint: Callable[[Crops], Tensor]
) -> Tensor:
    """Mean squared difference of the painted crops, moved, and the moved crops, painted."""
    moved, _ = moved_to(movement, crops.images)
    seen = (moved * movement.gains + movement.noise).clamp(0, 1)
    again = repaint(replace(crops, images=seen)).clamp(0, 1)
    wanted, inside = moved_to(movement, images)
    return ((again - wanted).square() * inside).sum() / (3 * inside.sum())


def flicker(crops: Crops, images: Tensor, repaint: Callable[[Crops], Tensor]) -> Tensor:
    """The warping error (Lai et al. 2018) of the painted crops over that of the crops, a mean over them.

    The grain that the network sees counts as the source's own: a still picture without noise has no other.

    Args:
        crops: frames, and what was before them.
        images: (B, 3, H, W) in 0..1, the frames painted.
        repaint: paints what was before.
    """
    assert crops.before is not None
    earlier = repaint(replace(crops, images=crops.before)).clamp(0, 1)
    ratios = []
    for number in range(len(images)):
        one = slice(number, number + 1)
        now, then = crops.images[one], crops.before[one]
        motion = motion_between(Frame(pixels_of(then)), Frame(pixels_of(now)))
        flow, trust = motion_on(motion, (now.shape[2], now.shape[3]), now.device)
        errors = [
            ((b - warp_sharp(a, flow)).square() * trust).mean() / trust.mean().clamp(min=LEAST)
            for a, b in ((earlier[one], images[one]), (then, now))
        ]
        ratios.append(errors[0] / (errors[1] + SEEN))
    return torch.stack(ratios).mean()
