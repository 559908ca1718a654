"""The sample clip's exact motion, held against hand calculation and against its own pictures."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import scene
import shapes
from harbour import harbour
from tracing import Camera
from windmill import windmill

from tests.samples.conftest import rendered

HEIGHT, WIDTH = scene.SIZE
# Frames whose sun shines as in the frame before: a difference is then one of motion alone.
STEADY = (scene.CUT - 1, scene.FRAMES - 1)
GRAZING = 0.02


def warp(picture: npt.NDArray[np.float32], flow: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    return cv2.remap(
        picture, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


@pytest.mark.parametrize("index", STEADY)
def test_warping_the_previous_frame_by_the_flow_gives_the_frame_where_visible(index: int) -> None:
    flow, visible = scene.flow_to_previous(index)
    error = np.abs(warp(rendered(index - 1), flow) - rendered(index)).mean(axis=2)
    still = np.abs(rendered(index - 1) - rendered(index)).mean(axis=2)

    assert error[visible].mean() < 0.02
    assert error[visible].mean() < 0.5 * still[visible].mean()
    assert error[~visible].mean() > 5 * error[visible].mean()


@pytest.mark.parametrize("index", STEADY)
def test_something_is_revealed_in_each_frame_but_most_is_seen_twice(index: int) -> None:
    _, visible = scene.flow_to_previous(index)
    inner = ~visible[16:-16, 16:-16]
    assert 0.002 < inner.mean() < 0.1


def test_flow_over_a_gap_is_the_frame_to_frame_flow_followed_back() -> None:
    direct, visible = scene.flow_between(33, 31)
    first, seen = scene.flow_to_previous(33)
    second, seen_before = scene.flow_to_previous(32)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    both = visible & seen & (warp(seen_before.astype(np.float32), first) == 1)
    chained = first + np.stack(
        [cv2.remap(second[..., k], x + first[..., 0], y + first[..., 1], cv2.INTER_LINEAR) for k in (0, 1)],
        axis=2,
    )
    # Half way between two bodies the second flow is a mixture: hence a quantile and not the maximum.
    assert np.quantile(np.abs(direct - chained)[both], 0.98) < 0.02


def test_flow_of_the_far_sky_is_the_turn_of_the_camera() -> None:
    flow, visible = scene.flow_to_previous(70)
    depth, _ = scene.depth_and_body(70)
    shot = windmill()
    now, before = (shot.camera((i - scene.CUT) / scene.FPS) for i in (70, 69))
    x, y = 120, 8
    assert np.isinf(depth[y, x]) and visible[y, x]
    ray = np.array([(x - (WIDTH - 1) / 2) / 400, ((HEIGHT - 1) / 2 - y) / 400, 1.0]) @ now.axes
    right, up, forward = before.axes @ ray
    expected = ((WIDTH - 1) / 2 + 400 * right / forward - x, (HEIGHT - 1) / 2 - 400 * up / forward - y)
    assert flow[y, x] == pytest.approx(expected, abs=1e-4)


def test_flow_of_a_still_wall_follows_from_its_depth_and_the_camera() -> None:
    """The parapet's top edge in the harbour: a point of the world, seen from two places."""
    index, (x, y) = 20, (240, 262)
    flow, _ = scene.flow_to_previous(index)
    depth, body = scene.depth_and_body(index)
    shot = harbour()
    assert not shot.bodies[body[y, x]].moves
    now, before = (shot.camera(i / scene.FPS) for i in (index, index - 1))
    ray = np.array([(x - (WIDTH - 1) / 2) / 430, ((HEIGHT - 1) / 2 - y) / 430, 1.0])
    point = now.place + depth[y, x] * (ray @ now.axes)
    right, up, forward = before.axes @ (point - before.place)
    expected = ((WIDTH - 1) / 2 + 430 * right / forward - x, (HEIGHT - 1) / 2 - 430 * up / forward - y)
    assert flow[y, x] == pytest.approx(expected, abs=1e-3)


def test_a_sideways_step_moves_a_point_by_focal_length_over_depth() -> None:
    size = (9, 9)
    first = Camera.looking((0, 0, 0), (0, 0, 1), 100, size)
    second = Camera.looking((0.5, 0, 0), (0.5, 0, 1), 100, size)
    point = np.array([[0.0, 0.0, 10.0]])
    assert first.project(point)[0] == pytest.approx(np.array([[4.0, 4.0]]))
    assert second.project(point)[0] == pytest.approx(np.array([[4.0 - 100 * 0.5 / 10, 4.0]]))


@pytest.mark.parametrize(
    "shape",
    [
        shapes.Ellipsoid((1, 2, 3)),
        shapes.box((-1, -2, -3), (1, 2, 3)),
        shapes.Frustum(2, 1, 0.4),
        shapes.house(1, 2, 2, 3),
    ],
)
def test_rays_meet_a_solid_on_its_surface_and_its_normals_face_them(shape: shapes.Shape) -> None:
    rng = np.random.default_rng(0)
    starts = 9 * shapes.unit(rng.standard_normal((500, 3)))
    low, high = shape.bounds
    targets = rng.uniform(0.7 * low + 0.3 * high, 0.3 * low + 0.7 * high, (500, 3))
    t, faces = shape.meet(starts, targets - starts)
    met = np.isfinite(t)
    assert met.mean() > 0.6
    points, rays = starts + t[:, None] * (targets - starts), targets - starts
    facing = np.einsum("ij,ij->i", shape.normal(points[met], faces[met]), rays[met])
    assert (facing < GRAZING).all()
    assert ((points[met] >= low - 1e-6) & (points[met] <= high + 1e-6)).all()
    again, _ = shape.meet(points[met] - 0.01 * rays[met], rays[met])
    assert np.allclose(again, 0.01, atol=1e-6)


def test_the_same_frame_is_drawn_twice_the_same() -> None:
    first = rendered(STEADY[1])
    rendered(31)
    assert np.array_equal(first, scene.render(STEADY[1]))
    assert first.shape == (HEIGHT, WIDTH, 3) and first.dtype == np.float32
    assert first.min() >= 0 and first.max() <= 1


def test_the_sun_dims_for_a_second_in_the_first_shot_and_the_picture_with_it() -> None:
    light = [scene.sunlight(index) for index in range(scene.FRAMES)]
    dim = sum(value < 0.6 for value in light[: scene.CUT])
    assert 15 <= dim <= 30
    assert all(value == 1 for value in light[scene.CUT :])
    assert rendered(31).mean() < 0.92 * rendered(STEADY[0]).mean()


def test_no_flow_leads_over_the_cut_or_out_of_the_clip() -> None:
    with pytest.raises(ValueError, match="cut"):
        scene.flow_to_previous(scene.CUT)
    with pytest.raises(IndexError):
        scene.flow_to_previous(0)
    with pytest.raises(IndexError):
        scene.render(scene.FRAMES)
