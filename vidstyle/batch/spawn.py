"""Worker processes: how one begins, and how one that was told to end goes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from vidstyle.batch.cores import Share, environment_of
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.worker import work
from vidstyle.pipeline import MakePainter

PATIENCE = 5.0
"""Seconds that a worker that is told to stop may take to close its files; one that hangs gets no more."""


def spawned(
    share: Share, name: str, make: Callable[[], MakePainter] = KeptPainters
) -> tuple[SpawnProcess, Connection]:
    """A process that takes tasks, and this end of the pipe to it.

    It is not forked: torch's threads and CUDA do not outlive a fork.

    Args:
        share: what it may use.
        name: of the process.
        make: makes, in the process, what makes painters; a function or class of a module.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, share, make), name=name, daemon=True)
    with environment_of(share):
        process.start()
    theirs.close()  # the end of the process is then the end of the pipe
    return process, ours


def outlived(process: SpawnProcess, seconds: float = PATIENCE) -> None:
    """Wait for a process that was told to end, and end it where it does not."""
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
