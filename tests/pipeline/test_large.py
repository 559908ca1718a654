"""Painters of large frames follow the motion of smaller ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from blending import job
from clips import HEIGHT, WIDTH, scene

from vidstyle.frames import Frame, Motion
from vidstyle.pipeline import Finished, Painter, frames_api, render
from vidstyle.pipeline.footage import Footage
from vidstyle.pipeline.painter import by_hand
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, StylePicture

HALF = (HEIGHT // 2, WIDTH // 2)


class Following:
    """Shows each frame as it is, and notes the size of the motion that leads to it."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def start(self, frame: Frame) -> Frame:
        return frame

    def next(self, frame: Frame, motion: Motion) -> Frame:
        assert motion.flow_to_previous.shape == (*motion.trust.shape, 2)
        self.sizes.append(motion.trust.shape)
        return frame

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        pass


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of the clip's size are large."""
    monkeypatch.setattr(sys.modules["vidstyle.motion.track"], "LARGEST", HEIGHT * WIDTH)


def painted(clip: Path, style: Path, output: Path, settings: Settings) -> Following:
    following = Following()

    def painter(styles: Sequence[StylePicture], settings: Settings, footage: Footage | None) -> Painter:
        return Painter(by_hand(following, settings), "w" * 64)

    *_, finished = render(job(clip, style, output, settings=settings), make_painter=painter)
    assert isinstance(finished, Finished)
    return following


@pytest.mark.parametrize(("hold", "count"), [(1, 38), (2, 19)])
def test_a_file_is_painted_along_the_motion_as_it_was_found(
    clip: Path, style: Path, tmp_path: Path, hold: int, count: int
) -> None:
    following = painted(clip, style, tmp_path / "out.mp4", Settings(hold=hold))
    assert following.sizes == [HALF] * count


def test_a_loop_closes_along_motion_of_the_size_of_the_picture(
    clip: Path, style: Path, tmp_path: Path
) -> None:
    following = painted(clip, style, tmp_path / "out.mp4", Settings(loop=True))
    assert following.sizes == [HALF] * 38


def test_a_stream_of_pictures_is_too(monkeypatch: pytest.MonkeyPatch) -> None:
    following = Following()
    monkeypatch.setattr(frames_api, "painter_for", lambda *_: Painter(following, "w" * 64))
    pictures = [scene(number) for number in range(3)]
    assert len(list(frames_api.stylize_frames(pictures, [pictures[0]]))) == 3
    assert following.sizes == [HALF, HALF]
