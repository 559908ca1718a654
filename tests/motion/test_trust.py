from __future__ import annotations

import numpy as np
import pytest

from vidstyle.motion import flow_between, trust_of
from vidstyle.motion.trust import consistent, inside, motion_boundary


def trust_in(now, before):
    return trust_of(now, before, flow_between(now, before), flow_between(before, now))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("velocity", [(4.0, 1.5), (-7.0, 3.0), (0.0, 2.5)])
def test_what_a_moving_square_reveals_is_not_trusted_and_the_rest_is(square_scene, velocity, seed):
    scene = square_scene(velocity=velocity, seed=seed)
    exact, visible = scene.flow_to_previous(3)
    trust = trust_in(scene.render(3), scene.render(2))
    revealed = ~visible & inside(exact)
    assert revealed.sum() > 80
    assert (trust[revealed] < 0.5).mean() >= 0.95
    assert trust[visible].mean() >= 0.85


def test_what_enters_at_the_border_is_not_trusted(still_scene):
    scene = still_scene(shift=(6.0, 0.0))
    trust = trust_in(scene.render(1), scene.render(0))
    assert trust[:, :5].max() < 0.1
    assert trust[8:-8, 14:-14].mean() > 0.97


@pytest.mark.parametrize("gain", [0.6, 0.85, 1.1])
def test_a_change_of_light_leaves_trust_and_still_shows_what_is_revealed(square_scene, gain):
    scene = square_scene()
    exact, visible = scene.flow_to_previous(3)
    now = np.clip(scene.render(3).pixels * gain, 0, 255).astype(np.uint8)
    trust = trust_in(now, scene.render(2))
    assert trust[visible].mean() >= 0.8
    assert (trust[~visible & inside(exact)] < 0.5).mean() >= 0.9


def test_a_coloured_lamp_on_one_side_leaves_trust(still_scene):
    scene = still_scene(shift=(1.0, 0.5))
    lamp = 1 + np.linspace(0, 0.3, 160)[None, :, None] * np.array([1.0, 0.6, 0.2])
    now = np.clip(scene.render(1).pixels * lamp, 0, 255).astype(np.uint8)
    assert trust_in(now, scene.render(0)).mean() > 0.85


def test_something_that_appears_out_of_nothing_is_not_trusted(still_scene):
    # Nothing moves, so the flow is consistent with itself: only the colours tell.
    scene = still_scene()
    now, before = scene.render(1).pixels.copy(), scene.render(0)
    now[40:70, 60:100] = (250, 240, 60)
    still = np.zeros((120, 160, 2), np.float32)
    trust = trust_of(now, before, still, still)
    assert trust[40:70, 60:100].max() < 0.2
    assert trust[:30].mean() > 0.9


def test_grain_does_not_cost_trust(still_scene):
    scene, random = still_scene(shift=(1.0, 0.5)), np.random.default_rng(0)
    grainy = [
        np.clip(scene.render(t).pixels + random.normal(0, 7, (120, 160, 3)), 0, 255).astype(np.uint8)
        for t in (0, 1)
    ]
    assert trust_in(grainy[1], grainy[0]).mean() > 0.8


def test_trust_is_soft_and_within_its_range(square_scene):
    scene = square_scene()
    trust = trust_in(scene.render(3), scene.render(2))
    assert trust.dtype == np.float32 and trust.shape == (120, 160)
    assert trust.min() >= 0 and trust.max() <= 1
    assert ((trust > 0.05) & (trust < 0.95)).any()


def test_the_forward_backward_test_is_that_of_the_paper():
    flow = np.zeros((40, 40, 2), np.float32)
    flow[..., 0] = 3.0
    back = np.zeros_like(flow)
    # |w+v|^2 against 0.01 (9 + v^2) + 0.5: the limit lies at v = -3 + 0.7988
    back[..., 0] = -3 + 0.79
    assert consistent(flow, back).all()
    back[..., 0] = -3 + 0.81
    assert not consistent(flow, back).any()


def test_the_boundary_test_is_that_of_the_paper():
    flow = np.zeros((40, 40, 2), np.float32)
    # a slope s in u: s^2 against 0.01 u^2 + 0.002, at u = 0 in the middle
    flow[..., 0] = 0.044 * (np.arange(40) - 20)
    assert not motion_boundary(flow)[5:-5, 20].any()
    flow[..., 0] = 0.046 * (np.arange(40) - 20)
    assert motion_boundary(flow)[5:-5, 20].all()


def test_the_sample_clip_is_followed(sample_scene, sample_frames):
    for index in (30, sample_scene.CUT + 10):
        exact, visible = sample_scene.flow_to_previous(index)
        now, before = (sample_frames[i] for i in (index, index - 1))
        flow = flow_between(now, before)
        trust = trust_of(now, before, flow, flow_between(before, now))
        error = np.linalg.norm(flow - exact, axis=2)
        trusted = visible & (trust > 0.5)
        assert error[visible].mean() < 0.6
        assert error[trusted].mean() < 0.35
        # Revealed by more than the pixel that anti-aliasing mixes
        speed = np.linalg.norm(exact, axis=2)
        revealed = ~visible & inside(exact) & (speed > 1)
        assert trust[revealed].mean() < 0.45
        assert trust[visible].mean() > 0.7
