"""Processes forked from one that has imported everything: each would take two seconds to import torch."""

from __future__ import annotations

import multiprocessing.forkserver
import os
import runpy
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from subprocess import PIPE
from types import SimpleNamespace
from typing import IO, Any

import pytest

# As the command imports them; pytest, since a process imports what this one was started with.
IMPORTED = ["pytest", "vidstyle.cli.main", "vidstyle.pipeline", "torch", "vidstyle.synthesis.optimiser"]

can_fork = "forkserver" in multiprocessing.get_all_start_methods()


def forking() -> Any:
    """What makes such processes, as `multiprocessing.get_context("spawn")` makes others."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read when torch is imported; `commands.one_thread` says why
        multiprocessing.forkserver.ensure_running()
    return context


@contextmanager
def workers_forked() -> Iterator[None]:
    """Workers are forked: for tests of what they do and how they end, not of what they begin with."""
    with pytest.MonkeyPatch.context() as patch:
        if can_fork:
            made = SimpleNamespace(get_context=lambda method: forking())
            patch.setattr("vidstyle.batch.spawn.multiprocessing", made)
        yield


@pytest.fixture
def forked_workers() -> Iterator[None]:
    with workers_forked():
        yield


class Forked:
    """A process that runs the command: as much of `subprocess.Popen`, with text, as tests need.

    What Python does on its way out is left out: of tests about that, `subprocess` runs the command.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        before: Callable[[], None] | None = None,
        *,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        theirs, (_, self.stdout, self.stderr) = zip(*map(_ends, (stdin, stdout, stderr)), strict=True)
        self._process = forking().Process(target=_run, args=(arguments, before, theirs, dict(os.environ)))
        self._process.start()
        for end in filter(None, theirs):
            end.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def communicate(self, timeout: float) -> list[str | None]:
        overdue = threading.Timer(timeout, self._process.kill)
        overdue.start()
        told = [stream and stream.read() for stream in (self.stdout, self.stderr)]
        overdue.cancel()
        self.__exit__()
        return told

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in filter(None, (self.stdout, self.stderr)):
            stream.close()
        self._process.join()


def _ends(given: int | None) -> tuple[Connection | None, IO[str] | None]:
    """The end of a stream that the process gets, and, of a pipe, ours."""
    if given == PIPE:
        reading, writing = os.pipe()
        return Connection(writing, readable=False), os.fdopen(reading)
    return (None if given is None else Connection(os.dup(given))), None


def _run(
    arguments: Sequence[str],
    before: Callable[[], None] | None,
    streams: Sequence[Connection | None],
    environment: dict[str, str],
) -> None:
    for number, stream in enumerate(streams):
        if stream is not None:
            os.dup2(stream.fileno(), number)
            stream.close()
    ends = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))
    sys.stdin, sys.stdout, sys.stderr = ends
    os.environ.clear()
    os.environ.update(environment)
    if before is not None:
        before()
    sys.argv = ["vidstyle", *arguments]
    runpy.run_module("vidstyle", run_name="__main__", alter_sys=True)
