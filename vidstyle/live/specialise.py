"""Make the live network a specialist: some minutes of lessons in one style, on the footage it will paint."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.lesson import Balance, Crops, Goal, crop_of, draw_movement, lesson
from vidstyle.live.muon import Muon
from vidstyle.live.network import MULTIPLE, LiveNetwork
from vidstyle.live.style import LiveStyle, described
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.targets import StyleTarget

LARGEST = 117_000  # pixels of a crop: all of a small frame, as normalisations see all of it when painting
RATE = 1e-3
WARMING = 50  # steps
# A style that is met easily shall cost neither content nor strokes that move along, one met hardly may.
BALANCE = Balance(steady=130.0, near=0.1, still=0.003)
CLIP = 10.0  # longest gradient: steadiness has one many times as long as the rest, which is to be heard
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
    pupil, goal = copy.deepcopy(network).to(features.device).train().requires_grad_(True), Goal.of(target)
    wishes = nn.Parameter(pupil.encoder(described(target)).detach().clone())
    learning = [*(p for name, p in pupil.named_parameters() if not name.startswith("encoder.")), wishes]
    kept = [parameter.detach().clone() for parameter in learning]
    optimiser = Muon(learning)
    began, steps = time.monotonic(), 0
    with _SideBySide(seed, features.device) as lessons:
        while (share := min(1.0, (time.monotonic() - began) / seconds)) < 1 or not steps:
            steady = steps % STEADY_EVERY == 0

            def practise(some: Crops, generator: torch.Generator, steady: bool = steady) -> float:
                """One lesson; its gradients are added to the others'."""
                movement = draw_movement(some.images.shape, generator) if steady else None
                loss, marks = lesson(features, goal, pupil.kernels(wishes), some, movement, dtype, BALANCE)
                loss.backward()  # type: ignore[no-untyped-call]
                return float(marks[0])

            style = lessons(practise, crops)
            for parameter in learning:
                if parameter.grad is not None:
                    parameter.grad /= lessons.count
            nn.utils.clip_grad_norm_(learning, CLIP)
            optimiser.step(_rate(steps, share))
            steps += 1
            with torch.no_grad():
                for average, parameter in zip(kept, learning, strict=True):
                    average.lerp_(parameter, 1 - min(AVERAGING, steps / (steps + 10)))
            yield Progress(steps * lessons.count * lessons.batch, share, style)
    with torch.no_grad():
        for average, parameter in zip(kept, learning, strict=True):
            parameter.copy_(average)
        pupil.eval().requires_grad_(False)
        own = wishes.detach()
        return pupil, LiveStyle(own, target.color_mean, target.color_covariance, pupil.kernels(own))


def _rate(steps: int, share: float) -> float:
    """A cosine, after a short warming up."""
    return RATE * min(1, (steps + 1) / WARMING) * 0.5 * (1 + math.cos(math.pi * share))


class _SideBySide:
    """Lessons at once, each on one core: small convolutions gain little from a second one.

    On another device than the processor it is one lesson of many crops.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._threads = torch.get_num_threads()
        alone = device.type != "cpu"
        self.count = 1 if alone else min(self._threads, MOST_AT_ONCE)
        self.batch = BATCH if alone else 1
        self._generators = [
            torch.Generator(device).manual_seed(seed * self.count + number) for number in range(self.count)
        ]
        self._pool = ThreadPoolExecutor(self.count, initializer=torch.set_num_threads, initargs=(1,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        torch.set_num_threads(self._threads)  # the pool's setting holds for threads to come as well

    def __call__(self, practise: Callable[[Crops, torch.Generator], float], crops: Iterator[Crops]) -> float:
        """What the last of them gave."""
        taken = [Crops.joined(_alike(list(islice(crops, self.batch)))) for _ in range(self.count)]
        return list(self._pool.map(practise, taken, self._generators))[-1]


def _alike(crops: list[Crops]) -> list[Crops]:
    """The crops, of footage of several shapes, cut to the sides that all of them have."""
    rows, columns = (min(crop.images.shape[side] for crop in crops) for side in (2, 3))
    return [replace(crop, images=crop.images[..., :rows, :columns]) for crop in crops]


def crops_of(
    pictures: Iterator[Tensor], target: StyleTarget, seed: int, device: torch.device
) -> Iterator[Crops]:
    """A random, large piece of each picture, at about its scale, in about its light, half of them mirrored.

    Args:
        pictures: endless (1, 3, H, W) in 0..1.
        target: the style to paint them in.
        seed: of the choices.
        device: where the pieces shall lie.
    """
    generator = np.random.default_rng(seed)
    for picture in pictures:
        whole = picture.shape[-2:]
        crop = _sides(*whole)
        scale = max(
            generator.uniform(*SCALES), *(part / side for part, side in zip(crop, whole, strict=True))
        )
        size = [max(round(side * scale), part) for part, side in zip(crop, whole, strict=True)]
        image = F.interpolate(picture, size, mode="bicubic", antialias=True, align_corners=False)
        image = image.clamp(0, 1) ** math.exp(generator.uniform(-MOST_SKEW, MOST_SKEW))
        colors = Colors(*pixel_moments(image))
        top, left = (int(generator.integers(side - part + 1)) for part, side in zip(crop, size, strict=True))
        piece = image[..., top : top + crop[0], left : left + crop[1]]
        piece = piece.flip(3) if generator.random() < 0.5 else piece
        yield crop_of(piece.to(device), colors, target)


def _sides(height: int, width: int) -> tuple[int, int]:
    """Of the largest crop of pictures of this size: of their shape, multiples of what the network takes."""
    share = min(1.0, (LARGEST / (height * width)) ** 0.5)
    rows, columns = (max(1, int(side * share / MULTIPLE)) * MULTIPLE for side in (height, width))
    return rows, columns
