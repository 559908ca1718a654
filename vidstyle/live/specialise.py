"""Make the live network a specialist: some minutes of lessons in one style, on the footage it will paint."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import torch
from torch import nn

from vidstyle.features.network import FeatureNetwork
from vidstyle.live.course import Course, SideBySide, Subject, cosine
from vidstyle.live.crops import Crops
from vidstyle.live.lesson import Balance, Goal
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import LiveStyle, described
from vidstyle.synthesis.targets import StyleTarget

RATE = 1e-3
WARMING = 50  # steps
# A style that is met easily shall cost neither content nor strokes that move along, one met hardly may.
BALANCE = Balance(steady=130.0, near=0.1, still=0.003)
MOST_AT_ONCE = 4  # lessons between two steps, one a core: more teach little more
BATCH = 8  # crops of a lesson on a device that would idle with one
STEADY_EVERY = 2  # steps; in each, what holds the strokes still would hold back the style
AVERAGING = 0.995  # decay of the moving average of the weights that is kept


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
