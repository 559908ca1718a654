"""How far a training is, on standard error: a bar on a terminal, a line about every tenth elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vidstyle.live.specialise import Progress

Show = Callable[["Progress"], None]


@contextmanager
def lessons_shown() -> Iterator[Show]:
    """Gives what is to be called after each lesson."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _Lines().show
        return
    from vidstyle.cli.drawing import drawing

    with drawing() as bars:
        task = bars.add_task("training", total=1.0, state="")
        yield lambda progress: bars.update(task, completed=progress.share, state=_state(progress))


class _Lines:
    def __init__(self) -> None:
        self._next = 0.1

    def show(self, progress: Progress) -> None:
        if progress.share < self._next:
            return
        self._next = progress.share + 0.1
        typer.echo(f"vidstyle: {100 * progress.share:.0f} % of the time, {_state(progress)}", err=True)


def _state(progress: Progress) -> str:
    return f"{progress.lessons} lessons, style distance {progress.style:.2f}"
