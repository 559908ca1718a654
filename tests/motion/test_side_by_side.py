import threading
from itertools import count

import cv2
import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import pairs_at_once, track
from vidstyle.motion.side_by_side import side_by_side


def test_results_come_in_order_whichever_is_found_first():
    last = threading.Event()

    def find(number):
        if number == 3:
            last.set()
        elif number == 0:
            assert last.wait(20), "the fourth was not begun while the first was under way"
        return 10 * number

    work = ((number, lambda number=number: find(number)) for number in range(6))
    assert list(side_by_side(work, 4)) == [(number, 10 * number) for number in range(6)]


def test_a_stream_is_read_no_further_than_it_may_be():
    taken = []

    def work():
        for number in count():
            taken.append(number)
            yield number, lambda: None

    found = side_by_side(work(), 3)
    for _ in range(5):
        next(found)
    found.close()
    assert len(taken) <= 5 + 3


def test_what_goes_wrong_is_raised_after_what_went_well():
    def work():
        yield 1, lambda: 1
        yield 2, lambda: 2
        raise OSError("the disk is gone")

    found = side_by_side(work(), 4)
    assert [next(found), next(found)] == [(1, 1), (2, 2)]
    with pytest.raises(OSError, match="the disk is gone"):
        next(found)

    def fails():
        raise ValueError("no flow")

    found = side_by_side(iter([(1, lambda: 1), (2, fails)]), 4)
    assert next(found) == (1, 1)
    with pytest.raises(ValueError, match="no flow"):
        next(found)


def test_motion_found_side_by_side_is_that_found_one_by_one():
    generator = np.random.default_rng(0)
    whole = cv2.GaussianBlur(generator.integers(0, 256, (80, 140, 3), np.uint8), (0, 0), 2)
    frames = [Frame(np.ascontiguousarray(whole[:64, 3 * n : 3 * n + 96]), pts=n) for n in range(7)]
    frames[4:4] = [frames[3]]  # and one that rests
    one, many = (list(track(frames, rest=True, at_once=n)) for n in (1, 3))
    for (frame, a), (same, b) in zip(one, many, strict=True):
        assert frame is same and (a.cut, a.still) == (b.cut, b.still)
        assert np.array_equal(a.flow_to_previous, b.flow_to_previous)
        assert np.array_equal(a.trust, b.trust)
    assert [motion.still for _, motion in many].count(True) == 1


def test_small_machines_and_huge_frames_find_one_at_a_time():
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(2)
        assert pairs_at_once(270, 480) == 1
        cv2.setNumThreads(16)
        assert pairs_at_once(720, 1280) == 12
        assert pairs_at_once(4320, 7680) == 1
    finally:
        cv2.setNumThreads(before)
