"""The executor that works in this very process, one task after the other."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing

from vidstyle.batch.attempt import attempt, failure
from vidstyle.batch.executor import Began, Failed, Report, Task
from vidstyle.batch.painters import KeptPainters
from vidstyle.errors import VidstyleError
from vidstyle.pipeline import MakePainter


class InProcess:
    """Does tasks one after the other, with networks that stay loaded; fulfils `Executor`.

    Args:
        max_tries: most attempts at a task whose device fails.
        make_painter: makes what paints; kept for the executor's whole life.
    """

    def __init__(self, max_tries: int = 1, make_painter: MakePainter | None = None) -> None:
        self._max_tries = max_tries
        self._make_painter = make_painter or KeptPainters()

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        """Do all tasks; see `Executor.run`."""
        for task in tasks:
            for number in range(1, self._max_tries + 1):
                yield Report(task.number, Began(0, number))
                error = yield from self._attempt(task)
                if error is None:
                    break
                what = failure(error, number, self._max_tries)
                yield Report(task.number, what)
                if isinstance(what, Failed):
                    break

    def _attempt(self, task: Task) -> Generator[Report, None, VidstyleError | None]:
        events = attempt(task, self._make_painter)
        with closing(events):
            while True:
                try:
                    event = next(events)
                except StopIteration as end:
                    error: VidstyleError | None = end.value
                    return error
                yield Report(task.number, event)
