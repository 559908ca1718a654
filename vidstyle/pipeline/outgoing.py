"""Give finished frames to a thread that writes them, so that painting goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

from vidstyle.pipeline.profile import Profile, spent

T = TypeVar("T")

FEWEST, MOST = 2, 8  # frames that wait for an encoder, which takes some of them far longer than others
MOST_PIXELS = MOST * 1280 * 720  # in all of them


def room_for(height: int, width: int) -> int:
    """How many frames of a size may wait: many small ones, and of 4K two."""
    return max(FEWEST, min(MOST, MOST_PIXELS // (height * width)))


class Outgoing(Generic[T]):
    """Writes items in a thread of its own; use it as a context manager.

    Leaving the context well waits until all are written; leaving it by an exception drops those that
    wait. What goes wrong in the thread is raised by the next `add`, or on leaving.

    Args:
        write: takes one item; called in the thread, in order.
        room: most items that wait, at least 1.
        profile: told what encoding takes, and how long painting and encoding wait for each other.
    """

    def __init__(
        self, write: Callable[[T], None], room: int = FEWEST, profile: Profile | None = None
    ) -> None:
        self._write, self._profile = write, profile
        self._room = threading.Semaphore(room)
        self._waiting: SimpleQueue[tuple[T] | None] = SimpleQueue()
        self._dropped = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="vidstyle-encode", daemon=True)

    def __enter__(self) -> Outgoing[T]:
        self._thread.start()
        return self

    def add(self, item: T) -> None:
        """Hand over an item, once there is room.

        Raises:
            Exception: whatever was raised while an earlier one was written.
        """
        if not self._room.acquire(blocking=False):
            with spent(self._profile, "solve", "waits for room"):
                self._room.acquire()
        if self._error is not None:
            raise self._error
        self._waiting.put((item,))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dropped = kind is not None
        self._waiting.put(None)
        self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (item := self._next()) is not None:
            try:
                if not self._dropped and self._error is None:
                    with spent(self._profile, "encode"):
                        self._write(item[0])
            except BaseException as caught:  # re-raised in the thread that adds
                self._error = caught
            del item  # else this thread would hold one more than `room`
            self._room.release()

    def _next(self) -> tuple[T] | None:
        try:
            return self._waiting.get_nowait()
        except Empty:
            with spent(self._profile, "encode", "waits for input"):
                return self._waiting.get()
