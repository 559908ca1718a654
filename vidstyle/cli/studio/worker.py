"""The process that paints for the page: kept warm, stopped at once, and alone in what a crash takes along."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from vidstyle.batch.cores import Share, core_count
from vidstyle.batch.executor import Task
from vidstyle.batch.spawn import PATIENCE, outlived, spawned
from vidstyle.errors import DeviceError, InterruptedRender, VidstyleError, WorkerError
from vidstyle.pipeline import Event, Job


@dataclass
class _Crew:
    """A process, this end of the pipe to it, and whether it was told to end."""

    process: SpawnProcess
    pipe: Connection
    ending: bool = False

    def end(self) -> None:
        """Tell it to end, once: a second signal would fall into its last clean-up."""
        if not self.ending:
            self.ending = True
            self.process.terminate()


class Worker:
    """Renders jobs, one at a time, in a process that keeps its networks loaded in between.

    Args:
        cores: how many it computes on; None: all.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._share = Share(cores or core_count())
        self._crew: _Crew | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Start the process now, so that it is ready when the first job comes."""
        self._ready()

    def run(self, job: Job) -> Generator[Event, None, None]:
        """Do a job; closing the generator stops it, and what is finished is kept for a resume.

        Yields:
            The events of its render.

        Raises:
            InterruptedRender: `stop` was called.
            WorkerError: the process died.
            VidstyleError: see `render`.
        """
        crew = self._ready()
        done = False
        try:
            crew.pipe.send(Task(0, job))
            while (message := crew.pipe.recv()) is not None:
                if isinstance(message, VidstyleError):
                    done = not isinstance(message, DeviceError)  # a GPU's fault stays with its process
                    raise message
                yield message
            done = True
        except (EOFError, OSError):
            raise self._end_of(crew) from None
        finally:
            if not done:
                self._drop(crew)

    def stop(self) -> None:
        """Stop the job under way, and end the process; the next job gets another."""
        with self._lock:
            self._stopped = True
            if self._crew is not None:
                self._crew.end()

    def close(self) -> None:
        """Stop whatever is under way, and wait until the process is gone."""
        self.stop()
        if self._crew is not None:
            self._drop(self._crew)

    def _ready(self) -> _Crew:
        with self._lock:
            self._stopped = False
            if self._crew is None or self._crew.ending or not self._crew.process.is_alive():
                self._crew = _Crew(*spawned(self._share, "vidstyle-studio"))
            return self._crew

    def _end_of(self, crew: _Crew) -> VidstyleError:
        """Why a process ended before its job did."""
        if self._stopped:
            return InterruptedRender("stopped", hint="The same settings go on from here.")
        crew.process.join(PATIENCE)
        code = crew.process.exitcode
        how = signal.Signals(-code).name if code is not None and code < 0 else f"code {code}"
        hint = "It may be out of memory: try a smaller size." if code == -9 else "Try it again."
        return WorkerError(f"the process that paints was ended by {how}", hint=hint)

    def _drop(self, crew: _Crew) -> None:
        with self._lock:
            if self._crew is crew:
                self._crew = None
        crew.end()
        outlived(crew.process)
        crew.pipe.close()
