from __future__ import annotations

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.motion import warp


def ramp() -> np.ndarray:
    y, x = np.mgrid[0:48, 0:64].astype(np.float32)
    return np.dstack([x, y, np.sin(x / 3) * np.cos(y / 4)]).astype(np.float32)


@pytest.mark.parametrize("interpolation", ["linear", "cubic", "lanczos"])
def test_what_lay_at_p_plus_flow_comes_to_p(interpolation):
    flow = np.zeros((48, 64, 2), np.float32)
    flow[..., 0], flow[..., 1] = 2.25, -1.5
    moved = warp(ramp(), flow, interpolation=interpolation)
    y, x = np.mgrid[0:48, 0:64]
    np.testing.assert_allclose(moved[8:-8, 8:-8, 0], (x + 2.25)[8:-8, 8:-8], atol=0.06)
    np.testing.assert_allclose(moved[8:-8, 8:-8, 1], (y - 1.5)[8:-8, 8:-8], atol=0.06)


def test_the_nearest_pixel_is_repeated_beyond_the_border():
    flow = np.full((48, 64, 2), 500, np.float32)
    np.testing.assert_array_equal(warp(ramp(), flow), np.broadcast_to(ramp()[-1, -1], (48, 64, 3)))


@pytest.mark.parametrize("interpolation", ["linear", "cubic", "lanczos"])
@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 1), (48, 64, 2), (48, 64, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_no_motion_changes_nothing(shape, dtype, interpolation):
    image = np.random.default_rng(0).integers(0, 255, shape).astype(dtype)
    moved = warp(image, np.zeros((48, 64, 2), np.float32), interpolation=interpolation)
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, image)


def test_sharp_warps_stay_within_the_range_of_the_picture():
    image = np.zeros((48, 64, 3), np.float32)
    image[:, 32:] = 1
    moved = warp(image, np.full((48, 64, 2), 0.5, np.float32), interpolation="lanczos")
    assert moved.min() >= 0 and moved.max() <= 1


def test_lanczos_keeps_more_detail_than_linear_over_many_warps():
    image = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    image = image * 0.5 + np.roll(image, 1, 1) * 0.5
    left = {}
    for interpolation in ("linear", "lanczos"):
        moved = image
        for turn in range(10):
            moved = warp(
                moved, np.full((64, 64, 2), 0.4 * (-1) ** turn, np.float32), interpolation=interpolation
            )
        left[interpolation] = float(np.abs(moved - image)[8:-8, 8:-8].mean())
    assert left["lanczos"] < 0.6 * left["linear"]


def test_a_flow_of_another_size_is_refused():
    with pytest.raises(InputError, match="64x48"):
        warp(ramp(), np.zeros((20, 20, 2), np.float32))
