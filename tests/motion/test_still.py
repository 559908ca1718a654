"""What counts as nothing having changed: a codec's noise does, and nothing that can be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

import av  # isort: skip  (after cv2)

from vidstyle.frames import Frame
from vidstyle.motion import track, unchanged

HEIGHT, WIDTH = 96, 128


def scene() -> np.ndarray:
    """(H, W, 3) float32 in levels: blobs and edges."""
    noise = np.random.default_rng(3).random((12, 16, 3)).astype(np.float32)
    picture = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * 160 + 40
    picture[30:60, 40:90] = (200, 40, 60)
    return picture


def filmed(path: Path, shown: Callable[[int], np.ndarray], frames: int = 24, crf: int = 23) -> list[Frame]:
    """The frames of a clip as they come back from a real codec."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": str(crf)})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            pixels = np.clip(shown(number) + 0.5, 0, 255).astype(np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [Frame(pixels, number, Fraction(1, 25), number) for number, pixels in enumerate(pictures)]


def painted(frames: list[Frame]) -> list[int]:
    """The frames that do not rest."""
    return [frame.index for frame, motion in track(frames, rest=True) if not motion.still]


@pytest.mark.parametrize("crf", [18, 28])
def test_a_still_clip_rests_after_its_first_frame(tmp_path: Path, crf: int) -> None:
    frames = filmed(tmp_path / "still.mp4", lambda _: scene(), crf=crf)
    assert any(not np.array_equal(frames[0].pixels, frame.pixels) for frame in frames)  # the codec's noise
    assert painted(frames) == [0]


@pytest.mark.parametrize("a_frame", [0.1, 0.4])
def test_a_slow_fade_is_followed(tmp_path: Path, a_frame: float) -> None:
    frames = filmed(tmp_path / "fade.mp4", lambda number: scene() - a_frame * number, frames=48, crf=10)
    indices = painted(frames)
    assert len(indices) > 48 * a_frame / 2
    for frame in frames:
        reference = frames[max(index for index in indices if index <= frame.index)]
        assert abs(frame.floats().mean() - reference.floats().mean()) * 255 <= 0.4
    assert frames[indices[-1]].floats().mean() * 255 < scene().mean() - 47 * a_frame + 0.8


def test_a_pan_too_slow_to_see_is_followed(tmp_path: Path) -> None:
    def shifted(number: int) -> np.ndarray:
        move = np.array([[1, 0, 0.02 * number], [0, 1, 0]], np.float32)
        return cv2.warpAffine(scene(), move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)

    frames = filmed(tmp_path / "pan.mp4", shifted, frames=60, crf=10)
    moving = [motion for _, motion in track(frames, rest=True) if not motion.still and not motion.cut]
    assert len(moving) >= 3
    moved = sum(motion.flow_to_previous[10:-10, 30:100, 0].mean() for motion in moving)
    # 1.18 pixels: flow falls short of steps this small, but what was too little to see is not lost.
    assert -1.5 < moved < -0.6


def test_a_small_thing_that_moves_in_a_still_scene_is_seen(tmp_path: Path) -> None:
    def with_a_ball(number: int) -> np.ndarray:
        picture = scene()
        picture[70:78, 20 + 2 * number : 28 + 2 * number] = 230
        return picture

    frames = filmed(tmp_path / "ball.mp4", with_a_ball, crf=18)
    assert painted(frames) == list(range(24))


def test_floats_are_measured_like_bytes() -> None:
    one = scene().astype(np.uint8)
    for change, same in ((0.3, True), (1.0, False)):
        other = Frame(one.astype(np.float32) / 255 + np.float32(change / 255))
        assert unchanged(Frame(one.astype(np.float32) / 255), other) == same


def test_pictures_of_another_size_or_kind_are_others() -> None:
    picture = scene().astype(np.uint8)
    assert unchanged(Frame(picture), Frame(picture.copy()))
    assert not unchanged(Frame(picture), Frame(picture[:-2]))
    assert not unchanged(Frame(picture), Frame(picture.astype(np.float32) / 255))


def test_without_rest_every_frame_has_its_own_motion() -> None:
    def twice() -> Iterator[Frame]:
        yield from (Frame(scene().astype(np.uint8), index=number) for number in range(2))

    assert [motion.still for _, motion in track(twice())] == [False, False]
    assert [motion.still for _, motion in track(twice(), rest=True)] == [False, True]


def test_a_stretch_goes_on_from_the_frame_that_was_painted_last() -> None:
    frames = [Frame((scene() - 0.1 * number).astype(np.float32) / 255, index=number) for number in range(12)]
    whole = painted(frames)
    assert 1 < len(whole) < 12
    for begin in range(1, 12):
        reference = frames[max(index for index in whole if index < begin)]
        _, *rest = track(frames[begin - 1 :], rest=True, reference=reference)
        assert [frame.index for frame, motion in rest if not motion.still] == [
            index for index in whole if index >= begin
        ]
