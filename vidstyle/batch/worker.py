"""What runs in a worker's process: task after task, with networks that stay loaded."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from types import FrameType
from typing import NoReturn

from vidstyle.batch.attempt import attempt
from vidstyle.batch.cores import Share, use
from vidstyle.batch.executor import Task
from vidstyle.errors import DeviceError
from vidstyle.pipeline import MakePainter


def work(pipe: Connection, share: Share, make: Callable[[], MakePainter]) -> None:
    """Take tasks from a pipe until it is closed; send each one's events, then what became of it.

    What became of it is None or a `VidstyleError`. Ends with its parent, however that ends: the pipe
    is closed then.

    Args:
        pipe: to the parent.
        share: what this process may use.
        make: makes what makes painters.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which stops us in order
    signal.signal(signal.SIGTERM, _stop)
    use(share)
    make_painter = make()
    try:
        while True:
            task: Task = pipe.recv()
            error = _do(task, pipe, make_painter)
            pipe.send(error)
            if isinstance(error, DeviceError):
                return  # a GPU's fault stays with the process that met it: let a fresh one go on
    except (EOFError, BrokenPipeError):
        return  # the parent is gone


def _do(task: Task, pipe: Connection, make_painter: MakePainter) -> object:
    with closing(attempt(task, make_painter)) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
            pipe.send(event)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
