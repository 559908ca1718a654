"""The five scenes' motion, held against hand calculation and against their own pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import SCENES, SIZE, Scene
from scenes.layers import Layer, Place, View

from vidstyle.motion import warp

HEIGHT, WIDTH = SIZE
MIDDLE = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)


@pytest.fixture(scope="module", params=SCENES)
def scene(request: pytest.FixtureRequest) -> Scene:
    return SCENES[request.param]()


def test_the_frame_before_moved_along_the_flow_is_the_frame_where_visible(scene: Scene) -> None:
    for index in (1, 11):
        flow, visible = scene.flow_between(index, index - 1)
        now, before = scene.render(index), scene.render(index - 1)
        error = np.square(warp(before, flow, interpolation="linear") - now).mean(axis=2)
        still = np.square(before - now).mean()
        assert error[visible].mean() < 0.5 * still
        assert error[visible].mean() < 0.002  # what is left is silhouettes and the warp's blur
        assert error[~visible].mean() > 5 * error[visible].mean()


def test_each_scene_is_hard_in_its_own_way() -> None:
    flows, covered = {}, {}
    for name, make in SCENES.items():
        motions = [make().motion_between(index, index - 1) for index in (5, 12)]
        lengths = [np.hypot(*np.moveaxis(motion.flow_to_previous, 2, 0)) for motion in motions]
        flows[name] = [np.quantile(lengths, share) for share in (0.5, 0.99)]
        covered[name] = 1 - np.mean([motion.trust.mean() for motion in motions])
    assert flows["garden"][1] < 1.5
    assert flows["chase"][0] > 6 and flows["chase"][1] > 15
    assert covered["market"] > 0.04 and covered["reeds"] > 0.05
    assert covered["garden"] < 0.03 and covered["tower"] < 0.03


def test_the_tower_grows_and_turns() -> None:
    flow, _ = SCENES["tower"]().flow_between(10, 9)
    divergence = np.gradient(flow[..., 0], axis=1) + np.gradient(flow[..., 1], axis=0)
    curl = np.gradient(flow[..., 1], axis=1) - np.gradient(flow[..., 0], axis=0)
    # What lies at p was nearer to the middle; the turn is 0.006 a frame, twice that as a curl.
    assert np.median(divergence) < -0.015
    assert abs(np.median(curl)) == pytest.approx(0.012, rel=0.1)


def test_every_pixel_is_painted_in_every_frame(scene: Scene) -> None:
    for index in (0, scene.frames - 1):
        picture = scene.render(index)
        assert picture.shape == (*SIZE, 3) and picture.dtype == np.float32
        assert picture.min() >= 0 and picture.max() <= 1
        assert (picture.max(axis=2) > 0.02).mean() > 0.999


def test_a_scene_is_drawn_twice_the_same(scene: Scene) -> None:
    assert np.array_equal(scene.render(7), SCENES[scene.name]().render(7))


def test_frames_outside_of_a_scene_are_refused(scene: Scene) -> None:
    for call in (scene.render, lambda index: scene.flow_between(index, 0)):
        with pytest.raises(IndexError, match=scene.name):
            call(scene.frames)


def two_layers(camera: View) -> Scene:
    """A wall at depth 4 and a square of 40 pixels at depth 2, in the middle; the camera steps once."""
    wall, square = np.full((400, 800, 3), 0.2, np.float32), np.full((40, 40, 3), 0.9, np.float32)
    layers = (
        Layer(wall, np.ones((400, 800), np.float32), 4.0, lambda t: Place(scale=4)),
        Layer(square, np.ones((40, 40), np.float32), 2.0, lambda t: Place(scale=2)),
    )
    return Scene("two", "", layers, lambda t: camera if t else View(), frames=2)


def test_a_step_aside_moves_each_layer_by_the_step_over_its_depth() -> None:
    flow, visible = two_layers(View(x=8)).flow_between(1, 0)
    assert flow[68, 156] == pytest.approx([4, 0], abs=1e-4)  # on the square
    assert flow[10, 20] == pytest.approx([2, 0], abs=1e-4)  # on the wall
    # The square went left by four pixels before a wall that went by two: it uncovers two columns.
    hidden = np.flatnonzero(~visible[68, 100:200]) + 100
    assert len(hidden) == 2
    assert hidden.min() == round(MIDDLE[0] + 20 - 4)


def test_a_step_ahead_magnifies_each_layer_by_its_nearness() -> None:
    flow, _ = two_layers(View(z=1)).flow_between(1, 0)
    x = 10
    assert flow[68, x, 0] == pytest.approx((x - MIDDLE[0]) * (3 / 4 - 1), abs=1e-3)
    assert flow[68, 170, 0] == pytest.approx((170 - MIDDLE[0]) * (1 / 2 - 1), abs=1e-3)


def test_going_there_and_back_ends_where_it_began(scene: Scene) -> None:
    there, visible = scene.flow_between(12, 9)
    back, _ = scene.flow_between(9, 12)
    returned = there + warp(back, there, interpolation="linear")
    # Half way between two layers the flow back is a mixture: hence a quantile and not the maximum.
    assert np.quantile(np.abs(returned)[visible], 0.75) < 0.05
