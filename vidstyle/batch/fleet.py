"""The executor that has the shots of all jobs painted side by side, by workers that may come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from vidstyle.batch.attempt import failure, typed
from vidstyle.batch.executor import Began, Failed, Report, Retried, Task
from vidstyle.batch.fleet_crew import Crew, Ended, Lost
from vidstyle.batch.fleet_job import FleetJob
from vidstyle.batch.fleet_orders import Message, Order, Scan, Scanned, absolute
from vidstyle.batch.fleet_parts import Part
from vidstyle.errors import DeviceError, VidstyleError
from vidstyle.pipeline import Finished

CHORES = 4
"""Threads that open and finish jobs: they copy packets and count frames, which frees the interpreter."""

GLANCE = 0.02  # seconds between looks at the chores, while there are any


@dataclass(eq=False)
class Progress:
    """A job on its way.

    Attributes:
        task: what to do.
        began: when, on a monotonic clock, seconds.
        attempt: from 1; a worker that is lost makes it one more.
        job: once its shots are known.
        tries: attempts at each part; None stands for the scan.
        over: it is finished or has failed.
    """

    task: Task
    began: float
    attempt: int = 1
    job: FleetJob | None = None
    tries: dict[Part | None, int] = field(default_factory=dict)
    over: bool = False


@dataclass(eq=False)
class Doing:
    """What a worker has been told to do; `part` is None for a scan."""

    progress: Progress
    part: Part | None
    order: Order
    failed: bool = False


class Fleet:
    """Has shots painted by a crew, and makes the outputs of them; fulfils `Executor`.

    A job is scanned for its shots by one worker, then its shots are painted by all that are free, the
    longest first; the jobs before come first. A job's segments lie in its state folder, as those of
    `render` do: a batch whose driver is killed goes on from them, here or without a fleet.

    Args:
        crew: makes the workers; they are ended with each run.
        max_tries: most attempts at a shot whose worker is lost or whose device fails.
    """

    def __init__(self, crew: Callable[[], Crew], max_tries: int = 3) -> None:
        self._make_crew, self._max_tries = crew, max_tries

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        """Do all tasks; see `Executor.run`."""
        yield from _Run(self._make_crew(), iter(tasks), self._max_tries).run()


class _Run:
    def __init__(self, crew: Crew, tasks: Iterator[Task], max_tries: int) -> None:
        self._crew, self._tasks, self._max_tries = crew, tasks, max_tries
        self._none_left = False
        self._open: list[Progress] = []
        self._again: list[Progress] = []  # whose scan is to be given again
        self._doing: dict[int, Doing] = {}
        self._chores: dict[Future[FleetJob | None], Progress] = {}
        self._pool = ThreadPoolExecutor(CHORES, thread_name_prefix="vidstyle-fleet")

    def run(self) -> Generator[Report, None, None]:
        try:
            while True:
                yield from self._hand_out()
                yield from self._do_chores()
                if self._none_left and not self._open:
                    return
                if self._doing:
                    for worker, message in self._crew.hear(GLANCE if self._chores else None):
                        yield from self._hear(worker, message)
                elif self._chores:
                    wait(self._chores, timeout=GLANCE)
                else:
                    self._crew.hear(None)  # no worker is there yet: wait for one
        finally:
            self._crew.close()
            self._pool.shutdown(cancel_futures=True)
            for future in self._chores:
                if not future.cancelled() and future.exception() is None and (job := future.result()):
                    job.close()  # opened a moment too late
            for progress in self._open:
                if progress.job is not None:
                    progress.job.close()

    def _hand_out(self) -> Iterator[Report]:
        for worker in list(self._crew.idle()):
            doing = self._next()
            if doing is None:
                return
            progress, part = doing.progress, doing.part
            first = part is None and not progress.tries
            progress.tries[part] = progress.tries.get(part, 0) + 1
            if progress.job is not None and part is not None:
                progress.job.give(part)
            self._doing[worker] = doing
            if first:
                yield Report(progress.task.number, Began(worker, progress.attempt))
            self._crew.give(worker, doing.order)

    def _next(self) -> Doing | None:
        """The next order: of the jobs under way, or else the scan of another one."""
        for progress in self._open:
            if progress.job is not None and not progress.over:
                for part, order in progress.job.orders():
                    return Doing(progress, part, order)
        if self._again:
            progress = self._again.pop(0)
        else:
            task = next(self._tasks, None)
            if task is None:
                self._none_left = True
                return None
            progress = Progress(task, time.monotonic())
            self._open.append(progress)
        return Doing(progress, None, Scan(absolute(progress.task.job)))

    def _hear(self, worker: int, message: Message | Ended | Lost) -> Iterator[Report]:
        doing = self._doing[worker]
        progress, job = doing.progress, doing.progress.job
        if isinstance(message, Ended | Lost):
            del self._doing[worker]
        if progress.over or (doing.failed and not isinstance(message, Lost)):
            return  # what a job that has failed still hears of
        try:
            match message:
                case Lost(error=error):
                    if not doing.failed:
                        yield from self._fail(doing, error)
                case VidstyleError():
                    doing.failed = True
                    if isinstance(message, DeviceError):
                        del self._doing[worker]
                        self._crew.refresh(worker)
                    yield from self._fail(doing, message)
                case Scanned():
                    self._chore(progress, lambda: FleetJob(progress.task, message))
                case Ended() if job is not None and doing.part is not None:
                    job.ended(doing.part, doing.order)
                    if job.painted:
                        self._chore(progress, job.finish)
                case Ended():
                    pass
                case _ if job is not None and doing.part is not None:
                    for event in job.hear(doing.part, message):
                        yield Report(progress.task.number, event)
        except VidstyleError as error:
            doing.failed = True
            yield from self._fail(doing, error)

    def _fail(self, doing: Doing, error: VidstyleError) -> Iterator[Report]:
        """An order was not carried out: it is given again, or its job has failed."""
        progress, job = doing.progress, doing.progress.job
        what = failure(error, progress.tries[doing.part], self._max_tries)
        if isinstance(what, Failed):
            yield self._end(progress, Failed(progress.attempt, error))
            return
        yield Report(progress.task.number, Retried(progress.attempt, error))
        progress.attempt += 1
        yield Report(progress.task.number, Began(0, progress.attempt))
        if job is not None and doing.part is not None:
            job.lost(doing.part)
        else:
            self._again.append(progress)

    def _chore(self, progress: Progress, do: Callable[[], FleetJob | None]) -> None:
        self._chores[self._pool.submit(do)] = progress

    def _do_chores(self) -> Iterator[Report]:
        """Take note of the jobs that have been opened or finished in the meantime."""
        for future in [future for future in self._chores if future.done()]:
            progress = self._chores.pop(future)
            number = progress.task.number
            try:
                opened = future.result()
            except VidstyleError as error:
                yield self._end(progress, Failed(progress.attempt, error))
            except Exception as error:
                where = progress.task.job.output
                yield self._end(progress, Failed(progress.attempt, typed(error, where)))
            else:
                if opened is None:
                    yield self._end(progress, self._finished(progress))
                    continue
                progress.job = opened
                for event in opened.beginning():
                    yield Report(number, event)
                if opened.painted:
                    self._chore(progress, opened.finish)

    def _finished(self, progress: Progress) -> Finished:
        job = progress.job
        if job is None:
            raise RuntimeError("a job was finished before it was opened")
        seconds = time.monotonic() - progress.began
        return Finished(progress.task.job.output, job.frames, job.plan.written_size, seconds, job.kept)

    def _end(self, progress: Progress, event: Finished | Failed) -> Report:
        progress.over = True
        self._open.remove(progress)
        if progress.job is not None:
            progress.job.close()
        return Report(progress.task.number, event)
