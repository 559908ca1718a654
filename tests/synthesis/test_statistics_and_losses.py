import math

import pytest
import torch

from vidstyle.features.network import Head
from vidstyle.settings import Settings
from vidstyle.synthesis.losses import (
    content_distance,
    squared_distance,
    squared_tap_distance,
    style_distance,
    style_distance_of,
    temporal_distance,
    total_variation,
)
from vidstyle.synthesis.objective import TEMPORAL_UNIT, Objective
from vidstyle.synthesis.statistics import Statistics, gram, moments, raw_moments, statistics_of, through


def features(seed=0, shape=(1, 5, 7, 9), dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator).to(dtype) + 0.5


def test_moments_are_the_mean_and_the_centred_covariance():
    taps = features(dtype=torch.float32)
    found, flat = moments(taps), taps.flatten(2)[0]
    assert torch.allclose(found.first, flat.mean(1), atol=1e-6)
    assert torch.allclose(found.second, torch.cov(flat, correction=0), atol=1e-5)


def test_a_gram_matrix_is_the_mean_of_outer_products():
    taps = features(dtype=torch.float32)
    flat = taps.flatten(2)[0]
    assert torch.allclose(gram(taps).second, flat @ flat.T / flat.shape[1], atol=1e-5)
    assert not gram(taps).first.any()


@pytest.mark.parametrize("gather", [moments, gram])
def test_gradients_of_statistics_are_those_of_autograd(gather):
    def naive(taps):
        flat = taps.flatten(2)[0]
        outer = flat @ flat.T / flat.shape[1]
        if gather is gram:
            return torch.zeros(len(flat)), outer
        return flat.mean(1), outer - torch.outer(flat.mean(1), flat.mean(1))

    weights = torch.randn(5, 5, generator=torch.Generator().manual_seed(3))
    ours, theirs = (features(dtype=torch.float32).requires_grad_() for _ in range(2))
    found = gather(ours)
    (found.first.sum() * 0.7 + (found.second * weights).sum()).backward()
    first, second = naive(theirs)
    (first.sum() * 0.7 + (second * weights).sum()).backward()
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-5)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_statistics_do_not_depend_on_the_layout_in_memory(memory_format):
    taps = features(dtype=torch.float32)
    again = moments(taps.contiguous(memory_format=memory_format))
    assert torch.allclose(again.second, moments(taps.contiguous()).second, atol=1e-6)


def head(channels=5, taps=3):
    generator = torch.Generator().manual_seed(7)
    return Head(torch.randn(taps, channels, generator=generator), torch.randn(taps, generator=generator))


def test_sums_of_a_tap_follow_from_those_of_the_features_that_it_is_made_of():
    made = head()
    ours, theirs = (features(dtype=torch.float32).requires_grad_() for _ in range(2))
    told, summed = through(raw_moments(ours), made), raw_moments(made(theirs))
    weights = torch.randn(3, 3, generator=torch.Generator().manual_seed(3))
    for a, b in zip(told, summed, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    for mean, outer in (told, summed):
        (mean.sum() * 0.7 + (outer * weights).sum()).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)


def test_a_distance_of_taps_follows_from_the_features_that_they_are_made_of():
    made, target = head(), features(seed=1, dtype=torch.float32)
    ours, theirs = (features(dtype=torch.float32).requires_grad_() for _ in range(2))
    told, measured = squared_tap_distance(ours, target, made), squared_distance(made(theirs), made(target))
    torch.testing.assert_close(told, measured, rtol=1e-4, atol=1e-5)
    (told * 3).backward()
    (measured * 3).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)


def test_style_distance_is_one_where_nothing_of_the_style_is_there():
    target = Statistics(torch.zeros(3), torch.eye(3))
    nothing = Statistics(torch.zeros(3), torch.zeros(3, 3))
    assert float(style_distance(nothing, target, (1.0, 3.0))) == pytest.approx(1.0)
    assert float(style_distance(target, target, (1.0, 3.0))) == 0


def test_statistics_mix_in_proportion():
    one, other = Statistics(torch.zeros(2), torch.eye(2)), Statistics(torch.ones(2), 3 * torch.eye(2))
    half = one.mixed(other, 0.5)
    assert half.first.tolist() == [0.5, 0.5]
    assert torch.equal(half.second, 2 * torch.eye(2))


def test_content_distance_is_in_units_of_the_content_variance():
    taps = features(dtype=torch.float32, shape=(1, 4, 30, 30))
    spread = (taps - taps.mean((2, 3), keepdim=True)).square().mean().sqrt()
    assert float(content_distance(taps + spread, taps)) == pytest.approx(1.0, rel=1e-4)


def test_content_distance_of_a_flat_picture_is_finite():
    flat = torch.full((1, 4, 6, 6), 0.3)
    assert math.isfinite(float(content_distance(flat + 0.1, flat)))
    assert math.isfinite(float(content_distance(flat, flat * 0)))


def test_temporal_distance_counts_only_what_is_trusted():
    image, moved = torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    trust = torch.zeros(1, 1, 4, 4)
    assert float(temporal_distance(image, moved, trust)) == 0
    trust[..., :2] = 1
    assert float(temporal_distance(image, moved, trust)) == pytest.approx(0.5)


def test_the_bond_of_an_objective_is_its_temporal_loss():
    image, moved, trust = (
        torch.rand(1, 3, 4, 6, requires_grad=True),
        torch.rand(1, 3, 4, 6),
        torch.rand(1, 1, 4, 6),
    )
    bond = Objective(None, Settings(temporal_weight=2.0), (), (), moved, trust).bond()
    (2.0 * TEMPORAL_UNIT * temporal_distance(image, moved, trust)).backward()
    assert torch.allclose(bond.curvature * (image - bond.place), image.grad)
    assert Objective(None, Settings(), (), ()).bond() is None


def test_total_variation_of_a_ramp_is_its_slope_squared():
    ramp = (torch.arange(8.0) * 0.1).expand(1, 3, 8, 8)
    assert float(total_variation(ramp)) == pytest.approx(0.01)


def test_moments_of_many_bfloat16_features_are_as_good_as_those_of_float32():
    taps = features(shape=(1, 16, 150, 160), dtype=torch.float32).bfloat16()
    rough, exact = moments(taps), moments(taps.float())
    assert float((rough.first - exact.first).norm() / exact.first.norm()) < 1e-3
    assert float((rough.second - exact.second).norm() / exact.second.norm()) < 2e-3


def test_gradients_of_pixel_terms_are_those_of_finite_differences():
    image, moved = features(1, (1, 3, 6, 7)).requires_grad_(), features(2, (1, 3, 6, 7))
    trust = features(3, (1, 1, 6, 7)).abs()
    assert torch.autograd.gradcheck(total_variation, image)
    small = image.detach().float().requires_grad_()
    temporal_distance(small, moved.float(), trust.float()).backward()
    expected = 2 * trust * (image.detach() - moved) / image.numel()
    assert torch.allclose(small.grad.double(), expected, atol=1e-6)


@pytest.mark.parametrize(("kind", "gather"), [("moments", moments), ("gram", gram)])
def test_the_style_distance_of_sums_is_that_of_their_statistics(kind, gather):
    torch.manual_seed(0)
    goal, features = gather(torch.rand(1, 6, 9, 9)), torch.rand(1, 6, 7, 8)
    found = []
    for distance in (
        lambda sums: style_distance(statistics_of(sums, kind), goal, (1.5, 2.5)),
        lambda sums: style_distance_of(sums, goal, (1.5, 2.5), kind),
    ):
        variable = features.clone().requires_grad_()
        value = distance(raw_moments(variable))
        found.append((value.detach(), torch.autograd.grad(value, variable)[0]))
    torch.testing.assert_close(found[0], found[1])
