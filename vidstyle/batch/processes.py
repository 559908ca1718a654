"""The executor that works in several processes of this machine."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from vidstyle.batch.attempt import failure
from vidstyle.batch.cores import Share
from vidstyle.batch.executor import Began, Report, Retried, Task
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.spawn import PATIENCE, outlived, spawned
from vidstyle.errors import DeviceError, VidstyleError, WorkerError
from vidstyle.pipeline import Event, MakePainter


@dataclass(frozen=True)
class Try:
    """A task, and which attempt at it comes next."""

    task: Task
    attempt: int = 1


@dataclass
class Worker:
    """A process, the parent's end of its pipe, and what it is doing."""

    number: int
    share: Share
    process: SpawnProcess
    pipe: Connection
    doing: Try | None = None


class Processes:
    """Does tasks in processes of their own, as many at a time as there are shares; fulfils `Executor`.

    A process that dies is replaced, and its task tried again: whole segments are kept, so that it
    goes on where it was. Processes are started when there is work for them, and not forked: torch's
    threads and CUDA do not outlive a fork.

    Args:
        shares: what each process may use.
        max_tries: most attempts at a task whose process dies or whose device fails.
        make: makes, in each process, what makes painters; a function or class of a module.
    """

    def __init__(
        self, shares: list[Share], max_tries: int = 3, make: Callable[[], MakePainter] = KeptPainters
    ) -> None:
        self._shares, self._max_tries, self._make = shares, max_tries, make

    def run(self, tasks: Iterable[Task]) -> Generator[Report, None, None]:
        """Do all tasks; see `Executor.run`."""
        coming, again = iter(tasks), deque[Try]()
        workers: list[Worker | None] = [None] * len(self._shares)
        try:
            while True:
                yield from self._hand_out(coming, again, workers)
                busy = [worker for worker in workers if worker is not None and worker.doing is not None]
                if not busy:
                    return
                ready = wait([worker.pipe for worker in busy])
                for worker in busy:
                    if worker.pipe in ready:
                        yield from self._hear(worker, again, workers)
        finally:
            _stop([worker for worker in workers if worker is not None])

    def _hand_out(
        self, coming: Iterator[Task], again: deque[Try], workers: list[Worker | None]
    ) -> Iterator[Report]:
        """Give every idle worker a task, while there are any; those to be tried again come first."""
        for number, worker in enumerate(workers):
            if worker is not None and worker.doing is not None:
                continue
            trying = again.popleft() if again else next((Try(task) for task in coming), None)
            if trying is None:
                return
            if worker is None or not worker.process.is_alive():
                worker = workers[number] = self._started(number)
            worker.doing = trying
            yield Report(trying.task.number, Began(number, trying.attempt))
            with suppress(BrokenPipeError, ConnectionResetError):  # it died: hearing from it tells so
                worker.pipe.send(trying.task)

    def _hear(self, worker: Worker, again: deque[Try], workers: list[Worker | None]) -> Iterator[Report]:
        """Take one message from a worker: an event, the end of its task, or that it is dead."""
        trying = worker.doing
        if trying is None:
            return
        try:
            message: Event | VidstyleError | None = worker.pipe.recv()
        except (EOFError, OSError):
            workers[worker.number] = None
            message = _death(worker)
        if message is None:
            worker.doing = None
        elif isinstance(message, VidstyleError):
            worker.doing = None
            if isinstance(message, DeviceError):
                workers[worker.number] = None  # it ends itself; a fresh one takes its place
                _stop([worker])
            what = failure(message, trying.attempt, self._max_tries)
            if isinstance(what, Retried):
                again.append(Try(trying.task, trying.attempt + 1))
            yield Report(trying.task.number, what)
        else:
            yield Report(trying.task.number, message)

    def _started(self, number: int) -> Worker:
        share = self._shares[number]
        return Worker(number, share, *spawned(share, f"vidstyle-worker-{number}", self._make))


def _death(worker: Worker) -> WorkerError:
    """Why a worker ended without being asked to."""
    worker.pipe.close()
    worker.process.join(PATIENCE)
    code = worker.process.exitcode
    if code is not None and code < 0:
        how = f"was ended by {signal.Signals(-code).name}"
    else:
        how = f"ended with code {code}"
    where = worker.doing.task.job.output if worker.doing else ""
    hint = "Was it out of memory? Then use fewer processes, or a smaller size." if code == -9 else ""
    return WorkerError(f"the process that rendered it {how}", where=where, hint=hint)


def _stop(workers: Iterable[Worker]) -> None:
    """End workers: at once those that are idle, and after they closed their files those that are not."""
    stopping = list(workers)
    for worker in stopping:
        worker.pipe.close()
        if worker.doing is not None:
            worker.process.terminate()
    deadline = time.monotonic() + PATIENCE
    for worker in stopping:
        outlived(worker.process, max(0.0, deadline - time.monotonic()))
        worker.process.close()
