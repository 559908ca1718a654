from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from vidstyle.pipeline.prefetch import Prefetched


class Stream:
    """Counts what it has given, and knows in which thread it was closed."""

    def __init__(self, length: int, fails_at: int = -1) -> None:
        self.length, self.fails_at = length, fails_at
        self.given = 0
        self.closed_by: str | None = None

    def __iter__(self) -> Iterator[int]:
        try:
            for number in range(self.length):
                if number == self.fails_at:
                    raise OSError("the disk is gone")
                self.given += 1
                yield number
        finally:
            self.closed_by = threading.current_thread().name


def settled(stream: Stream) -> int:
    """How far the thread has run once it stands still."""
    before = -1
    while before != stream.given:
        before = stream.given
        time.sleep(0.05)
    return before


def test_items_arrive_in_order_and_whole() -> None:
    with Prefetched(iter(Stream(500)), ahead=2) as items:
        assert list(items) == list(range(500))


def test_no_more_than_the_allowed_number_is_made_ahead() -> None:
    stream = Stream(100)
    with Prefetched(iter(stream), ahead=3) as items:
        assert settled(stream) == 3
        assert [next(items) for _ in range(5)] == [0, 1, 2, 3, 4]
        assert settled(stream) == 8


def test_peeking_takes_nothing() -> None:
    with Prefetched(iter(Stream(2)), ahead=1) as items:
        assert [items.peek(), items.peek(), next(items)] == [0, 0, 0]
        assert [items.peek(), next(items)] == [1, 1]
        assert items.peek() is None
        assert list(items) == []


def test_an_exception_travels_after_the_items_before_it() -> None:
    taken = []
    with Prefetched(iter(Stream(10, fails_at=4)), ahead=2) as items, pytest.raises(OSError, match="disk"):
        for item in items:
            taken.append(item)
    assert taken == [0, 1, 2, 3]


@pytest.mark.parametrize("taken", [0, 1, 7])
def test_leaving_early_stops_the_thread_and_closes_the_stream_in_it(taken: int) -> None:
    threads = threading.active_count()
    stream = Stream(100)
    with Prefetched(iter(stream), ahead=2) as items:
        for _ in range(taken):
            next(items)
        settled(stream)
    assert threading.active_count() == threads
    assert stream.closed_by == "vidstyle-flow"


def test_leaving_waits_for_the_item_being_made() -> None:
    made = threading.Event()

    def slow() -> Iterator[int]:
        time.sleep(0.2)
        made.set()
        yield 1

    with Prefetched(slow(), ahead=1):
        pass
    assert made.is_set() or threading.active_count() >= 1
    assert not any(thread.name == "vidstyle-flow" for thread in threading.enumerate())


def test_an_exception_of_the_one_who_takes_ends_the_thread_too() -> None:
    stream = Stream(100)
    with pytest.raises(ZeroDivisionError), Prefetched(iter(stream), ahead=2) as items:
        next(items)
        _ = 1 / 0
    assert stream.closed_by == "vidstyle-flow"


def test_what_was_taken_is_not_held() -> None:
    class Item:
        pass

    with Prefetched(iter([Item() for _ in range(1)]), ahead=1) as items:
        gone = weakref.ref(next(items))
        assert items.peek() is None  # the thread has gone on
    del items
    assert gone() is None
