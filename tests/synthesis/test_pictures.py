"""Motion of a smaller picture, taken to the device and enlarged there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from vidstyle.frames import Frame, Motion
from vidstyle.motion import motion_between
from vidstyle.synthesis.pictures import motion_on
from vidstyle.synthesis.warp import warp

HEIGHT, WIDTH = 720, 1280


def motion_of(flow: np.ndarray, trust: np.ndarray) -> Motion:
    return Motion(flow.astype(np.float32), trust.astype(np.float32), cut=False)


def test_motion_of_the_picture_itself_stays_as_it_is() -> None:
    random = np.random.default_rng(0)
    motion = motion_of(random.normal(size=(6, 9, 2)), random.random((6, 9)))
    flow, trust = motion_on(motion, (6, 9))
    np.testing.assert_array_equal(flow[0].permute(1, 2, 0), motion.flow_to_previous)
    np.testing.assert_array_equal(trust[0, 0], motion.trust)


@pytest.mark.parametrize("size", [(12, 18), (13, 30)])
def test_the_flow_of_a_smaller_picture_counts_the_pixels_of_the_larger(size: tuple[int, int]) -> None:
    rows, columns = np.mgrid[:6, :9]
    motion = motion_of(np.dstack([columns + 0.5, rows + 0.5]), columns / 8)
    flow, trust = motion_on(motion, size)
    assert flow.shape == (1, 2, *size) and trust.shape == (1, 1, *size)
    # The flow says where a pixel lies, so that of a larger picture does again, but at the border.
    down, across = (round(side / 2) for side in (size[0] / 6, size[1] / 9))
    inside = flow[0, :, down:-down, across:-across]
    ys, xs = (torch.arange(side) + 0.5 for side in size)
    assert torch.allclose(inside[0], xs[across:-across].expand_as(inside[0]), atol=1e-4)
    assert torch.allclose(inside[1], ys[down:-down, None].expand_as(inside[1]), atol=1e-4)
    assert (trust.diff(dim=-1) >= 0).all() and 0 <= float(trust.min()) < float(trust.max()) <= 1


def test_flow_found_on_a_smaller_picture_moves_the_whole_one() -> None:
    coarse = np.random.default_rng(0).random((HEIGHT // 12, WIDTH // 12 + 2, 3), np.float32)
    wide = cv2.resize(coarse, (WIDTH + 12, HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    before, now = (Frame(np.ascontiguousarray(wide[:, left : left + WIDTH])) for left in (0, 11))
    motion = motion_between(before, now, whole=False)
    assert motion.trust.shape == (HEIGHT // 2, WIDTH // 2)
    flow, trust = motion_on(motion, (HEIGHT, WIDTH))
    inner = (..., slice(20, -20), slice(20, -40))
    assert torch.allclose(flow[0][inner].mean((1, 2)), torch.tensor([11.0, 0.0]), atol=0.05)
    assert float((flow[0][inner] - torch.tensor([11.0, 0.0])[:, None, None]).abs().mean()) < 0.1
    assert float(trust[inner].mean()) > 0.95
    picture, wanted = (torch.from_numpy(frame.pixels).permute(2, 0, 1)[None] for frame in (before, now))
    assert float((warp(picture, flow) - wanted)[inner].abs().mean()) < 0.005
    # And as those have it who ask for whole motion.
    whole = motion_between(before, now)
    np.testing.assert_allclose(flow[0].permute(1, 2, 0), whole.flow_to_previous, atol=2e-3)
    np.testing.assert_allclose(trust[0, 0], whole.trust, atol=2e-3)
