"""Where the time of a render goes: what each stage did and waited for, in sums and as a trace to look at."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, TypeVar

from vidstyle.errors import OutputError
from vidstyle.media.atomic import telling_output_errors

Stage = Literal["prepare", "decode", "flow", "solve", "encode", "close"]
Doing = Literal["works", "waits for input", "waits for room"]

T = TypeVar("T")
Stream = Generator[T, None, None]


@dataclass(frozen=True)
class StageTime:
    """What a stage of a render took.

    Attributes:
        stage: "prepare" is all before the first frame, "close" what ends a segment and the file; the others
            take a frame at a time.
        spans: how often it worked: frames, but for "prepare" and "close".
        seconds: that it worked, all told.
        input_seconds: that it waited for the stage before it.
        room_seconds: that it waited for the stage after it to take what was finished.
    """

    stage: Stage
    spans: int
    seconds: float
    input_seconds: float
    room_seconds: float


class Profile:
    """Notes spans of time from all threads of a render; use it as a context manager.

    The file is a JSON array of trace events ("Trace Event Format", Google), written as they happen: a
    long render takes no memory for it, and of one that was killed all is there but the last bracket,
    which chrome://tracing and Perfetto do without.

    Args:
        path: the file to write.

    Raises:
        OutputError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._lock = threading.Lock()
        self._began = time.perf_counter()
        self._sums: dict[tuple[Stage, Doing], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        self._last: dict[int, float] = {}  # when the last span of each thread ended

    def __enter__(self) -> Profile:
        with telling_output_errors(self.path):
            self._file = self.path.open("w", encoding="utf-8")
            self._file.write(f"[\n{_event('process_name', 'M', 0, args={'name': 'vidstyle'})}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with telling_output_errors(self.path), self._file as file:
                file.write("\n]\n")

    @contextmanager
    def span(self, stage: Stage, doing: Doing = "works") -> Iterator[None]:
        """Note the time that the block takes, unless it raises.

        A wait at its beginning that is noted by itself is not counted twice.
        """
        began = time.perf_counter()
        yield
        self._note(stage, doing, began, time.perf_counter())

    def times(self) -> tuple[StageTime, ...]:
        """What each stage took so far, in the order of the stages; those that did nothing are left out."""
        with self._lock:
            sums = dict(self._sums)
        return tuple(
            StageTime(
                stage,
                sums.get((stage, "works"), (0, 0.0))[0],
                *(sums.get((stage, doing), (0, 0.0))[1] for doing in _DOINGS),
            )
            for stage in _STAGES
            if any((stage, doing) in sums for doing in _DOINGS)
        )

    def _note(self, stage: Stage, doing: Doing, began: float, ended: float) -> None:
        thread = threading.get_native_id()
        name = stage if doing == "works" else f"{stage} {doing}"
        with self._lock, telling_output_errors(self.path):
            if self._file is None or self._file.closed:
                raise OutputError("the profile is not open", where=self.path, hint="Use it in a with block.")
            if thread not in self._last:
                told = {"name": threading.current_thread().name}
                self._file.write(f",\n{_event('thread_name', 'M', thread, args=told)}")
            began = max(began, self._last.get(thread, began))
            self._last[thread] = ended
            micros = round(1e6 * (began - self._began), 1), round(1e6 * (ended - began), 1)
            event = _event(name, "X", thread, cat=doing, ts=micros[0], dur=micros[1])
            self._file.write(f",\n{event}")
            spans, seconds = self._sums[stage, doing]
            self._sums[stage, doing] = spans + 1, seconds + ended - began


_STAGES: tuple[Stage, ...] = ("prepare", "decode", "flow", "solve", "encode", "close")
_DOINGS: tuple[Doing, ...] = ("works", "waits for input", "waits for room")
_OFF: AbstractContextManager[None] = nullcontext()


def spent(profile: Profile | None, stage: Stage, doing: Doing = "works") -> AbstractContextManager[None]:
    """A block whose time is noted, if there is a profile to note it in."""
    return _OFF if profile is None else profile.span(stage, doing)


def made(profile: Profile | None, stage: Stage, items: Stream[T]) -> Stream[T]:
    """The items of a stream, the time that each took to make noted; without a profile the stream itself."""
    return items if profile is None else _timed(profile, stage, items)


def _timed(profile: Profile, stage: Stage, items: Stream[T]) -> Stream[T]:
    with closing(items):
        while True:
            try:
                with profile.span(stage):
                    item = next(items)
            except StopIteration:
                return
            yield item
            del item  # else this stage would hold one more than its outlet


def _event(name: str, phase: str, thread: int, **rest: object) -> str:
    return json.dumps({"name": name, "ph": phase, "pid": os.getpid(), "tid": thread, **rest})
