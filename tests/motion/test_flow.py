from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.motion import flow_between

MOTIONS = {
    "a translation": dict(shift=(3.4, -1.7)),
    "a slow drift": dict(shift=(0.25, 0.1)),
    "a large translation": dict(shift=(12.0, 6.0)),
    "a rotation": dict(angle=np.deg2rad(2.0)),
    "a zoom": dict(scale=1.03),
}


def error_of(scene, preset="medium") -> float:
    """Mean end-point error where the point was visible, in pixels."""
    exact, visible = scene.flow_to_previous(1)
    found = flow_between(scene.render(1), scene.render(0), preset=preset)
    return float(np.linalg.norm(found - exact, axis=2)[visible].mean())


@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS.keys())
def test_planted_motion_is_found(still_scene, motion):
    assert error_of(still_scene(**motion)) < 0.15


@pytest.mark.parametrize(("preset", "bound"), [("ultrafast", 0.35), ("fast", 0.3), ("medium", 0.15)])
def test_every_preset_finds_a_translation(still_scene, preset, bound):
    assert error_of(still_scene(shift=(3.4, -1.7)), preset) < bound


def test_flow_leads_from_the_first_frame_to_the_second(still_scene):
    scene = still_scene(shift=(5.0, 0.0))  # the picture moves right: what is now at p was at p - 5
    flow = flow_between(scene.render(1), scene.render(0))
    assert flow.dtype == np.float32 and flow.shape == (120, 160, 2)
    np.testing.assert_allclose(np.median(flow, axis=(0, 1)), (-5, 0), atol=0.1)


def test_less_light_does_not_mislead_the_flow(still_scene):
    scene = still_scene(shift=(3.4, -1.7))
    exact, visible = scene.flow_to_previous(1)
    darker = (scene.render(1).pixels * 0.6).astype(np.uint8)
    error = np.linalg.norm(flow_between(darker, scene.render(0)) - exact, axis=2)[visible].mean()
    assert error < 0.15


def test_deep_and_ordinary_pixels_give_the_same_flow(still_scene):
    scene = still_scene(shift=(2.0, 1.0))
    a, b = scene.render(1), scene.render(0)
    np.testing.assert_array_equal(flow_between(a, b), flow_between(a.floats(), b.pixels))


def test_frames_of_two_sizes_are_refused():
    with pytest.raises(InputError, match="48x64 and 64x48"):
        flow_between(np.zeros((64, 48, 3), np.uint8), np.zeros((48, 64, 3), np.uint8))


def test_tiny_frames_do_not_crash_the_process():
    # DIS itself dies of a segmentation fault on these: a process of its own, so that a fall is seen.
    program = """
import numpy as np
from vidstyle.frames import Frame
from vidstyle.motion import track
random = np.random.default_rng(0)
for size in ((16, 16), (16, 400), (31, 17), (300, 16), (30, 30), (8, 8), (1, 1)):
    for preset in ("ultrafast", "fast", "medium"):
        frames = [Frame(random.integers(0, 255, (*size, 3), dtype=np.uint8), index=i) for i in range(3)]
        for frame, motion in track(frames, preset=preset):
            assert motion.flow_to_previous.shape == (*size, 2) and motion.trust.shape == size
            assert np.isfinite(motion.flow_to_previous).all() and np.isfinite(motion.trust).all()
print("whole")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "whole"
