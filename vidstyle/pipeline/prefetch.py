"""Run a stream in a thread, a bounded number of items ahead of whoever takes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Generic, TypeVar

from vidstyle.pipeline.profile import Profile, Stage, spent

T = TypeVar("T")


class Prefetched(Generic[T]):
    """An iterator over `items` that a thread of its own fills; use it as a context manager.

    Decoding and flow release the interpreter's lock, so they run while the solver works. At most
    `ahead` items wait, whatever the length of the stream. An exception in the stream is raised
    here, after the items before it. Leaving the context stops the thread, waits for it and closes
    the stream in the thread that ran it.

    Args:
        items: the stream; a generator is closed when it is no longer needed.
        ahead: most items made and not taken yet, at least 1.
        maker: the stage that makes the items; the thread is called after it.
        taker: the stage that takes them.
        profile: told how long each of the two waits for the other.
    """

    def __init__(
        self,
        items: Iterator[T],
        ahead: int = 3,
        *,
        maker: Stage = "flow",
        taker: Stage = "solve",
        profile: Profile | None = None,
    ) -> None:
        self._items = items
        self._maker, self._taker, self._profile = maker, taker, profile
        self._room = threading.Semaphore(ahead)
        self._ready: SimpleQueue[tuple[T] | _End] = SimpleQueue()
        self._stopped = threading.Event()
        self._peeked: tuple[T] | _End | None = None
        # A daemon: should an owner forget to close this, the interpreter can still exit.
        self._thread = threading.Thread(target=self._fill, name=f"vidstyle-{maker}", daemon=True)

    def __enter__(self) -> Prefetched[T]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._room.release()  # the thread may be waiting for room
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item = self._look()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            raise StopIteration
        self._peeked = None
        self._room.release()
        return item[0]

    def peek(self) -> T | None:
        """The item that comes next, left in place; None at the end of the stream.

        Raises:
            Exception: whatever the stream raised instead of an item.
        """
        item = self._look()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return None
        return item[0]

    def _look(self) -> tuple[T] | _End:
        if self._peeked is None:
            try:
                self._peeked = self._ready.get_nowait()
            except Empty:
                with spent(self._profile, self._taker, "waits for input"):
                    self._peeked = self._ready.get()
        return self._peeked

    def _fill(self) -> None:
        error: BaseException | None = None
        try:
            while True:
                if not self._room.acquire(blocking=False):
                    with spent(self._profile, self._maker, "waits for room"):
                        self._room.acquire()
                if self._stopped.is_set():
                    break
                try:
                    item = next(self._items)
                except StopIteration:
                    break
                self._ready.put((item,))
                del item  # else this thread would hold one more than `ahead`
        except BaseException as caught:  # re-raised by the thread that takes the items
            error = caught
        finally:
            try:
                close = getattr(self._items, "close", None)
                if close is not None:
                    close()
            except BaseException as caught:
                error = error or caught
            self._ready.put(_End(error))


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error
