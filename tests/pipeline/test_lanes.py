"""Frames painted several at once: in their order, only when they come too fast, and with the same result."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest
import torch

from vidstyle.frames import Frame, Motion
from vidstyle.live.running import LAG
from vidstyle.pipeline import lanes
from vidstyle.pipeline.lanes import Lanes, _one_thread

ENOUGH = 60  # frames, after which it is decided whether they come too fast


@dataclass(eq=False)
class Slow:
    """Paints apart, every third frame slowly; tells how many at once, and in which order they ended."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    fails_at: int | None = None
    at_once: int = 0
    most_at_once: int = 0
    finished: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, frame: Frame) -> Frame:
        return self.finish(self.begin(frame, None), self.paint(self.begin(frame, None)))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        return self.start(frame)

    def state(self):
        return {}

    def restore(self, state):
        pass

    def begin(self, frame: Frame, motion: Motion | None) -> Frame:
        return frame

    def paint(self, begun: Frame) -> Frame:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(0.006 if begun.index % 3 == 0 else 0.002)
        with self.lock:
            self.at_once -= 1
        if begun.index == self.fails_at:
            raise RuntimeError("the paint is out")
        return begun

    def finish(self, begun: Frame, painted: Frame) -> Frame:
        self.finished.append(begun.index)
        return painted


def painted_by(slow: Slow, *, late: bool, frames: int = ENOUGH) -> list[int]:
    handed: list[int] = []
    with Lanes(slow) as painting:
        for index in range(frames):
            painting.wait()
            frame = Frame(np.zeros((32, 32, 3), np.uint8), index, Fraction(1, 25), index)
            painting.paint(frame, None, lambda picture: handed.append(picture.index), late=late)
            if not late:
                painting.wait(empty=True)
    return handed


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    monkeypatch.setattr(lanes, "_one_thread", lambda: None)


def test_frames_that_come_too_fast_are_painted_two_at_once_and_handed_on_in_order() -> None:
    slow = Slow()
    assert painted_by(slow, late=True) == slow.finished == list(range(ENOUGH))
    assert slow.most_at_once == 2


def test_frames_that_leave_the_time_are_painted_one_after_another() -> None:
    slow = Slow()
    assert painted_by(slow, late=False) == list(range(ENOUGH))
    assert slow.most_at_once == 1


def test_frames_that_take_long_are_not_delayed_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LONGEST", 0.001)
    slow = Slow()
    painted_by(slow, late=True)
    assert slow.most_at_once == 1


@pytest.mark.parametrize(("device", "lanes"), [("cuda", 2), ("mps", 1)])
def test_a_graphics_card_has_as_many_lanes_as_fill_its_queue(device: str, lanes: int) -> None:
    slow = Slow(torch.device(device))
    painted_by(slow, late=True)
    assert slow.most_at_once == lanes


def test_what_fails_in_a_lane_is_raised_and_nothing_after_it_is_handed_on() -> None:
    slow = Slow(fails_at=ENOUGH - 12)
    with pytest.raises(RuntimeError, match="the paint is out"):
        painted_by(slow, late=True)
    assert slow.finished == list(range(ENOUGH - 12))


def test_a_lane_computes_with_one_thread_and_others_with_as_many_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    before, seen = torch.get_num_threads(), []

    def lane() -> None:
        _one_thread()
        torch.rand(4, 4).exp()
        seen.append(torch.get_num_threads())

    for work in (lane, lambda: seen.append(torch.get_num_threads())):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert [*seen, torch.get_num_threads()] == [1, before, before]


def test_no_more_are_painted_at_once_than_pictures_tell_nothing_of():
    assert lanes.MOST <= LAG
