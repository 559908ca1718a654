from __future__ import annotations

import dataclasses
import subprocess
import sys
import weakref

import cv2
import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import begins_shot, motion_between, track
from vidstyle.motion.flow import DETAILED


def frames_of(scene, count: int) -> list[Frame]:
    return [scene.render(t) for t in range(count)]


def test_the_first_frame_starts_a_shot_and_the_next_follow(still_scene):
    motions = [motion for _, motion in track(frames_of(still_scene(shift=(2.0, 1.0)), 4))]
    assert [motion.cut for motion in motions] == [True, False, False, False]
    assert not motions[0].trust.any() and not motions[0].flow_to_previous.any()
    for motion in motions[1:]:
        np.testing.assert_allclose(np.median(motion.flow_to_previous, axis=(0, 1)), (-2, -1), atol=0.1)
        assert motion.trust.mean() > 0.9


def test_nothing_is_read_ahead(still_scene):
    taken = []

    def source():
        for frame in frames_of(still_scene(shift=(2.0, 1.0)), 4):
            taken.append(frame.index)
            yield frame

    stream = track(source())
    assert taken == []
    for step in range(4):
        frame, _ = next(stream)
        assert frame.index == step and taken == list(range(step + 1))


def test_frames_are_let_go_once_past(still_scene):
    scene, past = still_scene(shift=(2.0, 1.0)), []

    def source():
        for t in range(6):
            frame = dataclasses.replace(scene.render(t))
            past.append(weakref.ref(frame))
            yield frame
            del frame

    for step, (frame, _) in enumerate(track(source())):
        del frame
        assert sum(reference() is not None for reference in past[: step + 1]) <= 2


def test_a_stream_taken_up_in_the_middle_moves_alike(square_scene):
    frames = frames_of(square_scene(), 5)
    whole, late = list(track(frames)), list(track(frames[2:]))
    for (_, a), (_, b) in zip(whole[3:], late[1:], strict=True):
        np.testing.assert_array_equal(a.flow_to_previous, b.flow_to_previous)
        np.testing.assert_array_equal(a.trust, b.trust)


def test_the_same_stream_gives_the_same_motion_twice(square_scene):
    frames = frames_of(square_scene(), 3)
    for (_, a), (_, b) in zip(track(frames), track(frames), strict=True):
        np.testing.assert_array_equal(a.flow_to_previous, b.flow_to_previous)
        np.testing.assert_array_equal(a.trust, b.trust)


def test_a_change_of_size_starts_a_shot(still_scene):
    small, large = still_scene(size=(48, 64)), still_scene(size=(64, 80))
    frames = [small.render(0), small.render(1), large.render(2), large.render(3)]
    motions = [motion for _, motion in track(frames)]
    assert [motion.cut for motion in motions] == [True, False, True, False]
    assert motions[2].trust.shape == (64, 80)


def test_a_repeated_frame_is_wholly_trusted_and_costs_no_flow(still_scene, monkeypatch):
    frame = still_scene().render(0)
    module = sys.modules["vidstyle.motion.track"]  # the package's attribute of that name is the function
    monkeypatch.setattr(module, "grey_flow", lambda *_, **__: pytest.fail("flow was computed"))
    again = Frame(frame.pixels.copy(), index=1)
    (_, _), (_, motion) = track([frame, again])
    assert not motion.cut and (motion.trust == 1).all() and not motion.flow_to_previous.any()


def test_an_empty_stream_gives_nothing():
    assert list(track([])) == []


@pytest.fixture
def large(monkeypatch) -> None:
    """Pictures of the scenes' size are large."""
    monkeypatch.setattr(sys.modules["vidstyle.motion.track"], "LARGEST", 120 * 160)


def test_motion_of_a_large_frame_is_found_on_a_smaller_one(still_scene, large):
    scene = still_scene(shift=(6.0, -4.0))
    (_, _), (_, motion) = track(frames_of(scene, 2))
    exact, visible = scene.flow_to_previous(1)
    assert motion.flow_to_previous.dtype == np.float32 and motion.trust.shape == (120, 160)
    assert np.linalg.norm(motion.flow_to_previous - exact, axis=2)[visible].mean() < 0.4
    assert motion.trust[visible].mean() > 0.8


@pytest.mark.parametrize("mend", [False, True])
def test_painters_get_the_motion_of_a_large_frame_as_it_was_found(still_scene, large, mend):
    frames = frames_of(still_scene(shift=(6.0, -4.0)), 2)
    (_, _), (_, motion) = track(frames, mend=mend, whole=False)
    assert motion.flow_to_previous.shape == (60, 80, 2) and motion.trust.shape == (60, 80)
    np.testing.assert_allclose(np.median(motion.flow_to_previous, axis=(0, 1)), (-3, 2), atol=0.05)
    assert motion.trust.mean() > 0.8
    found = motion_between(*frames, mend=mend, whole=False)
    np.testing.assert_array_equal(found.flow_to_previous, motion.flow_to_previous)


def test_motion_of_a_small_frame_is_always_whole(square_scene):
    frames = frames_of(square_scene(), 2)
    one, other = (motion_between(*frames, whole=whole) for whole in (False, True))
    np.testing.assert_array_equal(one.flow_to_previous, other.flow_to_previous)
    np.testing.assert_array_equal(one.trust, other.trust)


@pytest.mark.parametrize(
    ("size", "found"),
    [
        ((616, 1106), (616, 1106)),
        ((620, 1100), (310, 550)),
        ((721, 1281), (360, 640)),
        ((1080, 1920), (540, 960)),
        ((1240, 2200), (620, 1100)),
        ((1440, 2560), (480, 853)),
        ((2160, 3840), (540, 960)),
    ],
)
def test_the_larger_a_frame_the_more_it_is_reduced(size, found):
    grey = np.random.default_rng(0).integers(0, 256, (size[0] // 20 + 2, size[1] // 20 + 2), np.uint8)
    picture = cv2.resize(grey, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    frames = [Frame(np.dstack([np.roll(picture, 8 * t, axis=1)] * 3)) for t in (0, 1)]
    motion = motion_between(*frames, preset="ultrafast", whole=False)
    assert motion.trust.shape == found and found[0] * found[1] <= DETAILED
    assert np.median(motion.flow_to_previous[..., 0]) == pytest.approx(-8 * found[1] / size[1], rel=0.05)


def test_a_cut_between_large_frames_is_a_cut(still_scene, large):
    one, other = (still_scene(seed=seed).render(0) for seed in (0, 7))
    assert motion_between(one, other).cut and begins_shot(one, other)
    assert not motion_between(one, still_scene(shift=(6.0, 0.0)).render(1), whole=False).cut


@pytest.mark.parametrize("preset", ["fast", "quick"])
def test_motion_found_apart_is_the_same(square_scene, preset):
    frames = frames_of(square_scene(), 5)
    here, apart = (list(track(frames, preset=preset, mend=True, at_once=2, apart=a)) for a in (False, True))
    for (frame, a), (other, b) in zip(here, apart, strict=True):
        assert frame is other and a.cut == b.cut
        assert np.array_equal(a.flow_to_previous, b.flow_to_previous) and np.array_equal(a.trust, b.trust)


def test_processes_end_with_a_stream_that_is_left(square_scene, monkeypatch):
    begun = []
    popen = subprocess.Popen

    def begin(*args, **how):
        begun.append(popen(*args, **how))
        return begun[-1]

    monkeypatch.setattr(subprocess, "Popen", begin)
    stream = track(frames_of(square_scene(), 5), preset="fast", at_once=2, apart=True)
    next(stream), next(stream)
    stream.close()
    assert [process.returncode for process in begun] == [0, 0]
