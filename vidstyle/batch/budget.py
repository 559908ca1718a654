"""End in time: steps and sizes chosen for the time that is left, anew as jobs come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vidstyle.batch.check import Prospect, Status
from vidstyle.batch.choice import SMALLEST_SCALE, Choice
from vidstyle.batch.estimate import Estimate, Work
from vidstyle.batch.executor import Began, Failed, Report
from vidstyle.batch.limit import spoken
from vidstyle.batch.run import Choose
from vidstyle.errors import SettingsError
from vidstyle.pipeline import Finished, FrameDone, Job
from vidstyle.settings import Settings

AIM = 0.97  # of the time that is left: what estimates miss falls on the last job, which cannot adapt
DEAF = 0.02  # a choice stands until it misses the time that is left by more than this
SPARE = (
    0.9  # of the time that drafts may take when a smaller size is chosen: later jobs can then give up steps
)
SETTLED = 0.1  # of the time, gone: from then on pictures do not grow, so that a batch's are of one size
EARLY = 0.1  # of the budget: an end that comes earlier by more is told

Group = tuple[Settings, tuple[int, int], bool]
"""Settings and size that were asked for, and whether they stand because the job is begun."""


class Budget(Choose):
    """Chooses steps for each job, and a size for all of them, so that the batch ends in time.

    After each job, what was measured corrects the estimate of those to come: by one factor, since
    what makes one job slower than estimated (a busy machine, many cuts) mostly makes all slower.

    Args:
        estimate: seconds of work for one worker.
        prospects: all jobs.
        seconds: for what is left, from now on.
        workers: jobs that are done at the same time.
        now: a clock, in seconds.

    Raises:
        SettingsError: not even drafts would end in time, or it is not known how many frames there are.
    """

    def __init__(
        self,
        estimate: Estimate,
        prospects: Sequence[Prospect],
        seconds: float,
        *,
        workers: int = 1,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._estimate, self._workers, self._now = estimate, workers, now
        self._deadline, self._limit, self._early = now() + seconds, seconds, 0.0
        self._running: dict[int, _Running] = {}
        self._measured = self._expected = 0.0
        self._said: dict[int, str] = {}
        self._choice = Choice()
        # Jobs that cost alike, added up: a thousand small jobs are then as quick to weigh as one.
        self._ahead: dict[Group, Work] = {}
        for prospect in prospects:
            if prospect.left:
                group = _group(prospect)
                self._ahead[group] = self._ahead.get(group, Work()) + _work(prospect)
        least = self._seconds(Choice(0.0, SMALLEST_SCALE)) / workers
        if self._ahead and least > seconds:
            raise SettingsError(
                f"cannot be met: drafts at half the size would take about {spoken(least)} "
                f"of the {spoken(max(0.0, seconds))} that are left",
                where="--budget",
                hint="Allow more time, or give smaller sizes, durations or fewer jobs.",
            )
        self._choose()

    def would_choose(self, prospect: Prospect) -> tuple[Settings, tuple[int, int]]:
        """The settings and the (height, width) that a job would get if all went as estimated."""
        return self._chosen(_group(prospect), self._choice)

    def choose(self, prospect: Prospect) -> Job:
        """The job with as many steps, and as large, as there is time for."""
        self._choose()
        group = _group(prospect)
        self._ahead[group] -= _work(prospect)
        settings, size = self._chosen(group, self._choice)
        expected = self._estimate.seconds(_work(prospect), settings, size)
        self._running[prospect.number] = _Running(prospect, expected, self._now())
        if group[2]:
            return prospect.job
        height, width = size
        self._said[prospect.number] = self._told(prospect, settings, size)
        return replace(
            prospect.job,
            settings=settings,
            size=prospect.job.size if size == prospect.size else (width, height),
        )

    def heard(self, report: Report) -> str | None:
        """Learn from what jobs take; tell what was chosen for one that begins."""
        running = self._running.get(report.task)
        if running is None:
            return None
        match report.event:
            case Began():
                running.began = self._now()
                return self._said.pop(report.task, None)
            case FrameDone(done=done):
                running.done = done - running.prospect.kept
            case Finished():
                self._measured += self._now() - running.began
                self._expected += running.expected
                del self._running[report.task]
            case Failed():
                del self._running[report.task]
        return None

    def _choose(self) -> None:
        """Choose anew, if what is chosen misses the time that is left."""
        left = max(0.0, self._deadline - self._now()) * self._workers * AIM
        room = left - sum(running.left for running in self._running.values()) * self._factor
        takes = self._factor * self._seconds(self._choice)
        if abs(takes - room) > DEAF * room and not (takes <= room and self._choice == Choice()):
            self._choice = self._most(room)
        self._early = (room - self._factor * self._seconds(self._choice)) / self._workers

    def _most(self, room: float) -> Choice:
        """The most that there is time for: steps are given up before size."""

        def fits(choice: Choice, share: float = 1.0) -> bool:
            return self._factor * self._seconds(choice) <= share * room

        settled = self._deadline - self._now() < (1 - SETTLED) * self._limit
        # Full steps leave time over: what was measured before the batch was far too slow.
        scale = 1.0 if not settled and fits(Choice(1.0, self._choice.scale)) else self._choice.scale
        if not fits(Choice(0.0, scale)):
            scale = _largest(lambda scale: fits(Choice(0.0, scale), SPARE), SMALLEST_SCALE, scale)
        if fits(Choice(1.0, scale)):
            return Choice(1.0, scale)
        return Choice(_largest(lambda effort: fits(Choice(effort, scale)), 0.0, 1.0), scale)

    def _told(self, prospect: Prospect, settings: Settings, size: tuple[int, int]) -> str:
        """What was chosen for a job, and by how much the end will miss the time, if it is worth a word."""
        steps = f"{settings.steps} of {prospect.job.settings.steps} steps, "
        chosen = f"Budget: {'' if settings.quality == 'live' else steps}at {size[1]}x{size[0]}."
        # What even the least takes too long: everything has grown slower since the batch began.
        if self._choice.effort == 0 and -self._early > 2 * DEAF * self._limit:
            return f"{chosen} Even so the end comes about {spoken(-self._early)} late."
        if self._choice.effort == 1 and self._early > EARLY * self._limit:
            return f"{chosen} The batch ends about {spoken(self._early)} early."
        return chosen

    @property
    def _factor(self) -> float:
        """By how much jobs take longer than estimated."""
        return self._measured / self._expected if self._expected > 0 else 1.0

    def _seconds(self, choice: Choice) -> float:
        """Seconds for all jobs ahead, as estimated."""
        return sum(
            self._estimate.seconds(work, *self._chosen(group, choice)) for group, work in self._ahead.items()
        )

    def _chosen(self, group: Group, choice: Choice) -> tuple[Settings, tuple[int, int]]:
        settings, size, begun = group
        return (settings, size) if begun else (choice.settings(settings), choice.size(size))


@dataclass
class _Running:
    """A job under way: what it was expected to take, when it began, frames that it has painted."""

    prospect: Prospect
    expected: float
    began: float
    done: int = 0

    @property
    def left(self) -> float:
        """Expected seconds of what it has not painted."""
        frames = max(1, (self.prospect.frames or 1) - self.prospect.kept)
        return self.expected * max(0.0, 1 - self.done / frames)


def _group(prospect: Prospect) -> Group:
    return prospect.job.settings, prospect.size or (0, 0), prospect.status is Status.RESUMED


def _work(prospect: Prospect) -> Work:
    work = Work.of(prospect)
    if work is None:
        raise SettingsError(
            f"cannot be kept: how many frames {prospect.job.source} has is not known",
            where="--budget",
            hint="Give that job a duration.",
        )
    return work


def _largest(fits: Callable[[float], bool], low: float, high: float) -> float:
    """The largest value between `low` and `high` that fits, to a thousandth of the way."""
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
