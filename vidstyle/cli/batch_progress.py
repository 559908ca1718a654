"""Progress of a whole batch: one bar on a terminal, lines elsewhere, or every event as JSON."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

from vidstyle.cli.batch_tables import failure
from vidstyle.cli.plain import as_json, print_json, printable
from vidstyle.cli.progress import count, summary

if TYPE_CHECKING:
    from vidstyle.batch import Prospect, Report


class BatchProgress(Protocol):
    """Shows how far a batch has come."""

    def begin(self, prospects: Sequence[Prospect]) -> None:
        """All jobs are checked; those that are left come now."""
        ...

    def show(self, report: Report) -> None:
        """Something happened to a job."""
        ...

    def fetch(self, done: int, total: int | None) -> None:
        """`done` of `total` bytes of VGG-19's weights (None if unknown) are here."""
        ...


@contextmanager
def batch_progress(*, json: bool) -> Iterator[BatchProgress]:
    """JSON lines if asked for; else a bar where standard error is a terminal, and lines elsewhere."""
    if json:
        yield JsonReports()
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from vidstyle.cli.batch_bar import batch_bar

        with batch_bar() as shown:
            yield shown
    else:
        yield JobLines()


class JsonReports:
    """Each report as one JSON object a line: {"event": "frame_done", "job": 0, "index": 3, ...}."""

    def begin(self, prospects: Sequence[Prospect]) -> None:
        """{"event": "batch_started", "jobs": [...]}."""
        jobs = [
            {"job": p.number, "output": str(p.job.output), "status": p.status.value, "frames": p.frames}
            for p in prospects
        ]
        print_json({"event": "batch_started", "jobs": jobs})

    def show(self, report: Report) -> None:
        """The event's own fields, after its name and the job's number."""
        from vidstyle.errors import VidstyleError

        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(report.event).__name__).lower()
        fields = {
            key: failure(value) if isinstance(value, VidstyleError) else as_json(value)
            for key, value in vars(report.event).items()
        }
        print_json({"event": name, "job": report.task, **fields})

    def fetch(self, done: int, total: int | None) -> None:
        """{"event": "fetching", "bytes": ..., "total": ...}."""
        print_json({"event": "fetching", "bytes": done, "total": total})


class JobLines:
    """A line for each job that ends, and about every tenth of the way through its frames."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._next_byte = 0.0

    def begin(self, prospects: Sequence[Prospect]) -> None:
        """Say how much there is to do."""
        self._tally.begin(prospects)
        for text in self._tally.opening(prospects):
            _say(text)

    def show(self, report: Report) -> None:
        """Say what is worth a line."""
        said = self._tally.note(report)
        if said is not None:
            _say(said)

    def fetch(self, done: int, total: int | None) -> None:
        """Say a line when another tenth (50 MB, if the total is unknown) is here."""
        if done >= self._next_byte or done == total:
            self._next_byte = done + (50e6 if total is None else total / 10)
            _say(f"fetching VGG-19: {done / 1e6:.0f} MB")


class Tally:
    """What has been done of a batch, in jobs and in frames.

    Attributes:
        jobs: that are left at the beginning.
        frames: in them, as far as they are known.
        ended: jobs that are done or have failed.
        painted: frames, those of jobs under way and of failed ones included.
    """

    def __init__(self) -> None:
        self.jobs = self.frames = self.ended = self.painted = 0
        self._outputs: dict[int, str] = {}

    def begin(self, prospects: Sequence[Prospect]) -> None:
        """Count what is left."""
        left = [prospect for prospect in prospects if prospect.left]
        self.jobs = len(left)
        self.frames = sum((prospect.frames or 0) - prospect.kept for prospect in left)
        self._outputs = {prospect.number: str(prospect.job.output) for prospect in left}

    def opening(self, prospects: Sequence[Prospect]) -> Iterator[str]:
        """What is to be done, and what is not, in a sentence each."""
        passed = len(prospects) - self.jobs
        rest = f" ({passed} done or passed over)" if passed else ""
        yield f"{self.jobs} jobs to do{rest}, {count(self.frames)}"
        resumed = [prospect for prospect in prospects if prospect.left and prospect.kept]
        for prospect in resumed:
            yield f"{prospect.job.output}: going on after {count(prospect.kept)}"

    def note(self, report: Report) -> str | None:
        """Count what happened; gives the line that it is worth, or None."""
        from vidstyle.batch import Failed, Retried
        from vidstyle.pipeline import Finished, FrameDone, Notice

        match report.event:
            case FrameDone():
                self.painted += 1
            case Finished():
                self.ended += 1
                return f"{self._order()} {summary(report.event)}"
            case Failed(error=error):
                self.ended += 1
                return f"{self._order()} failed: {' '.join(str(error).split())}"
            case Retried(error=error, attempt=attempt):
                return f"{' '.join(str(error).split())} Trying again after attempt {attempt}."
            case Notice(text=text):
                return f"{self._outputs.get(report.task, '')}: {text}"
        return None

    def _order(self) -> str:
        return f"[{self.ended}/{self.jobs}]"


def _say(text: str) -> None:
    typer.echo(f"vidstyle: {printable(text)}", err=True)
