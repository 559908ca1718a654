"""How long a job takes: a few measured numbers, scaled by steps and pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vidstyle.settings import Settings

# Shots are not known before a source is decoded: one, and one more for so many seconds. Clips have few
# cuts and films one in four seconds; what jobs really take corrects it as they come in.
SHOT_SECONDS = 6.0
JOB_SECONDS = 0.1  # to open a job, join its segments and check them, measured on small clips


@dataclass(frozen=True)
class Cost:
    """Seconds that grow with the picture: `fixed + pixel * pixels`."""

    fixed: float
    pixel: float

    def of(self, pixels: float) -> float:
        """Seconds for so many pixels."""
        return self.fixed + self.pixel * pixels

    @classmethod
    def through(cls, small: tuple[float, float], large: tuple[float, float]) -> Cost:
        """The line through two measurements (pixels, seconds), neither part of it below 0."""
        (few, quick), (many, slow) = small, large
        if many <= few:
            return cls(0.0, slow / many)
        pixel = max(0.0, (slow - quick) / (many - few))
        fixed = max(0.0, slow - pixel * many)
        return cls(fixed, (slow - fixed) / many)


@dataclass(frozen=True)
class Speed:
    """What a machine needs with one network and device.

    Attributes:
        step: one step of the solver, in a later frame of a shot.
        frame: all else about a frame: its motion, warping, decoding, encoding.
        first_step: one step of the solver in a shot's first frame, which has nothing to hold on to.
    """

    step: Cost
    frame: Cost
    first_step: Cost

    def first(self, size: tuple[int, int], settings: Settings) -> float:
        """Seconds for the first frame of a shot, (height, width), coarse to fine."""
        levels = len(settings.first_steps)
        steps = (
            count * self.first_step.of(math.prod(size) / 4 ** (levels - 1 - level))
            for level, count in enumerate(settings.first_steps)
        )
        return self.frame.of(math.prod(size)) + sum(steps)

    def later(self, size: tuple[int, int], settings: Settings) -> float:
        """Seconds for a later frame that takes all steps that it may; on average, where drawings are held."""
        pixels = math.prod(size)
        return self.frame.of(pixels) + settings.steps * self.step.of(pixels) / settings.hold


def shots_in(seconds: float) -> int:
    """A guess at the shots of a source that lasts so long."""
    return 1 + int(seconds / SHOT_SECONDS)
