"""Motion found by processes of their own, for a painter that a graphics card would leave waiting.

Threads that find motion hold Python's lock between OpenCV's calls, and a card idles whenever the thread that
gives it work waits for that lock. These processes share nothing with it: frames go to them through pipes,
and motion comes back. They are not `multiprocessing`'s, which would run the user's own script anew.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import DeviceError
from vidstyle.frames import Frame, Motion

PATIENCE = 20.0
"""Seconds that a process may take to end by itself."""

SERVE = "import sys; sys.path[:] = sys.argv[1:]; from vidstyle.motion.processes import serve; serve()"

Array = npt.NDArray[Any]


class MotionProcesses:
    """Finds motion as `motion_between` does, in processes; use it as a context manager.

    Args:
        count: processes; as many threads may ask at once.
        how: the arguments of `motion_between` by name, plain JSON values.
    """

    def __init__(self, count: int, **how: Any) -> None:
        self._count, self._how = count, how
        self._all: list[subprocess.Popen[bytes]] = []
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()

    def __enter__(self) -> MotionProcesses:
        command = [sys.executable, "-c", SERVE, *sys.path]
        window = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open one for each
        for _ in range(self._count):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=window
            )
            self._all.append(process)
            self._idle.put(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._all:
            _close(process)

    def find(self, previous: Frame, frame: Frame) -> Motion:
        """How `frame` follows from `previous`.

        Raises:
            DeviceError: the process that was asked is no more.
            RuntimeError: what went wrong in it.
        """
        process = self._idle.get()
        try:
            asks, answers = _pipes(process)
            _put(asks, self._how, previous.pixels, frame.pixels)
            told, arrays = _take(answers)
        except (EOFError, OSError) as ended:
            raise DeviceError(
                "a process that finds motion has ended", hint="Is there enough memory? Run it again."
            ) from ended
        finally:
            self._idle.put(process)
        if "error" in told:
            raise RuntimeError(told["error"])
        flow, trust = arrays
        return Motion(flow, trust, cut=told["cut"])


def serve() -> None:
    """Answer a `MotionProcesses` until it closes the pipe; what a process of its own runs."""
    from vidstyle.motion.track import motion_between  # which asks for these processes

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks: it ends this in good order
    cv2.setNumThreads(1)  # the other cores have processes of their own
    asks, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, OSError):  # whoever asked is done, or is no more
        while True:
            how, (previous, frame) = _take(asks)
            try:
                motion = motion_between(Frame(previous), Frame(frame), **how)
            except Exception as error:  # raised again where it was asked for
                _put(answers, {"error": f"{type(error).__name__}: {error}"})
            else:
                _put(answers, {"cut": motion.cut}, motion.flow_to_previous, motion.trust)


def _put(file: IO[bytes], told: dict[str, Any], *arrays: Array) -> None:
    """A line of JSON that tells of the arrays too, and then their bytes."""
    shapes = [[array.dtype.str, *array.shape] for array in arrays]
    file.write(json.dumps([told, shapes]).encode() + b"\n")
    for array in arrays:
        file.write(np.ascontiguousarray(array).data.cast("B"))
    file.flush()


def _take(file: IO[bytes]) -> tuple[dict[str, Any], list[Array]]:
    """What `_put` wrote; raises EOFError where the pipe was closed."""
    line = file.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    told, shapes = json.loads(line)
    arrays = [np.empty(shape, np.dtype(kind)) for kind, *shape in shapes]
    for array in arrays:
        if file.readinto(array.data.cast("B")) < array.nbytes:  # type: ignore[attr-defined]
            raise EOFError
    return told, arrays


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to and from a process."""
    return cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)


def _close(process: subprocess.Popen[bytes]) -> None:
    """End a process, which leaves when it has nothing more to read."""
    for pipe in _pipes(process):
        with suppress(OSError):  # it left before
            pipe.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
