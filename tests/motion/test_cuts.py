from __future__ import annotations

import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import is_cut, track


@pytest.fixture(scope="module")
def shots(still_scene):
    """Two drifting shots of eight frames: float32 in 0..1."""
    first = still_scene(size=(72, 128), shift=(1.5, 0.5), seed=11)
    second = still_scene(size=(72, 128), shift=(-1.0, 0.5), seed=12)
    return [[scene.render(t).floats() for t in range(8)] for scene in (first, second)]


def cuts_in(pictures) -> list[int]:
    frames = [Frame(np.clip(p * 255 + 0.5, 0, 255).astype(np.uint8), index=i) for i, p in enumerate(pictures)]
    return [frame.index for frame, motion in track(frames, preset="fast") if motion.cut]


def test_a_hard_cut_is_found_on_its_frame(shots):
    first, second = shots
    assert cuts_in(first[:5] + second[:5]) == [0, 5]


def test_two_cuts_in_a_row_are_both_found(shots):
    first, second = shots
    assert cuts_in(first[:3] + second[:1] + first[5:]) == [0, 3, 4]


def test_a_cut_between_grey_pictures_is_found(shots):
    first, second = ([np.repeat(p.mean(2, keepdims=True), 3, 2) for p in shot] for shot in shots)
    second = [np.clip(p * 0.8 - 0.05, 0, 1) for p in second]
    assert cuts_in(first[:4] + second[:4]) == [0, 4]


@pytest.mark.parametrize("whiteness", [0.5, 0.8, 0.92])
def test_a_flash_is_no_cut(shots, whiteness):
    pictures = list(shots[0])
    pictures[4] = pictures[4] * (1 - whiteness) + whiteness
    assert cuts_in(pictures) == [0]


@pytest.mark.parametrize("gain", [0.5, 1.5])
def test_a_sudden_change_of_brightness_is_no_cut(shots, gain):
    pictures = [p if i < 4 else np.clip(p * gain, 0, 1) for i, p in enumerate(shots[0])]
    assert cuts_in(pictures) == [0]


@pytest.mark.parametrize("level", [0.0, 1.0], ids=["black", "white"])
def test_fades_out_and_in_are_no_cuts(shots, level):
    shares = [1, 0.8, 0.6, 0.4, 0.2, 0, 0.2, 0.4]
    faded = [p * share + level * (1 - share) for p, share in zip(shots[0], shares, strict=True)]
    assert cuts_in(faded) == [0]


@pytest.mark.parametrize("length", [4, 8])
def test_a_dissolve_is_no_cut(shots, length):
    first, second = shots
    shares = np.clip(np.arange(8) / length, 0, 1)
    assert cuts_in([a * (1 - s) + b * s for a, b, s in zip(first, second, shares, strict=True)]) == [0]


@pytest.mark.parametrize("speed", [8.0, 24.0])
def test_a_fast_pan_is_no_cut(still_scene, speed):
    scene = still_scene(size=(72, 128), shift=(speed, 0.0), seed=13)
    assert cuts_in([scene.render(t).floats() for t in range(-3, 4)]) == [0]


def test_a_picture_that_springs_from_black_starts_a_shot_and_black_ends_none(shots):
    black = np.zeros_like(shots[0][0])
    assert cuts_in([*shots[0][:2], black, black, *shots[1][:2]]) == [0, 4]


def test_trust_alone_can_rule_a_cut_out(shots):
    (before, *_), (now, *_) = shots
    assert is_cut(before, now)
    assert not is_cut(before, now, np.full((72, 128), 0.6, np.float32))


def test_the_cut_of_the_sample_clip_is_found_and_no_other(sample_scene, sample_frames):
    assert len(sample_frames) == sample_scene.FRAMES
    cuts = [frame.index for frame, motion in track(sample_frames, preset="ultrafast") if motion.cut]
    assert cuts == [0, sample_scene.CUT]
