"""A place for one item, the newest: who is slow misses some, and nothing ever queues up."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Hands items from one thread to another, of which only the newest counts."""

    def __init__(self) -> None:
        self._item: T | None = None
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> bool:
        """Leave an item; says whether it took the place of one that nobody had taken."""
        with self._changed:
            replaced = self._item is not None
            self._item = item
            self._changed.notify()
            return replaced

    def take(self, patience: float) -> T | None:
        """The newest item, waited for up to so many seconds; None if there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, patience)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """No more items come; the last one can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def done(self) -> bool:
        """Closed, and nothing is left."""
        with self._changed:
            return self._closed and self._item is None
