"""What the live network's training draws: pieces of pictures, and what a style's crops shall measure."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from vidstyle.features import load_features
from vidstyle.live.leaves import dead_leaves
from vidstyle.live.style import described
from vidstyle.synthesis.colors import pixel_moments
from vidstyle.synthesis.targets import style_target


@pytest.fixture(scope="module", autouse=True)
def practice():
    """The module of the script's folder, as the script finds it."""
    folder = str(Path(__file__).parents[2] / "training")
    sys.path.insert(0, folder)
    import practice

    yield practice
    sys.path.remove(folder)


def ramp(height, width):
    """(H, W, 3) bytes: red tells the row, green the column."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 255, height).round()[:, None]
    picture[..., 1] = np.linspace(0, 255, width).round()
    return picture


def cut(practice, place, *, mirrored=False, rows=200.0, side=100):
    gallery = practice.Gallery([ramp(200, 300), ramp(100, 80)], torch.device("cpu"))
    return gallery.cut(
        torch.tensor([0, 1]),
        torch.tensor([rows, 100.0]),
        torch.tensor([place, place]),
        torch.tensor([mirrored, mirrored]),
        side,
    )


def test_a_piece_lies_where_it_was_asked_for(practice):
    top, bottom = cut(practice, [0.0, 0.0])[0], cut(practice, [1.0, 1.0])[0]
    assert top.shape == (3, 100, 100)
    assert float(top[0, 0, 50]) == pytest.approx(0, abs=0.01)
    assert float(top[0, 99, 50]) == pytest.approx(0.5, abs=0.01)
    assert float(top[1, 50, 99]) == pytest.approx(1 / 3, abs=0.01)
    assert float(bottom[0, 99, 50]) == pytest.approx(1, abs=0.01)
    assert float(bottom[1, 50, 0]) == pytest.approx(2 / 3, abs=0.01)
    assert torch.allclose(cut(practice, [0.0, 0.0], mirrored=True)[0], top.flip(2), atol=0.01)


def test_a_smaller_picture_goes_on_in_its_mirror_image(practice):
    piece = cut(practice, [0.0, 0.0])[1]
    assert float(piece[1, 50, 79]) == pytest.approx(1, abs=0.02)
    assert float(piece[1, 50, 99]) == pytest.approx(60 / 80, abs=0.02)
    assert float(piece[2].max()) == 0  # nothing of the canvas around it


def test_a_shrunken_piece_shows_no_pattern_that_was_not_there(practice):
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    gallery = practice.Gallery([stripes], torch.device("cpu"))
    one = torch.tensor([0])
    small = gallery.cut(one, torch.tensor([128.0]), torch.zeros(1, 2), one > 0, 96)
    assert float(small[..., 4:-4].std()) < 0.02
    assert float(small.mean()) == pytest.approx(0.5, abs=0.02)


def test_colours_are_turned_within_what_a_picture_can_hold(practice):
    images = torch.rand(64, 3, 4, 4)
    turned = practice.recoloured(images, torch.Generator().manual_seed(0))
    same = (turned == images).flatten(1).all(1)
    assert 10 < int(same.sum()) < 40
    assert float(turned.min()) >= 0
    assert float(turned.max()) <= 1


def test_an_exercise_asks_for_what_the_styles_measure(practice, monkeypatch):
    features = load_features("builtin")
    rng = np.random.default_rng(0)
    photos = [(dead_leaves(200, 260, rng) * 255).astype(np.uint8) for _ in range(3)]
    styles = [(dead_leaves(300, 300, rng) * 255).astype(np.uint8) for _ in range(2)]
    seen = []
    monkeypatch.setattr(practice, "MIXED", 0.0)
    monkeypatch.setattr(practice, "recoloured", lambda images, _: seen.append(images) or images)
    exercise = practice.Practice(features, photos, styles, 3, 0).exercise()
    assert exercise.crops.images.shape == (3, 3, practice.CROP, practice.CROP)
    targets = [style_target(features, [s[None]], [1.0], height=s.shape[1], style_size=1.0) for s in seen[0]]
    for number, target in enumerate(targets):
        for tap, (mean, covariance, scale) in enumerate(
            zip(exercise.goal.means, exercise.goal.covariances, exercise.goal.scales, strict=True)
        ):
            assert torch.allclose(mean[number], target.statistics[tap].first, atol=2e-3)
            assert torch.allclose(covariance[number], target.statistics[tap].second, atol=2e-3)
            assert scale[number].tolist() == pytest.approx(target.scales[tap], rel=0.02)
        assert torch.allclose(exercise.descriptions[number], described(target), atol=5e-3)


def test_crops_take_on_the_palette_of_their_style(practice):
    features = load_features("builtin")
    grey = np.full((200, 200, 3), 128, np.uint8)
    red = np.full((200, 200, 3), (200, 30, 30), np.uint8)
    exercise = practice.Practice(features, [grey], [red], 16, 0).exercise()
    crops = exercise.crops
    moved = crops.matrices @ crops.images.flatten(2) + crops.offsets[:, :, None]
    means = exercise.descriptions[:, -9:-6]  # of the style's colours
    assert torch.allclose(moved.mean(2), means, atol=0.02)


def test_colour_moments_of_many_are_those_of_one(practice):
    images = torch.rand(2, 3, 8, 8)
    means, covariances = practice.colour_moments(images)
    for number in range(2):
        mean, covariance = pixel_moments(images[number : number + 1])
        assert torch.allclose(means[number], mean, atol=1e-6)
        assert torch.allclose(covariances[number], covariance, atol=1e-6)
