from __future__ import annotations

import dataclasses
import sys
import weakref

import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import track


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


def test_motion_of_a_huge_frame_is_found_on_a_smaller_one(still_scene, monkeypatch):
    monkeypatch.setattr(sys.modules["vidstyle.motion.track"], "LARGEST", 120 * 160 // 4)
    scene = still_scene(shift=(6.0, -4.0))
    (_, _), (_, motion) = track(frames_of(scene, 2))
    exact, visible = scene.flow_to_previous(1)
    assert motion.flow_to_previous.dtype == np.float32 and motion.trust.shape == (120, 160)
    assert np.linalg.norm(motion.flow_to_previous - exact, axis=2)[visible].mean() < 0.4
    assert motion.trust[visible].mean() > 0.8
