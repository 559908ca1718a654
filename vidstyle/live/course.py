"""Lessons in one style, taken a few at once: what a specialist's training and a style's practice share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Self

import torch
from torch import Tensor, nn

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.crops import Crops
from vidstyle.live.lesson import Balance, Goal, lesson
from vidstyle.live.movement import draw_movement
from vidstyle.live.muon import Muon
from vidstyle.live.network import Layer

CLIP = 10.0  # longest gradient: steadiness has one many times as long as the rest, which is to be heard

Gave = tuple[Sequence[Tensor | None], float]
"""Gradients of what is learnt, and the style distance."""

Lesson = Callable[[Crops, torch.Generator, int], Gave]
"""Of crops, a generator of all that is random, and the number among those at once."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What lessons are about.

    Attributes:
        features: the taps that they compare.
        goal: of the style.
        dtype: arithmetic of the network that learns.
        balance: of what counts.
    """

    features: FeatureNetwork
    goal: Goal
    dtype: torch.dtype
    balance: Balance


class SideBySide:
    """Lessons at once, each on one core: small convolutions gain little from a second one.

    Args:
        seed: of what is random in lessons.
        device: to learn on.
        count: lessons at once; on fewer cores they take turns, with the same result.
        batch: crops of each.
    """

    def __init__(self, seed: int, device: torch.device, count: int, batch: int) -> None:
        self._threads = torch.get_num_threads()
        self.count, self.batch = count, batch
        self._generators = [
            torch.Generator(device).manual_seed(seed * count + number) for number in range(count)
        ]
        self._pool = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        torch.set_num_threads(self._threads)  # the pool's setting holds for threads to come as well

    def __call__(self, give: Lesson, crops: Iterator[Crops]) -> list[Gave]:
        """What each of them gave, in their order."""
        taken = [Crops.joined(list(islice(crops, self.batch))) for _ in range(self.count)]
        return list(self._pool.map(give, taken, self._generators, range(self.count)))


class Course:
    """Steps towards one style, each of some lessons, and the moving average of what they lead to.

    Args:
        subject: of the lessons.
        learning: what is learnt.
        layers: the network's, made of what is learnt.
        averaging: decay of the moving average that is kept; 0 keeps what the last step gave.
    """

    def __init__(
        self,
        subject: Subject,
        learning: Sequence[nn.Parameter],
        layers: Callable[[], Sequence[Layer]],
        averaging: float,
    ) -> None:
        self.steps = 0
        self._subject, self._learning, self._layers = subject, list(learning), layers
        self._kept = [parameter.detach().clone() for parameter in learning]
        self._averaging = averaging
        self._optimiser = Muon(learning)

    def step(self, lessons: SideBySide, crops: Iterator[Crops], rate: float, steady: Sequence[bool]) -> float:
        """Learn from some lessons; gives the style distance of the last.

        Args:
            lessons: to take.
            crops: endless, to practise on.
            rate: length of the step, as Adam counts it.
            steady: which of the lessons ask for steadiness too.
        """

        def give(some: Crops, generator: torch.Generator, number: int) -> Gave:
            about = self._subject
            movement = draw_movement(some.images.shape, generator) if steady[number] else None
            loss, marks = lesson(
                *(about.features, about.goal, self._layers(), some, movement, about.dtype, about.balance),
                generator,
            )
            return torch.autograd.grad(loss, self._learning, allow_unused=True), float(marks[0])

        learning, gave = self._learning, lessons(give, crops)
        for parameter, *gradients in zip(learning, *(gradients for gradients, _ in gave), strict=True):
            some = [gradient for gradient in gradients if gradient is not None]
            # Added in their order, whichever lesson ends first: sums of floats depend on it.
            parameter.grad = torch.stack(some).sum(0) / lessons.count if some else None
        nn.utils.clip_grad_norm_(learning, CLIP)
        self._optimiser.step(rate)
        self.steps += 1
        with torch.no_grad():
            for average, parameter in zip(self._kept, learning, strict=True):
                average.lerp_(parameter, 1 - min(self._averaging, self.steps / (self.steps + 10)))
        return gave[-1][1]

    @torch.no_grad()
    def end(self) -> None:
        """What was learnt becomes its moving average."""
        for average, parameter in zip(self._kept, self._learning, strict=True):
            parameter.copy_(average)


@contextmanager
def on_one_core() -> Iterator[None]:
    """Work of which nothing depends on how many cores there are: sums of floats depend on who adds what."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def cosine(steps: int, share: float, *, rate: float, warming: int) -> float:
    """The rate of a step after a short warming up, when a share of the way is gone."""
    return rate * min(1, (steps + 1) / warming) * 0.5 * (1 + math.cos(math.pi * share))
