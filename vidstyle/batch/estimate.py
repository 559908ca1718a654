"""How long the jobs of a batch will take on this machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidstyle.batch.calibrate import SECONDS, calibrate
from vidstyle.batch.check import Prospect
from vidstyle.batch.sample import sample
from vidstyle.batch.speed import JOB_SECONDS, Speed, shots_in
from vidstyle.pipeline import MakePainter
from vidstyle.settings import Settings

Kind = tuple[object, ...]


def kind_of(settings: Settings) -> Kind:
    """What of settings decides how long a step takes."""
    return (
        settings.quality == "live",
        settings.model,
        settings.mending,
        settings.features,
        settings.weights,
        settings.device,
        settings.precision,
        settings.solver,
        settings.style_loss,
        settings.flow,
    )


@dataclass(frozen=True)
class Work:
    """Jobs to do, added up.

    Attributes:
        jobs: how many.
        frames: in them, those left to paint.
        shots: of the frames, how many begin a shot, as far as can be guessed.
    """

    jobs: int = 0
    frames: int = 0
    shots: int = 0

    @classmethod
    def of(cls, prospect: Prospect) -> Work | None:
        """What is left of a job; None if its frames are unknown."""
        if prospect.frames is None:
            return None
        left = max(0, prospect.frames - prospect.kept)
        shots = shots_in(prospect.seconds) * left // max(1, prospect.frames)
        return cls(1, left, min(left, max(1, shots)))

    def __add__(self, other: Work) -> Work:
        return Work(self.jobs + other.jobs, self.frames + other.frames, self.shots + other.shots)

    def __sub__(self, other: Work) -> Work:
        return Work(self.jobs - other.jobs, self.frames - other.frames, self.shots - other.shots)


class Estimate:
    """Seconds of jobs, from the speed of each kind of settings.

    Args:
        speeds: measured, or of another machine.
    """

    def __init__(self, speeds: Mapping[Kind, Speed]) -> None:
        self._speeds = speeds

    @classmethod
    def measured(
        cls, prospects: Sequence[Prospect], make_painter: MakePainter, *, seconds: float = 0.0
    ) -> Estimate:
        """Measure what the jobs that are left need, for some seconds, shared by the kinds of settings.

        Args:
            prospects: the jobs.
            make_painter: makes what paints.
            seconds: to measure for; three for each kind, if that is more.

        Raises:
            WeightsError: a network's weights are missing or damaged.
            DeviceError: a device is absent or cannot hold the network.
        """
        largest: dict[Kind, Prospect] = {}
        for prospect in prospects:
            if prospect.left and prospect.size is not None:
                kind = kind_of(prospect.job.settings)
                known = largest.get(kind)
                if known is None or _tells(prospect) > _tells(known):
                    largest[kind] = prospect
        share = max(SECONDS, seconds / max(1, len(largest)))
        return cls(
            {
                kind: calibrate(
                    prospect.job.settings,
                    prospect.size or (0, 0),
                    make_painter,
                    frames=sample(prospect),
                    seconds=share,
                )
                for kind, prospect in largest.items()
            }
        )

    def seconds(self, work: Work, settings: Settings, size: tuple[int, int]) -> float:
        """Seconds that work takes one worker, with these settings, at this (height, width)."""
        speed = self._speeds[kind_of(settings)]
        return (
            work.jobs * JOB_SECONDS
            + work.shots * speed.first(size, settings)
            + (work.frames - work.shots) * speed.later(size, settings)
        )

    def of(self, prospect: Prospect) -> float | None:
        """Seconds that what is left of a job takes as it was asked for; None if its frames are unknown."""
        work = Work.of(prospect)
        if not prospect.left:
            return 0.0
        if work is None or prospect.size is None:
            return None
        return self.seconds(work, prospect.job.settings, prospect.size)


def _tells(prospect: Prospect) -> tuple[bool, int]:
    """How much measuring a job tells of others: a video, which moves, and a large one, most."""
    return prospect.seconds > 0, math.prod(prospect.size or (0, 0))
