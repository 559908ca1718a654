"""The grid of the network's strides: taken off, and nothing else with it."""

import torch

from vidstyle.live.grid import without_grid
from vidstyle.live.network import folded, unfolded

HEIGHT, WIDTH = 128, 160


def cleaned(picture):
    squares = folded(folded(picture, 2), 2)
    return unfolded(unfolded(without_grid(squares)))


def slope():
    down, across = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
    return torch.stack([0.001 * down, 0.002 * across, 0.001 * (across - down)])[None]


def test_what_repeats_every_four_pixels_goes_and_the_slope_beneath_it_stays():
    generator = torch.Generator().manual_seed(0)
    grid = torch.rand(1, 3, 4, 4, generator=generator) * 0.1
    grid = (grid - grid.mean((2, 3), keepdim=True)).repeat(1, 1, HEIGHT // 4, WIDTH // 4)
    left = cleaned(slope() + grid) - slope()
    assert float(left[..., 40:-40, 40:-40].abs().max()) < 1e-4
    assert float(left.abs().max()) < 0.004
    assert float(grid.abs().max()) > 0.04


def test_strokes_stay():
    strokes = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))
    lost = cleaned(strokes) - strokes
    assert float(lost.std()) < 0.2 * float(strokes.std())


def test_lessons_go_through_it_after_a_picture_was_painted():
    with torch.inference_mode():
        cleaned(slope())
    picture = slope().requires_grad_()
    cleaned(picture).square().sum().backward()
    assert float(picture.grad.abs().sum()) > 0
