"""Strokes that slip off what they are painted on are seen to, and brought back."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from vidstyle.synthesis.carry import LASTING, Memory, carried
from vidstyle.synthesis.slip import LARGEST, TAKEN, no_slip, slip_between

HEIGHT, WIDTH = 168, 176


def scene(shift: float, height: int = HEIGHT, width: int = WIDTH, scale: float = 1.0) -> Tensor:
    """A smooth pattern, moved to the left by so many pixels: (1, 3, H, W) in 0..1."""
    ys, xs = np.mgrid[:height, :width] / scale
    xs = xs + shift / scale
    channels = [
        0.5 + 0.2 * np.sin(xs / 2.1 + channel) * np.cos(ys / 2.9) + 0.15 * np.sin((xs + 2 * ys) / 5 + channel)
        for channel in range(3)
    ]
    return torch.from_numpy(np.stack(channels)[None].astype(np.float32))


def after(
    frames: int, *, motion: float, found: float, brighter: float = 0.0, taken_back: bool = True
) -> Memory:
    """What is carried over a pan by `motion` pixels a frame, of which flow found only `found`."""
    first = scene(0)
    ones, no_dials = torch.ones(1, 1, HEIGHT, WIDTH), torch.zeros(1)
    calm = torch.zeros(1, 4, HEIGHT, WIDTH)
    memory = Memory(first, no_slip(first), first, ones, 1 - ones, calm, torch.zeros_like(first), no_dials)
    flow = torch.zeros(1, 2, HEIGHT, WIDTH)
    flow[:, 0] = found
    for index in range(1, frames + 1):
        source = (scene(index * motion) + index * brighter).clamp(0, 1)
        memory = memory if taken_back else replace(memory, slip=no_slip(source))
        carry = carried(memory, source, flow, ones, None)
        memory = replace(memory, seen=carry.seen, slip=carry.slip, painted=carry.painted)
    return memory


def lag(painted: Tensor, motion: float) -> float:
    """How many pixels a picture lies behind a pan, by the shift that matches best, borders aside."""
    inner = (slice(None), slice(None), slice(12, -12), slice(16, -16))
    shifts = np.arange(-2, 2, 0.05)
    misfits = [float((painted - scene(motion - shift))[inner].square().mean()) for shift in shifts]
    return float(shifts[int(np.argmin(misfits))])


def test_flow_that_falls_short_leaves_strokes_behind_by_little_however_long() -> None:
    def behind(frames: int, *, taken_back: bool) -> float:
        return lag(after(frames, motion=0.8, found=0.65, taken_back=taken_back).painted, frames * 0.8)

    assert abs(behind(8, taken_back=False)) > 1
    assert abs(behind(8, taken_back=True)) < 0.6
    assert abs(behind(16, taken_back=True)) < 0.6


def test_strokes_that_lie_right_stay_there() -> None:
    memory = after(12, motion=0.8, found=0.8)
    assert abs(lag(memory.painted, 12 * 0.8)) < 0.06
    assert float(memory.slip[..., 16:-16, 16:-16].abs().max()) < 0.1


def test_light_that_grows_is_not_taken_for_a_slip() -> None:
    memory = after(8, motion=0.8, found=0.8, brighter=0.01)
    assert abs(lag(memory.painted - 8 * 0.01, 8 * 0.8)) < 0.1


@pytest.mark.parametrize("shift", [0.3, -0.3])
def test_a_slip_is_told_in_pixels_of_the_frame_whatever_its_size(shift: float) -> None:
    ratio = math.sqrt(1.5 * LARGEST / (HEIGHT * WIDTH))
    size = (round(HEIGHT * ratio), round(WIDTH * ratio))
    for height, width, scale in ((HEIGHT, WIDTH, 1.0), (*size, 3.0)):
        source, seen = scene(shift, height, width, scale), scene(0, height, width, scale)
        slip = slip_between(source, seen, torch.ones(1, 1, height, width))
        assert slip.shape == no_slip(source).shape
        middle = slip[0, :, 16:-16, 16:-16].mean((1, 2))
        assert 0.6 < float(middle[0]) / (TAKEN * shift) < 1.2
        assert abs(float(middle[1])) < 0.05


def test_nothing_slips_where_nothing_is_seen_or_trusted() -> None:
    flat = torch.full((1, 3, HEIGHT, WIDTH), 0.5)
    ones = torch.ones(1, 1, HEIGHT, WIDTH)
    assert float(slip_between(flat + 0.004, flat, ones).abs().max()) < 1e-3
    assert float(slip_between(scene(0.4), scene(0), 0 * ones).abs().max()) == 0


def test_momentum_goes_along_with_what_is_held_and_with_nothing_else():
    source = scene(0)
    momentum = torch.rand(1, 4, HEIGHT, WIDTH)
    ones, moment = torch.ones(1, 1, HEIGHT, WIDTH), torch.ones_like(source)
    memory = Memory(source, no_slip(source), source, ones, 1 - ones, momentum, moment, torch.zeros(1))
    trust = ones.clone()
    trust[..., : WIDTH // 2] = 0
    carry = carried(memory, source, torch.zeros(1, 2, HEIGHT, WIDTH), trust, None)
    assert not carry.momentum[..., : WIDTH // 2].any()
    held = slice(WIDTH // 2, WIDTH)
    assert torch.allclose(carry.momentum[..., held], LASTING * momentum[..., held], atol=1e-3)
