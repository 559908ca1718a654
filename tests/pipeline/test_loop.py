"""A loop: the last painted frame is followed by the first as by any other, resumed or not."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from blending import blend, job, run
from clips import FRAMES

from vidstyle.errors import SettingsError
from vidstyle.frames import Frame, Motion
from vidstyle.media import read
from vidstyle.motion import motion_between
from vidstyle.pipeline import FrameDone, render
from vidstyle.pipeline.frames_api import stylize_frames
from vidstyle.pipeline.loop import Closing, Ring
from vidstyle.settings import Settings

HEIGHT, WIDTH, COUNT, FADE = 48, 96, 24, 8


def soft(seed, width):
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, width, 3)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 2.5, borderType=cv2.BORDER_REFLECT)
    return np.clip(0.5 + 0.15 * noise / noise.std(), 0, 1)


def frames():
    """A source that is a loop: it swings out and back."""
    wide = soft(0, WIDTH + 16)
    for t in range(COUNT):
        left = round(6 - 6 * np.cos(2 * np.pi * t / COUNT))
        yield Frame((wide[:, left : left + WIDTH] * 255).astype(np.uint8), pts=t, index=t)


class Wandering:
    """Paints strokes that slowly become others, from shot to shot the same: what a loop must hide."""

    def __init__(self):
        self.shown, self.starts = 0, 0

    def start(self, frame):
        self.shown, self.starts = 0, self.starts + 1
        return self._draw(frame)

    def next(self, frame, motion):
        self.shown += 1
        return self._draw(frame)

    def _draw(self, frame):
        turned = self.shown / COUNT
        strokes = np.sqrt(1 - turned**2) * (soft(1, WIDTH) - 0.5) + turned * (soft(2, WIDTH) - 0.5)
        return frame.with_pixels((0.5 + strokes).astype(np.float32))

    def state(self):
        return {"shown": np.array(self.shown)}

    def restore(self, state):
        self.shown = int(state.get("shown", 0))


def ring():
    return Ring(next(frames()), COUNT, FADE)


def painted(stylizer, moving):
    return [stylizer.start(f) if m.cut else stylizer.next(f, m) for f, m in moving]


@pytest.fixture(scope="module")
def moving():
    source = list(frames())
    still = Motion(np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32), cut=False)
    return [(f, still if f.index else Motion.first_of_shot(HEIGHT, WIDTH)) for f in source]


def changes(pictures):
    """Mean squares from each picture to the next, the last one's to the first at the end."""
    shown = [picture.floats() for picture in pictures]
    return [float(np.square(b - a).mean()) for a, b in zip(shown, [*shown[1:], shown[0]], strict=True)]


def test_the_end_meets_the_beginning(moving):
    jump = changes(painted(Wandering(), moving))
    assert jump[-1] > 50 * np.median(jump[:-1])  # without a loop
    closed = changes(painted(Closing(Wandering(), ring), moving))
    assert closed[-1] < 1.5 * max(closed[:-1])
    assert max(closed) < 0.2 * jump[-1]  # the jump is spread, not moved elsewhere


def test_what_comes_before_the_fade_is_untouched(moving):
    plain, closed = painted(Wandering(), moving), painted(Closing(Wandering(), ring), moving)
    for a, b in zip(plain[: COUNT - FADE], closed[: COUNT - FADE], strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)


def test_at_the_end_the_first_strokes_stand_where_things_have_gone(moving):
    last, motion = moving[-1][0], motion_between(moving[0][0], moving[-1][0])
    assert motion.trust.mean() > 0.5
    closed = painted(Closing(Wandering(), ring), moving)
    np.testing.assert_allclose(closed[-1].pixels.mean(), closed[0].pixels.mean(), atol=0.02)
    assert closed[-1].index == last.index


@pytest.mark.parametrize("stop", [5, COUNT - FADE + 2])
def test_a_resumed_render_closes_alike(moving, stop):
    whole = painted(Closing(Wandering(), ring), moving)
    first = Closing(Wandering(), ring)
    before = painted(first, moving[:stop])
    inner = Wandering()
    second = Closing(inner, ring)
    second.restore(first.state())
    after = painted(second, moving[stop:])
    for a, b in zip(whole, before + after, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)
    assert inner.starts == 1  # it painted the first frame for itself, once


@pytest.mark.parametrize("stopped_after", [9, 40])
def test_a_render_in_a_loop_resumes_to_the_same_bytes(clip, style, tmp_path, monkeypatch, stopped_after):
    monkeypatch.chdir(tmp_path)
    asked = replace(job(clip, style, Path("out.mp4")), settings=Settings(loop=True))
    run(asked)
    whole = Path("out.mp4").read_bytes()
    shown = [frame.floats() for frame in read(Path("out.mp4"))]
    assert len(shown) == FRAMES
    source = [frame.floats() for frame in read(clip)]
    # `Blending` inverts first frames: at the end of the loop the inverted picture is back.
    assert np.abs(shown[-1] - shown[0]).mean() < 0.5 * np.abs(shown[-1] - source[-1]).mean()
    Path("out.mp4").unlink()
    with closing(render(asked, make_painter=blend())) as events:
        for event in events:
            if isinstance(event, FrameDone) and event.done == stopped_after:
                break
    run(asked)
    assert Path("out.mp4").read_bytes() == whole


def test_a_stream_cannot_loop_and_neither_can_drawings_that_are_held():
    with pytest.raises(SettingsError, match="loop: needs a file"):
        stylize_frames([], [np.zeros((32, 32, 3), np.uint8)], Settings(loop=True))
    with pytest.raises(SettingsError, match="goes not with hold"):
        Settings(loop=True, hold=2)
