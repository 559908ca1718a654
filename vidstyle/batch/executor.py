"""What executors do: take tasks one by one, and tell what becomes of each."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from vidstyle.errors import VidstyleError
from vidstyle.pipeline import Event, Job


@dataclass(frozen=True)
class Task:
    """One job of a batch: paths and settings, never frames, so that it travels between processes.

    Attributes:
        number: the job's position in the batch, from 0; reports are told by it.
        job: what to do.
    """

    number: int
    job: Job


@dataclass(frozen=True)
class Began:
    """A worker took the task.

    Attributes:
        worker: which, from 0.
        attempt: 1 for the first.
    """

    worker: int
    attempt: int


@dataclass(frozen=True)
class Retried:
    """An attempt failed in a way that another may not; the task waits for its next one.

    Attributes:
        attempt: the one that failed, from 1.
        error: why.
    """

    attempt: int
    error: VidstyleError


@dataclass(frozen=True)
class Failed:
    """The task has failed for good; nothing more is told of it.

    Attributes:
        attempts: how many there were.
        error: why the last one failed.
    """

    attempts: int
    error: VidstyleError


Happening = Event | Began | Retried | Failed


@dataclass(frozen=True)
class Report:
    """Something that happened to a task: the events of its render, in order, and those of its attempts.

    The last report of a task is a `Finished` or a `Failed`.

    Attributes:
        task: its number.
        event: what happened.
    """

    task: int
    event: Happening


class Executor(Protocol):
    """Does the tasks of a batch, on whatever it has."""

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        """Do all tasks; closing the generator stops those under way, and what they finished is kept.

        A task is taken from `tasks` only when a worker is free for it, so that whoever makes them can
        still change what is to come. A task that fails does not end the others.

        Args:
            tasks: with numbers of their own.

        Yields:
            Reports, those of one task in order; tasks that run at the same time take turns.
        """
        ...
