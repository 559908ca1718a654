"""Work on the items of a stream in several threads, and give the results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


def side_by_side(
    work: Iterator[tuple[Item, Callable[[], Found]]], at_once: int
) -> Iterator[tuple[Item, Found]]:
    """Each item with what its work found, in order; the stream is read `at_once` items ahead.

    An exception of the stream is raised after the items before it, one of the work in place of its item.

    Args:
        work: items, and what is to be done for each.
        at_once: threads.
    """
    waiting: deque[tuple[Item, Future[Found]]] = deque()
    error: Exception | None = None
    with ThreadPoolExecutor(at_once, thread_name_prefix="vidstyle-flow") as pool:
        try:
            while True:
                try:
                    while error is None and len(waiting) <= at_once:
                        item, do = next(work)
                        waiting.append((item, pool.submit(do)))
                except Exception as caught:  # StopIteration too: it ends the stream
                    error = caught
                if not waiting:
                    break
                item, found = waiting.popleft()
                yield item, found.result()
        finally:
            for _, found in waiting:
                found.cancel()
    if not isinstance(error, StopIteration) and error is not None:
        raise error
