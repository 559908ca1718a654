"""The bar of a whole batch on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress

from vidstyle.cli.batch_progress import Tally
from vidstyle.cli.drawing import drawing
from vidstyle.cli.pace import Pace, clock
from vidstyle.cli.plain import printable

if TYPE_CHECKING:
    from vidstyle.batch import Prospect, Report


@contextmanager
def batch_bar() -> Iterator[BatchBar]:
    """A bar on standard error, removed from the terminal when the block ends."""
    with drawing() as bars:
        yield BatchBar(bars)


class BatchBar:
    """One bar for all frames of all jobs, with a line above it for each job that ends."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tally = Tally()
        self._pace = Pace()
        self._task = bars.add_task("checking", total=None, state="")

    def begin(self, prospects: Sequence[Prospect]) -> None:
        """Start the bar."""
        self._tally.begin(prospects)
        for text in self._tally.opening(prospects):
            self._print(text)
        self._bars.update(self._task, description="painting", total=self._tally.frames)

    def show(self, report: Report) -> None:
        """Move the bar, or say a line above it."""
        said = self._tally.note(report)
        if said is not None:
            self._print(said)
        self._pace.note(self._tally.painted)
        left = self._pace.left(self._tally.frames)
        parts = [
            f"{self._tally.ended}/{self._tally.jobs} jobs",
            f"{self._tally.painted}/{self._tally.frames}",
        ]
        if self._pace.rate is not None:
            parts.append(f"{self._pace.rate:.2f} frames/s")
        if left is not None:
            parts.append(f"{clock(left)} left")
        self._bars.update(self._task, completed=self._tally.painted, state="  ".join(parts))

    def fetch(self, done: int, total: int | None) -> None:
        """Move the bar of the download."""
        self._bars.update(
            self._task,
            description="fetching VGG-19",
            completed=done,
            total=total,
            state=f"{done / 1e6:.0f} MB",
        )

    def _print(self, text: str) -> None:
        # No markup: a file may be called "[bold].mp4".
        self._bars.console.print(printable(text), markup=False, soft_wrap=True)
