import numpy as np
import pytest
import torch

from vidstyle.synthesis.colors import luma, pixel_moments, transfer_palette
from vidstyle.synthesis.warp import warp


def picture(seed, mean, spread, side=64):
    rng = np.random.default_rng(seed)
    pixels = rng.normal(size=(side * side, 3)) @ np.asarray(spread).T + mean
    return torch.from_numpy(pixels.T.reshape(1, 3, side, side)).float()


def test_a_palette_moves_to_the_styles_mean_and_covariance():
    source = picture(0, (0.5, 0.4, 0.6), np.diag([0.05, 0.08, 0.03]))
    style = picture(1, (0.4, 0.5, 0.45), [[0.06, 0.02, 0], [0.02, 0.04, 0.01], [0, 0.01, 0.05]])
    mean, covariance = pixel_moments(style)
    got_mean, got = pixel_moments(transfer_palette(source, mean, covariance))
    assert torch.allclose(got_mean, mean, atol=0.01)
    assert torch.allclose(got, covariance, rtol=0.5, atol=1e-3)  # the floor on the source's spread tempers it


def test_a_flat_picture_takes_the_styles_mean_color():
    style = picture(1, (0.4, 0.5, 0.45), np.diag([0.05, 0.05, 0.05]))
    mean, covariance = pixel_moments(style)
    moved = transfer_palette(torch.full((1, 3, 16, 16), 0.2), mean, covariance)
    assert torch.allclose(moved.mean((2, 3))[0].double(), mean, atol=1e-3)


def test_luma_follows_bt709():
    green = torch.zeros(1, 3, 1, 1)
    green[:, 1] = 1
    assert float(luma(green)) == pytest.approx(0.7152)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_warping_by_whole_pixels_is_exact(mode):
    image = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0))
    flow = torch.zeros(1, 2, 20, 30)
    flow[:, 0], flow[:, 1] = 3, -2  # what is at p was at p + (3, -2)
    moved = warp(image, flow, mode)
    assert torch.allclose(moved[..., 2:, :-3], image[..., :-2, 3:], atol=1e-5)


def test_warping_repeats_the_border():
    image = torch.arange(10.0).expand(1, 1, 6, 10).clone()
    flow = torch.zeros(1, 2, 6, 10)
    flow[:, 0] = -4
    assert torch.allclose(warp(image, flow)[0, 0, 0, :4], torch.zeros(4), atol=1e-4)


def test_bicubic_warping_keeps_fine_detail_better_than_bilinear():
    waves = (torch.arange(64.0) * 1.6).sin().expand(1, 1, 16, 64).clone()
    energy = {}
    for mode in ("bilinear", "bicubic"):
        moved = waves
        for step in range(8):  # there and back by half a pixel
            flow = torch.zeros(1, 2, 16, 64)
            flow[:, 0] = 0.5 if step % 2 else -0.5
            moved = warp(moved, flow, mode)
        energy[mode] = float(moved[..., 8:-8].square().mean())
    assert energy["bicubic"] > 2 * energy["bilinear"]
