"""What a lesson measures, and what it teaches."""

import numpy as np
import pytest
import torch
from commands import one_thread  # noqa: F401
from live_pictures import tensor

from vidstyle.live import lesson as lesson_module
from vidstyle.live.crops import Crops, crop_of
from vidstyle.live.leaves import dead_leaves
from vidstyle.live.lesson import Goal, lesson, moments
from vidstyle.live.movement import Movement, draw_movement, moved_to
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import described, learned
from vidstyle.synthesis import statistics
from vidstyle.synthesis.colors import Colors, palette_map, pixel_moments
from vidstyle.synthesis.losses import content_distance
from vidstyle.synthesis.losses import style_distance as distance_of_statistics
from vidstyle.synthesis.targets import style_target


@pytest.fixture(scope="module")
def exercise(features, styles):
    """A network, two styles, and a crop to paint in each."""
    torch.manual_seed(0)
    names = ("ink", "swirls")
    targets = [style_target(features, [styles[name]], [1.0], height=96, style_size=1.0) for name in names]
    leaves = [tensor(dead_leaves(64, 64, np.random.default_rng(seed))) for seed in (0, 1)]
    crops = [crop_of(i, Colors(*pixel_moments(i)), t) for i, t in zip(leaves, targets, strict=True)]
    return LiveNetwork(), targets, crops


def in_a_batch(targets):
    goals = [Goal.of(target) for target in targets]
    parts = ("means", "covariances", "scales")
    return Goal(
        *(tuple(map(torch.cat, zip(*(getattr(g, part) for g in goals), strict=True))) for part in parts)
    )


def test_a_lesson_teaches_every_part_of_the_network(features, exercise):
    network, targets, crops = exercise
    movement = draw_movement(crops[0].images.shape, torch.Generator().manual_seed(0))
    layers = network.kernels(network.encoder(described(targets[0])))
    loss, marks = lesson(features, Goal.of(targets[0]), layers, crops[0], movement, torch.float32)
    loss.backward()
    assert float(marks[0]) > 0 < float(marks[2])
    for name, parameter in network.named_parameters():
        assert float(parameter.grad.abs().sum()) > 0, name
    network.zero_grad()


def test_many_crops_at_once_are_the_same_lessons_as_one_after_the_other(features, exercise, monkeypatch):
    monkeypatch.setattr(lesson_module, "GRAIN", 0.0)
    network, targets, crops = exercise
    both = Crops.joined(crops)
    movement = draw_movement(both.images.shape, torch.Generator().manual_seed(3))
    layers = network.kernels(network.encoder(torch.stack([described(target) for target in targets])))
    loss, marks = lesson(features, in_a_batch(targets), layers, both, movement, torch.float32)
    alone = []
    for number, (target, crop) in enumerate(zip(targets, crops, strict=True)):
        part = slice(number, number + 1)
        own = Movement(movement.places[part], movement.gains[part], movement.noise[part])
        layers = network.kernels(network.encoder(described(target)))
        alone.append(lesson(features, Goal.of(target), layers, crop, own, torch.float32)[1])
    assert torch.allclose(marks[:2], torch.stack(alone)[:, :2].mean(0), rtol=1e-3)
    assert float(marks[2]) == pytest.approx(float(torch.stack(alone)[:, 2].mean()), rel=0.1)
    assert float(loss.detach()) > 0


def test_a_lesson_measures_as_the_optimiser_does(features, exercise, monkeypatch):
    monkeypatch.setattr(lesson_module, "GRAIN", 0.0)
    network, targets, crops = exercise
    target, crop = targets[0], crops[0]
    layers = learned(network, target).layers
    _, marks = lesson(features, Goal.of(target), layers, crop, None, torch.float32)
    with torch.no_grad():
        image = lesson_module.painted(crop, layers, torch.float32).clamp(0, 1)
        mirrored = [torch.nn.functional.pad(i, (8,) * 4, mode="reflect") for i in (image, crop.images)]
        taps, wanted = (features(i) for i in mirrored)
    style = [
        distance_of_statistics(statistics.moments(taps[index]), goal, scale)
        for index, goal, scale in zip(features.style_taps, target.statistics, target.scales, strict=True)
    ]
    content = [content_distance(taps[index], wanted[index]) for index in features.content_taps]
    assert float(marks[0]) == pytest.approx(float(torch.stack(style).mean()), rel=1e-3)
    assert float(marks[1]) == pytest.approx(float(torch.stack(content).mean()), rel=1e-3)
    assert float(marks[2]) == 0


@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0])
def test_a_flat_crop_teaches_no_louder_than_another(shade, features, exercise):
    """Its variance is zero, and in a dozen normalisations its gradient grew a millionfold."""
    network, targets, crops = exercise
    target = targets[0]
    flat = torch.full_like(crops[0].images, shade)
    loudness = []
    for crop in (crops[0], crop_of(flat, Colors(*pixel_moments(flat)), target)):
        layers = network.kernels(network.encoder(described(target)))
        lesson(features, Goal.of(target), layers, crop, None, torch.float32)[0].backward()
        loudness.append(max(float(p.grad.norm()) for p in network.parameters()))
        network.zero_grad()
    assert loudness[1] < 20 * loudness[0]


def test_gradients_of_moments_are_those_of_their_formula():
    torch.manual_seed(0)
    features = torch.randn(2, 5, 4, 6, requires_grad=True)
    weights = torch.randn(2, 5), torch.randn(2, 5, 5)
    flat = features.flatten(2)
    mean = flat.mean(2)
    centred = flat - mean[:, :, None]
    plain = mean, centred @ centred.mT / flat.shape[2]
    gradients = []
    for first, second in (plain, moments(features)):
        loss = (first * weights[0]).sum() + (second * weights[1]).sum()
        gradients.append(torch.autograd.grad(loss, features)[0])
    assert torch.allclose(*gradients, atol=1e-6)


def test_what_moves_is_compared_with_where_it_went():
    """The movement of a picture of coordinates tells where each pixel came from."""
    height, width = 96, 128
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    picture = torch.stack([rows / height, columns / width, rows * 0.0])[None].float().repeat(24, 1, 1, 1)
    movement = draw_movement(picture.shape, torch.Generator().manual_seed(0))
    again, inside = moved_to(movement, picture)
    assert bool((inside.mean((1, 2, 3)) > 0.6).all())
    assert bool((inside.mean((1, 2, 3)) < 1).all())
    shift = ((again - picture)[:, :2] * inside).abs().amax((1, 2, 3))
    assert float(shift.min()) > 0
    assert float(shift.max()) < 0.35
    # Straight ramps stay straight wherever nothing was mirrored.
    bend = again[..., 2:] - 2 * again[..., 1:-1] + again[..., :-2]
    within = inside[..., :-2] * inside[..., 1:-1] * inside[..., 2:]
    assert float((bend * within).abs().max()) < 1e-3
    straight = (again - picture)[:, 0, 40, 60] * height  # pixels
    whole = straight[movement.places[:, 0, 1] == 0]
    assert 6 < len(whole) < 18
    assert torch.allclose(whole, whole.round(), atol=1e-2)


def test_palettes_of_many_pictures_are_mapped_as_those_of_one(frames):
    own = [Colors(*pixel_moments(frame)) for frame in frames]
    wanted = own[::-1]

    def stacked(colors):
        return Colors(torch.stack([c.mean for c in colors]), torch.stack([c.covariance for c in colors]))

    matrices, offsets = palette_map(stacked(own), stacked(wanted))
    for number in range(2):
        matrix, offset = palette_map(own[number], wanted[number])
        assert torch.allclose(matrices[number], matrix)
        assert torch.allclose(offsets[number], offset)
