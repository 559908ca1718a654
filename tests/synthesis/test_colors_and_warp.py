import numpy as np
import pytest
import torch

from vidstyle.synthesis.colors import luma, pixel_moments, recolored, transfer_palette
from vidstyle.synthesis.warp import warp, warp_sharp


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


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_each_colour_of_each_picture_goes_through_the_map_and_stays_in_range(memory_format):
    pictures = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0)).double()
    matrix = torch.tensor([[0.9, 0.2, 0.0], [0.1, 0.5, 0.3], [0.0, -0.4, 1.5]], dtype=torch.float64)
    offset = torch.tensor([0.1, -0.2, 0.0], dtype=torch.float64)
    moved = recolored(pictures.contiguous(memory_format=memory_format), (matrix, offset))
    for picture, got in zip(pictures, moved, strict=True):
        for row, column in ((0, 0), (2, 4), (4, 6)):
            expected = (matrix @ picture[:, row, column] + offset).clamp(0, 1)
            torch.testing.assert_close(got[:, row, column], expected)


def test_luma_follows_bt709():
    green = torch.zeros(1, 3, 1, 1)
    green[:, 1] = 1
    assert float(luma(green)) == pytest.approx(0.7152)


@pytest.mark.parametrize("move", [warp, warp_sharp])
def test_warping_by_whole_pixels_is_exact(move):
    image = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(0))
    flow = torch.zeros(1, 2, 40, 50)
    flow[:, 0], flow[:, 1] = 3, -2  # what is at p was at p + (3, -2)
    moved = move(image, flow)
    assert torch.allclose(moved[..., 12:-10, 10:-13], image[..., 10:-12, 13:-10], atol=1e-4)


@pytest.mark.parametrize("move", [warp, warp_sharp])
def test_warping_reproduces_a_ramp_between_pixels(move):
    ramp = (torch.arange(60.0) / 60).expand(1, 1, 40, 60).clone()
    flow = torch.zeros(1, 2, 40, 60)
    flow[:, 0] = 0.3
    assert torch.allclose(move(ramp, flow)[..., 12:-12], ramp[..., 12:-12] + 0.3 / 60, atol=1e-4)


@pytest.mark.parametrize("move", [warp, warp_sharp])
def test_warping_repeats_the_border(move):
    image = torch.arange(30.0).expand(1, 1, 20, 30).clone()
    flow = torch.zeros(1, 2, 20, 30)
    flow[:, 0] = -4
    assert torch.allclose(move(image, flow)[0, 0, 0, :4], torch.zeros(4), atol=0.3)


def test_sharp_warping_keeps_strokes_over_many_frames():
    """Half a pixel there and back eight times: linear leaves a quarter, the spline nearly all."""
    waves = (torch.arange(64.0) * 0.8).sin().expand(1, 1, 32, 64).clone()
    kept = {}
    for move in (warp, warp_sharp):
        moved = waves
        for step in range(8):
            flow = torch.zeros(1, 2, 32, 64)
            flow[:, 0] = 0.5 if step % 2 else -0.5
            moved = move(moved, flow)
        kept[move] = float(moved[..., 12:-12].square().mean() / waves[..., 12:-12].square().mean())
    assert kept[warp] < 0.35
    assert 0.95 < kept[warp_sharp] < 1.02  # nothing is lost, and nothing grows


def test_sharp_warping_does_not_grow_at_the_border():
    """A spline that does not go through the border's pixels rings there, more with every frame."""
    image = torch.rand(1, 3, 40, 60, generator=torch.Generator().manual_seed(0))
    moved = image
    for step in range(40):
        flow = torch.zeros(1, 2, 40, 60)
        flow[:, 1] = 0.3 if step % 2 else -0.3
        moved = warp_sharp(moved, flow).clamp(0, 1)
    rows = moved.var(dim=(0, 1, 3))
    assert float(rows[[0, -1]].max()) < 1.5 * float(image.var(dim=(0, 1, 3)).mean())
    still = warp_sharp(image, torch.zeros(1, 2, 40, 60))
    assert torch.allclose(still, image, atol=1e-4)  # the border included
