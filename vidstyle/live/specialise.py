"""Make the live network a specialist: some minutes of lessons in one style, on the footage it will paint."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.course import Course, SideBySide, Subject, cosine
from vidstyle.live.lesson import Balance, Crops, Goal, crop_of
from vidstyle.live.network import MULTIPLE, LiveNetwork
from vidstyle.live.style import LiveStyle, described
from vidstyle.live.stylizer import SPARSE
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.targets import StyleTarget

LARGEST = 117_000  # pixels of a crop: all of a small frame, as normalisations see all of it when painting
RATE = 1e-3
WARMING = 50  # steps
# A style that is met easily shall cost neither content nor strokes that move along, one met hardly may.
BALANCE = Balance(steady=130.0, near=0.1, still=0.003)
MOST_AT_ONCE = 4  # lessons between two steps, one a core: more teach little more
BATCH = 8  # crops of a lesson on a device that would idle with one
STEADY_EVERY = 2  # steps; in each, what holds the strokes still would hold back the style
AVERAGING = 0.995  # decay of the moving average of the weights that is kept
SCALES = (0.8, 1.25)  # of the pictures that crops are taken from
MOST_SKEW = 0.3  # of light: practice pictures are made darker and lighter by up to this exponent


@dataclass(frozen=True)
class Progress:
    """How far the lessons are.

    Attributes:
        lessons: given.
        share: of the time, 0..1.
        style: distance of the last lesson.
    """

    lessons: int
    share: float
    style: float


def specialise(
    network: LiveNetwork,
    features: FeatureNetwork,
    target: StyleTarget,
    crops: Iterator[Crops],
    *,
    seconds: float,
    seed: int,
    dtype: torch.dtype,
) -> Generator[Progress, None, tuple[LiveNetwork, LiveStyle]]:
    """Lessons in one style until the time is up.

    Args:
        network: to begin with; it is not changed.
        features: the taps that the lessons compare, on the device to learn on.
        target: the style.
        crops: endless pieces of pictures to practise on, on that device.
        seconds: to take.
        seed: of the movements and the noise.
        dtype: arithmetic of the lessons.

    Yields:
        After each step, how far it is.

    Returns:
        The specialist, and its style.
    """
    pupil = copy.deepcopy(network).to(features.device).train().requires_grad_(True)
    wishes = nn.Parameter(pupil.encoder(described(target)).detach().clone())
    learning = [*(p for name, p in pupil.named_parameters() if not name.startswith("encoder.")), wishes]
    subject = Subject(features, Goal.of(target), dtype, BALANCE)
    course = Course(subject, learning, lambda: pupil.kernels(wishes), AVERAGING)
    on_cores = features.device.type == "cpu"
    count, batch = (min(torch.get_num_threads(), MOST_AT_ONCE), 1) if on_cores else (1, BATCH)
    began = time.monotonic()
    with SideBySide(seed, features.device, count, batch) as lessons:
        while (share := min(1.0, (time.monotonic() - began) / seconds)) < 1 or not course.steps:
            rate = cosine(course.steps, share, rate=RATE, warming=WARMING)
            style = course.step(lessons, crops, rate, [course.steps % STEADY_EVERY == 0] * count)
            yield Progress(course.steps * count * batch, share, style)
    course.end()
    pupil.eval().requires_grad_(False)
    with torch.no_grad():
        own = wishes.detach()
        return pupil, LiveStyle(own, target.color_mean, target.color_covariance, pupil.kernels(own))


def crops_of(
    pictures: Iterator[Tensor],
    target: StyleTarget,
    seed: int,
    device: torch.device,
    largest: int = LARGEST,
) -> Iterator[Crops]:
    """A random, large piece of each picture, at about its scale, in about its light, half of them mirrored.

    Args:
        pictures: endless (1, 3, H, W) in 0..1.
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
        colors = Colors(*pixel_moments(picture[..., ::SPARSE, ::SPARSE] ** light))
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
