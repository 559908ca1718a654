"""One attempt at one task: its render's events, and every way to fail as a typed error."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from vidstyle.batch.executor import Failed, Happening, Retried, Task
from vidstyle.errors import DeviceError, VidstyleError, WorkerError
from vidstyle.memory import is_out_of_memory
from vidstyle.pipeline import Event, MakePainter, render

# Failures that another attempt, perhaps elsewhere, may not meet; all others would come again.
PASSING = (DeviceError, WorkerError)


def attempt(task: Task, make_painter: MakePainter) -> Generator[Event, None, VidstyleError | None]:
    """Render a task's job.

    Yields:
        The events of the render.

    Returns:
        None, or why it failed: a fault in vidstyle fails its own job, not those that follow.
    """
    try:
        with closing(render(task.job, make_painter=make_painter)) as events:
            yield from events
    except VidstyleError as error:
        return error
    except Exception as error:
        return typed(error, task.job.output)
    return None


def failure(error: VidstyleError, attempts: int, max_tries: int) -> Happening:
    """What a failed attempt means for its task: another one, or the end.

    Args:
        error: why it failed.
        attempts: how many there were, this one included.
        max_tries: most attempts at a task.
    """
    if isinstance(error, PASSING) and attempts < max_tries:
        return Retried(attempts, error)
    return Failed(attempts, error)


def typed(error: Exception, where: Path) -> VidstyleError:
    """An error that no one foresaw, as one that can be told in a line and sent between processes."""
    if is_out_of_memory(error):
        return DeviceError("ran out of memory", where=where, hint="Give a smaller size, or fewer processes.")
    if os.environ.get("VIDSTYLE_DEBUG") == "1":
        traceback.print_exception(error)
    return VidstyleError(
        f"{type(error).__name__}: {error}",
        where=where,
        hint="This is a bug in vidstyle: run it again with VIDSTYLE_DEBUG=1 and report what it prints.",
    )
