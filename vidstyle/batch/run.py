"""A batch from its first task to its last: who is next, what became of each, when to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum

from vidstyle.batch.check import Prospect, Status
from vidstyle.batch.executor import Began, Executor, Failed, Report, Task
from vidstyle.errors import VidstyleError
from vidstyle.pipeline import Finished, FrameDone, Job, Notice, Started


class End(Enum):
    """What became of a job."""

    DONE = "done"
    FAILED = "failed"
    STOPPED = "not finished"
    DONE_BEFORE = "done before"
    SKIPPED = "skipped"


@dataclass
class Outcome:
    """One job, as far as it has come.

    Attributes:
        prospect: what was known of it before.
        end: what became of it.
        painted: frames that this run painted.
        frames: in the output, once it is whole.
        size: (height, width) that it is painted in, pixels.
        seconds: that this run spent on it, all attempts together.
        attempts: how many there were.
        error: why it failed.
    """

    prospect: Prospect
    end: End
    painted: int = 0
    frames: int | None = None
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    attempts: int = 0
    error: VidstyleError | None = None


class Choose:
    """Leaves every job as it was asked for; `vidstyle.batch.budget.Budget` does not."""

    def choose(self, prospect: Prospect) -> Job:
        """The job whose turn it is, as it is to be done now."""
        return prospect.job

    def heard(self, report: Report) -> str | None:
        """Take note of what happened; gives a sentence that the user should read, or None."""
        return None


class Batch:
    """Runs the jobs that are left of a batch.

    Args:
        prospects: all jobs, by number.
        executor: does them.
        keep_going: a job that fails does not end the others.
        choose: may change what is still to come.
        now: a clock, in seconds.

    Attributes:
        outcomes: one for each job, kept up to date.
    """

    def __init__(
        self,
        prospects: Sequence[Prospect],
        executor: Executor,
        *,
        keep_going: bool = False,
        choose: Choose | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor, self._keep_going, self._now = executor, keep_going, now
        self._choose = choose or Choose()
        self._left = [prospect for prospect in prospects if prospect.left]
        self._since: dict[int, float] = {}
        self.outcomes = {prospect.number: Outcome(prospect, _END[prospect.status]) for prospect in prospects}

    def run(self) -> Generator[Report, None, None]:
        """Do what is left, telling what happens; closing the generator stops it, to be gone on with later.

        Without `keep_going`, the first failure ends it: what others have finished is kept.
        """
        with closing(self._executor.run(self._tasks())) as reports:
            for report in reports:
                self._note(report)
                said = self._choose.heard(report)
                yield report
                if said is not None:
                    yield Report(report.task, Notice(said))
                if isinstance(report.event, Failed) and not self._keep_going:
                    return

    @property
    def failed(self) -> list[Outcome]:
        """The jobs that failed."""
        return [outcome for outcome in self.outcomes.values() if outcome.end is End.FAILED]

    def _tasks(self) -> Iterator[Task]:
        for prospect in self._left:
            yield Task(prospect.number, self._choose.choose(prospect))

    def _note(self, report: Report) -> None:
        outcome = self.outcomes[report.task]
        match report.event:
            case Began():
                self._since[report.task] = self._now()
                outcome.attempts += 1
            case Started(size=size):
                outcome.size = size
            case FrameDone():
                outcome.painted += 1
            case Finished(frames=frames):
                outcome.end, outcome.frames = End.DONE, frames
            case Failed(error=error):
                outcome.end, outcome.error = End.FAILED, error
        if report.task in self._since:
            since, now = self._since[report.task], self._now()
            outcome.seconds += now - since
            self._since[report.task] = now


_END = {
    Status.TO_DO: End.STOPPED,
    Status.RESUMED: End.STOPPED,
    Status.DONE: End.DONE_BEFORE,
    Status.SKIPPED: End.SKIPPED,
}
