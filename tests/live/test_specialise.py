"""Lessons in one style: what they are taken from, and how kernels learn."""

from dataclasses import replace
from functools import partial
from itertools import islice, repeat
from pathlib import Path

import pytest
import torch
from torch import nn

from vidstyle.features import load_features
from vidstyle.live.crops import LARGEST, Crops, crop_of, crops_of
from vidstyle.live.lesson import Balance, Goal, flicker, lesson, painted
from vidstyle.live.movement import draw_movement
from vidstyle.live.muon import Muon, orthogonal
from vidstyle.live.painter import builtin_model
from vidstyle.live.style import described
from vidstyle.media import read_picture
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.pictures import tensor_of
from vidstyle.synthesis.targets import style_target

STYLE = Path(__file__).parents[2] / "samples" / "styles" / "mosaic.jpg"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def features():
    return load_features("builtin")


@pytest.fixture(scope="module")
def target(features):
    picture = tensor_of(read_picture(STYLE).pixels, CPU)
    with torch.no_grad():
        return style_target(features, [picture], [1.0], height=96, style_size=1.0)


def crop_from(height, width, target):
    return next(crops_of(repeat(torch.rand(1, 3, height, width)), target, 0, CPU))


@pytest.mark.parametrize(("height", "width"), [(270, 480), (96, 170), (1080, 1920), (640, 360), (33, 800)])
def test_a_crop_has_the_shape_of_its_frame_and_holds_nearly_all_of_a_small_one(height, width, target):
    rows, columns = crop_from(height, width, target).images.shape[-2:]
    assert rows % 8 == columns % 8 == 0
    assert rows * columns <= LARGEST
    if min(height, width) >= 96:
        assert columns / rows == pytest.approx(width / height, rel=0.07)
    if height * width <= LARGEST:
        assert rows > height - 8
        assert columns > width - 8


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (270, 480), (64, 96)])
def test_a_crop_shows_a_piece_at_about_the_scale_and_in_about_the_light_of_its_picture(
    height, width, target, monkeypatch
):
    monkeypatch.setattr("vidstyle.live.crops.MOST_SKEW", 0.0)
    across = torch.linspace(0.1, 0.9, width).expand(1, 3, height, width)
    crops = crops_of(repeat(across), target, 0, CPU, 40_000)
    places, scales = [], []
    for crop in islice(crops, 24):
        row = crop.images[0, 0, crop.images.shape[2] // 2]
        places.append(float(row.mean()))
        scales.append(0.8 / (width - 1) / abs(float((row[-9] - row[8]) / (len(row) - 17))))
        assert crop.offsets == pytest.approx(crops_at_once(across, target).offsets, abs=0.02)
    assert min(scales) > 0.79
    assert max(scales) < 1.26
    if height * width > 100_000:
        assert max(scales) - min(scales) > 0.25
        assert max(places) - min(places) > 0.2


def crops_at_once(picture, target):
    return crop_of(picture, Colors(*pixel_moments(picture)), target)


def test_crops_of_footage_of_several_shapes_are_cut_to_what_they_share(target):
    crops = [crop_from(80, 120, target), crop_from(120, 80, target)]
    assert Crops.joined(crops).images.shape == (2, 3, 80, 80)


@pytest.mark.parametrize("shape", [(4, 12, 300), (4, 300, 12), (1, 40, 40)])
def test_an_orthogonal_matrix_keeps_its_directions_and_evens_its_lengths(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    even = orthogonal(matrices)
    along = torch.linalg.diagonal(left.mT @ even @ right.mT)
    assert along.min() > 0.3
    assert along.max() < 1.3
    assert (even - left @ torch.diag_embed(along) @ right).abs().max() < 1e-3


def test_a_kernel_learns_along_a_direction_whose_gradient_is_small():
    kernel, bias = nn.Parameter(torch.zeros(1, 2, 2, 1, 1)), nn.Parameter(torch.zeros(2))
    wanted, slopes = torch.eye(2).view(1, 2, 2, 1, 1), torch.tensor([1.0, 1e-3]).view(1, 2, 1, 1, 1)
    optimiser = Muon([kernel, bias])
    for step in range(100):
        ((kernel - wanted).square() * slopes).sum().add((bias - 1).square().sum()).backward()
        optimiser.step(0.1 * (1 - step / 100))
    assert kernel.grad is None
    assert bias.grad is None
    assert (kernel - wanted).abs().max() < 0.2
    assert (bias - 1).abs().max() < 0.1


def test_a_style_that_is_near_pulls_less_and_one_that_is_far_pulls_more(features, target):
    network, crop = builtin_model(), crop_from(96, 96, target)
    goal, wishes = Goal.of(target), network.encoder(described(target)).detach().requires_grad_()

    def pull(near):
        torch.manual_seed(0)  # of the grain on what the network sees
        loss, marks = lesson(
            features, goal, network.kernels(wishes), crop, None, torch.float32, Balance(near=near)
        )
        return float(loss.detach()), float(marks[0])

    plain, style = pull(None)
    for near in (style / 4, style, style * 4):
        assert pull(near)[0] - plain == pytest.approx(style**3 / (3 * near**2) - style, rel=1e-3, abs=1e-5)


def test_what_moves_little_is_held_little():
    balance = Balance(content=0.0, steady=100.0, still=0.01)
    pulls = []
    for moved in (0.001, 0.01, 0.1):
        steady = torch.tensor(moved, requires_grad=True)
        balance.loss(torch.tensor(0.5), torch.tensor(0.5), steady, torch.tensor(0.0)).backward()
        pulls.append(float(steady.grad))
    assert pulls == pytest.approx([10.0, 100.0, 1000.0])


def test_what_flickers_more_is_held_much_more():
    balance = Balance(flicker=1 / 3)
    pulls = []
    for ratio in (1.0, 10.0):
        mark = torch.tensor(ratio, requires_grad=True)
        balance.loss(torch.tensor(0.5), torch.tensor(0.5), torch.tensor(0.0), mark).backward()
        pulls.append(float(mark.grad))
    assert pulls == pytest.approx([1.0, 100.0])


def test_the_frame_before_is_cut_out_turned_and_lit_as_the_frame_is(target):
    frame = torch.rand(1, 3, 100, 160)
    crops = crops_of(repeat(torch.cat([frame, frame])), target, 0, CPU, 8_000)
    for crop in islice(crops, 8):
        assert torch.equal(crop.before, crop.images)
    assert next(crops_of(repeat(frame), target, 0, CPU)).before is None


def test_crops_have_what_was_before_where_all_of_them_do(target):
    pair = next(crops_of(repeat(torch.rand(2, 3, 64, 96)), target, 0, CPU))
    assert torch.equal(Crops.joined([pair, pair]).before, torch.cat([pair.before, pair.before]))
    assert Crops.joined([pair, crop_from(64, 96, target)]).before is None


@pytest.fixture(scope="module")
def moving():
    """A texture that moves by three pixels, with noise of a hundredth, as crops."""
    generator = torch.Generator().manual_seed(0)
    wide = torch.nn.functional.interpolate(
        torch.rand(1, 3, 24, 40, generator=generator), (96, 160), mode="bicubic", align_corners=False
    ).clamp(0.1, 0.9)
    now, then = (
        image + 0.01 * torch.randn(image.shape, generator=generator)
        for image in (wide[..., 3:-13], wide[..., 0:-16])
    )
    return Crops(now, torch.eye(3)[None], torch.zeros(1, 3), then)


def test_flicker_is_told_in_that_of_the_source(moving):
    assert float(flicker(moving, moving.images, lambda crops: crops.images)) == pytest.approx(0.8, abs=0.05)

    def fainter(crops):
        return 0.5 + (crops.images - 0.5) / 2

    assert float(flicker(moving, fainter(moving), fainter)) == pytest.approx(0.2, abs=0.02)
    assert float(flicker(moving, moving.images, lambda crops: 1 - crops.images)) > 100


def test_what_moves_along_does_not_flicker_and_what_stays_does(moving):
    generator = torch.Generator().manual_seed(1)
    strokes = torch.rand(1, 3, 96, 160, generator=generator)
    along = {id(moving.images): strokes[..., 3:-13], id(moving.before): strokes[..., 0:-16]}
    moved = float(flicker(moving, along[id(moving.images)], lambda crops: along[id(crops.images)]))
    stayed = float(flicker(moving, strokes[..., :-16], lambda crops: strokes[..., :-16]))
    assert moved < 0.1 * stayed


def test_a_lesson_asks_of_frames_what_they_became_of_those_before(features, target, moving, monkeypatch):
    monkeypatch.setattr("vidstyle.live.lesson.GRAIN", 0.0)
    network, goal = builtin_model(), Goal.of(target)
    with torch.no_grad():
        layers = network.kernels(network.encoder(described(target)))
        repaint = partial(painted, layers=layers, dtype=torch.float32)
        told = float(flicker(moving, repaint(moving).clamp(0, 1), repaint))

        def loss(weight, crops):
            movement = draw_movement(crops.images.shape, torch.Generator().manual_seed(0))
            balance = Balance(flicker=weight)
            return float(lesson(features, goal, layers, crops, movement, torch.float32, balance)[0])

        assert loss(0.1, moving) - loss(0.0, moving) == pytest.approx(0.1 * told**3, rel=1e-3)
        alone = replace(moving, before=None)
        assert loss(0.1, alone) == loss(0.0, alone) == pytest.approx(loss(0.0, moving))
