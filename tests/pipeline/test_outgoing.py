from __future__ import annotations

import threading
import time

import pytest

from vidstyle.pipeline.outgoing import Outgoing, room_for


def test_items_are_written_in_order_and_all_by_the_end() -> None:
    written = []
    with Outgoing(written.append) as outgoing:
        for number in range(100):
            outgoing.add(number)
    assert written == list(range(100))


def test_no_more_than_the_allowed_number_waits() -> None:
    gate = threading.Event()
    added = []

    def add_all() -> None:
        with Outgoing(lambda _: gate.wait(5), room=3) as outgoing:
            for number in range(10):
                outgoing.add(number)
                added.append(number)

    thread = threading.Thread(target=add_all)
    thread.start()
    time.sleep(0.2)
    assert added == [0, 1, 2]
    gate.set()
    thread.join(5)
    assert added == list(range(10))


@pytest.mark.parametrize(
    ("size", "room"),
    [((90, 160), 8), ((720, 1280), 8), ((1080, 1920), 3), ((2160, 3840), 2), ((4320, 7680), 2)],
)
def test_more_frames_may_wait_the_smaller_they_are(size: tuple[int, int], room: int) -> None:
    assert room_for(*size) == room


def failing(item: int) -> None:
    if item == 2:
        raise OSError("the disk is full")


def test_a_failure_is_told_to_whoever_adds() -> None:
    with pytest.raises(OSError, match="full"), Outgoing(failing, room=1) as outgoing:
        for number in range(100):
            outgoing.add(number)
        raise AssertionError("a hundred items were taken")


def test_a_failure_of_the_last_item_is_told_on_leaving() -> None:
    with pytest.raises(OSError, match="full"), Outgoing(failing) as outgoing:
        for number in range(3):
            outgoing.add(number)


def test_an_exception_of_the_one_who_adds_drops_what_waits() -> None:
    written, before = [], set(threading.enumerate())

    def slowly(item: int) -> None:
        time.sleep(0.1)
        written.append(item)

    with pytest.raises(ZeroDivisionError), Outgoing(slowly, room=5) as outgoing:
        for number in range(5):
            outgoing.add(number)
        _ = 1 / 0
    assert len(written) < 3
    assert not any(thread.name == "vidstyle-encode" for thread in set(threading.enumerate()) - before)
