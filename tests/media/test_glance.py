"""Keyframes found by seeking: which, how many, and what becomes of files that cannot be searched."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media import glance, keyframes_near, read

KEYFRAMES = {"crf": "10", "preset": "ultrafast", "bf": "2", "g": "6", "keyint_min": "6", "sc_threshold": "0"}


@pytest.fixture
def clip(make_video) -> Path:
    """48 frames, 25 a second, a keyframe every sixth."""
    return make_video("clip.mp4", pts=tuple(range(48)), options=KEYFRAMES)


def indices(path: Path, *frames: int) -> list[int]:
    moments = [Fraction(frame, 25) for frame in frames]
    return [round(frame.seconds * 25) for _, frame in keyframes_near(path, moments, (24, 32))]


def test_each_moment_gives_the_keyframe_before_it(clip: Path) -> None:
    assert indices(clip, 0, 7, 17, 18, 40) == [0, 6, 12, 18, 36]


def test_a_keyframe_comes_again_for_each_moment_after_it(clip: Path) -> None:
    assert indices(clip, 12, 13, 14, 19, 20) == [12, 12, 12, 18, 18]


def test_where_a_keyframe_does_not_decode_the_one_before_it_stands(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = glance._before

    def damaged(container, video, seconds: Fraction):
        return None if 12 <= seconds * 25 < 24 else real(container, video, seconds)

    monkeypatch.setattr(glance, "_before", damaged)
    assert indices(clip, 7, 13, 19, 25) == [6, 6, 6, 24]


def test_the_picture_is_that_of_its_time_at_the_size_asked_for(clip: Path) -> None:
    ((_, found),) = keyframes_near(clip, [Fraction(13, 25)], (24, 32))
    there = next(read(clip, start=found.seconds, size=(24, 32)))
    assert found.pixels.shape == (24, 32, 3)
    assert there.pts == found.pts
    assert np.abs(there.bytes().astype(int) - found.bytes()).max() <= 1


def test_moments_beyond_the_end_give_the_last_keyframe(clip: Path) -> None:
    assert indices(clip, 100) == [42]


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.mp4").write_bytes(b"junk" * 100)
    with pytest.raises(InputError):
        list(keyframes_near(tmp_path / "junk.mp4", [Fraction(0)], (24, 32)))
