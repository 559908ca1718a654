"""On twos and threes: each drawing is shown for so many frames, and the next goes on from it."""

import numpy as np
import pytest

from vidstyle.frames import Frame, Motion
from vidstyle.motion import motion_between, track
from vidstyle.pipeline.hold import Holding
from vidstyle.pipeline.painter import by_hand
from vidstyle.settings import Settings
from vidstyle.synthesis.boil import Boiling

HEIGHT, WIDTH = 48, 64


class Counting:
    """Draws frame number n as a picture of value n, and remembers how each came about."""

    def __init__(self):
        self.drawn, self.last = [], 0

    def start(self, frame):
        return self._draw(frame, None)

    def next(self, frame, motion):
        return self._draw(frame, motion)

    def _draw(self, frame, motion):
        self.drawn.append((frame.index, motion))
        self.last = frame.index
        return frame.with_pixels(np.full((HEIGHT, WIDTH, 3), frame.index, np.uint8))

    def state(self):
        return {"last": np.array(self.last)}

    def restore(self, state):
        self.last = int(state["last"])


def frames(count, cut=None):
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT // 8, 40, 3), dtype=np.uint8)
    wide = noise.repeat(8, 0).repeat(8, 1)
    for t in range(count):
        pixels = wide[:, 2 * t : 2 * t + WIDTH]
        yield Frame(255 - pixels[::-1] // 4 if cut is not None and t >= cut else pixels, pts=3 * t, index=t)


def run(holding, moving):
    return [holding.start(f) if m.cut else holding.next(f, m) for f, m in moving]


def moving(count, cut=None):
    for frame in frames(count, cut):
        first = frame.index in (0, cut)
        flow = np.full((HEIGHT, WIDTH, 2), (2, 0), np.float32)
        yield (
            frame,
            Motion.first_of_shot(HEIGHT, WIDTH)
            if first
            else Motion(flow, np.ones((HEIGHT, WIDTH)), cut=False),
        )


def shown(pictures):
    return [int(picture.pixels[0, 0, 0]) for picture in pictures]


@pytest.mark.parametrize(("hold", "expected"), [(2, [0, 0, 2, 2, 4, 4, 6]), (3, [0, 0, 0, 3, 3, 3, 6])])
def test_each_drawing_is_shown_for_so_many_frames_at_their_own_times(hold, expected):
    inner = Counting()
    pictures = run(Holding(inner, hold, motion_between), moving(7))
    assert shown(pictures) == expected
    assert [picture.pts for picture in pictures] == [3 * t for t in range(7)]
    assert [index for index, _ in inner.drawn] == sorted(set(expected))


def test_motion_from_drawing_to_drawing_spans_the_gap():
    inner, asked = Counting(), []

    def between(then, now):
        asked.append((then.index, now.index))
        return motion_between(then, now)

    run(Holding(inner, 2, between), track(frames(5)))
    assert asked == [(0, 2), (2, 4)]
    flow = inner.drawn[1][1].flow_to_previous
    assert np.median(flow[8:-8, 8:-16, 0]) == pytest.approx(4, abs=0.5)


def test_a_shot_begins_with_a_drawing_of_its_own():
    inner = Counting()
    assert shown(run(Holding(inner, 3, motion_between), moving(8, cut=4))) == [0, 0, 0, 3, 4, 4, 4, 7]
    assert inner.drawn[2] == (4, None)


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
def test_a_resumed_render_shows_the_same(stop):
    whole = run(Holding(Counting(), 3, motion_between), moving(8))
    parts = list(moving(8))
    first = Holding(Counting(), 3, motion_between)
    before = run(first, parts[:stop])
    second = Holding(Counting(), 3, motion_between)
    second.restore({name: np.array(array) for name, array in first.state().items()})
    assert shown(before + run(second, parts[stop:])) == shown(whole)


def test_nothing_is_wrapped_that_was_not_asked_for():
    inner = Counting()
    assert by_hand(inner, Settings()) is inner
    assert isinstance(by_hand(inner, Settings(boil=0.2)), Boiling)
    held = by_hand(inner, Settings(boil=0.2, hold=2))
    assert isinstance(held, Holding)
    assert shown(run(held, moving(4)))[0] == 0
    quick = by_hand(Counting(), Settings.preset("live", hold=2))
    assert shown(run(quick, moving(4))) == [0, 0, 2, 2]


@pytest.mark.parametrize("mending", [False, True])
def test_drawings_follow_mended_flow_as_single_frames_do(mending):
    inner = Counting()
    shot = list(frames(3))
    run(by_hand(inner, Settings(hold=2, mending=mending)), track(shot))
    (_, first), (index, motion) = inner.drawn
    assert first is None and index == 2
    wanted = motion_between(shot[0], shot[2], mend=mending)
    other = motion_between(shot[0], shot[2], mend=not mending)
    assert np.array_equal(motion.trust, wanted.trust)
    assert not np.array_equal(motion.trust, other.trust)
