"""Practice of a style: nearer to it on pictures never practised on, the same every time."""

from itertools import repeat
from pathlib import Path

import pytest
import torch

from vidstyle.features import load_features
from vidstyle.live.crops import Crops, crop_of, crops_of
from vidstyle.live.leaves import made_up
from vidstyle.live.lesson import Goal, painted, style_loss
from vidstyle.live.painter import builtin_model
from vidstyle.live.practice import practised
from vidstyle.live.style import LiveStyle, learned, mixed
from vidstyle.media import read, read_picture
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.pictures import CPU, tensor_of
from vidstyle.synthesis.targets import style_target

SAMPLES = Path(__file__).parents[2] / "samples"
HEIGHT = 96
LESSONS = 12


@pytest.fixture(scope="module")
def features():
    return load_features("builtin")


@pytest.fixture(scope="module")
def target(features):
    picture = tensor_of(read_picture(SAMPLES / "styles" / "mosaic.jpg").pixels, CPU)
    with torch.no_grad():
        return style_target(features, [picture], [1.0], height=HEIGHT, style_size=1.0)


@pytest.fixture(scope="module")
def practise(features, target):
    def after(lessons: int = LESSONS, seed: int = 0) -> LiveStyle:
        crops = crops_of(map(tensor_of, made_up(HEIGHT, seed)), target, seed, CPU)
        return practised(
            builtin_model(), features, target, crops, lessons=lessons, seed=seed, dtype=torch.float32
        )

    return after


@pytest.fixture(scope="module")
def before(target):
    with torch.no_grad():
        return learned(builtin_model(), target)


@pytest.fixture(scope="module")
def style(practise):
    return practise()


def same(one: LiveStyle, other: LiveStyle) -> bool:
    pairs = zip(one.layers, other.layers, strict=True)
    return all(torch.equal(a.kernel, b.kernel) and torch.equal(a.bias, b.bias) for a, b in pairs)


def test_a_frame_never_practised_on_comes_nearer_to_the_style(features, target, before, style):
    frame = tensor_of(next(iter(read(SAMPLES / "harbour.mp4", size=(HEIGHT, 168)))).pixels)
    crop = crop_of(frame, Colors(*pixel_moments(frame)), target)

    @torch.no_grad()
    def distance(of: LiveStyle) -> float:
        taps = features(painted(crop, of.layers, torch.float32).clamp(0, 1))
        return float(style_loss(features, taps, Goal.of(target)))

    assert distance(style) < 0.85 * distance(before)


def test_on_any_number_of_cores_the_same_lessons_teach_the_same(practise, style):
    threads = torch.get_num_threads()
    torch.manual_seed(threads)  # torch's own generator has no part in it
    torch.set_num_threads(3 - min(threads, 2))
    try:
        assert same(practise(), style)
    finally:
        torch.set_num_threads(threads)
    assert not same(practise(seed=1), style)


def test_lessons_are_counted_and_leave_the_threads_as_they_were(features, target):
    taken, threads = [], torch.get_num_threads()

    def counted():
        for crop in crops_of(repeat(torch.rand(1, 3, 64, 64)), target, 0, CPU):
            taken.append(crop)
            yield crop

    network = builtin_model()
    first = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    practised(network, features, target, counted(), lessons=3, seed=0, dtype=torch.float32)
    assert len(taken) == 4  # the last step is a whole one
    assert torch.get_num_threads() == threads
    assert all(torch.equal(first[name], tensor) for name, tensor in network.state_dict().items())


def test_a_mixture_goes_from_the_one_practised_style_to_the_other(before, style):
    network = builtin_model()
    assert same(mixed(network, [style, before], [2, 0]), style)
    half, quarter = (mixed(network, [style, before], [share, 1 - share]) for share in (0.5, 0.25))
    for a, b, c in zip(half.layers, quarter.layers, before.layers, strict=True):
        assert torch.allclose((a.kernel + c.kernel) / 2, b.kernel, atol=1e-5)
    again = mixed(network, [half, before], [0.5, 0.5])
    assert all(
        torch.allclose(a.kernel, b.kernel, atol=1e-5)
        for a, b in zip(again.layers, quarter.layers, strict=True)
    )


def test_a_mixture_of_styles_at_first_sight_is_that_of_their_wishes(before):
    network = builtin_model()
    between = mixed(network, [before, before], [1, 1])
    assert between.own is None
    assert same(between, before)


def test_pictures_made_up_are_those_of_their_seed():
    one, again, other = (next(made_up(64, seed)) for seed in (3, 3, 4))
    assert one.shape == (64, 114, 3)
    assert (one == again).all()
    assert (one != other).any()


def test_crops_stay_below_what_is_asked_for(target):
    picture = torch.rand(1, 3, 270, 480)
    crop: Crops = next(crops_of(repeat(picture), target, 0, CPU, 50_000))
    assert 40_000 < crop.images.shape[-1] * crop.images.shape[-2] <= 50_000
