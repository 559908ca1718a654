import math

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from vidstyle.features.network import Head
from vidstyle.settings import Settings
from vidstyle.synthesis import statistics
from vidstyle.synthesis.losses import (
    content_distance,
    squared_distance,
    squared_tap_distance,
    style_distance,
    style_distance_of,
    temporal_distance,
    total_variation,
    weighted_sum,
)
from vidstyle.synthesis.objective import TEMPORAL_UNIT, Objective
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.regions import Part
from vidstyle.synthesis.sight import WholeSight
from vidstyle.synthesis.solver import Descent
from vidstyle.synthesis.statistics import (
    Statistics,
    gram,
    moments,
    raw_moments,
    raw_moments_by,
    statistics_of,
    through,
)
from vidstyle.synthesis.targets import StyleTarget


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


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_sums_by_several_weights_and_in_pieces_are_those_by_each(dtype, monkeypatch):
    monkeypatch.setattr(statistics, "PIECE", 20)
    monkeypatch.setattr(statistics, "CHUNK", 8)
    shares = torch.rand(7, 9, generator=torch.Generator().manual_seed(3))
    ours, theirs = (features(dtype=dtype).requires_grad_() for _ in range(2))
    flat = theirs.float().flatten(2)[0]
    wanted = [(flat.mean(1), flat @ flat.T / flat.shape[1])]
    wanted += [(flat @ each, flat * each @ flat.T) for each in (shares.flatten(), 2 * shares.flatten())]
    found = raw_moments_by(ours, (None, shares, 2 * shares))
    tolerance = 1e-5 if dtype == torch.float32 else 2e-2
    for (mean, outer), (exact_mean, exact_outer) in zip(found, wanted, strict=True):
        torch.testing.assert_close(mean, exact_mean, rtol=tolerance, atol=tolerance)
        torch.testing.assert_close(outer, exact_outer, rtol=tolerance, atol=tolerance)
    for sums in (found, wanted):
        sum(mean.sum() + outer.square().sum() / 100 for mean, outer in sums).backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=5 * tolerance, atol=5 * tolerance)


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


SCALES = (1.5, 2.5), (0.5, 4.0)


def sums_and_goals(gather):
    """Means and outer products of two taps, of 3 and of 5 channels, and what they shall be; in float64."""
    taps = [features(seed, (1, channels, 6, 7)) for seed, channels in ((0, 3), (1, 5))]
    goals = [gather(features(seed, (1, channels, 5, 5))) for seed, channels in ((2, 3), (3, 5))]
    sums = [(tap.mean((2, 3))[0], tap[0].flatten(1) @ tap[0].flatten(1).T / 42) for tap in taps]
    return sums, [Statistics(goal.first.double(), goal.second.double()) for goal in goals]


KINDS = pytest.mark.parametrize(("kind", "gather"), [("moments", moments), ("gram", gram)])


@KINDS
def test_the_style_distance_of_sums_is_that_of_their_statistics_at_all_taps(kind, gather):
    sums, goals = sums_and_goals(gather)
    expected = sum(
        style_distance(statistics_of(each, kind), goal, scale)
        for each, goal, scale in zip(sums, goals, SCALES, strict=True)
    )
    assert float(style_distance_of(sums, goals, SCALES, kind)) == pytest.approx(float(expected))
    assert float(style_distance_of(sums, goals, SCALES, kind, 0.3)) == pytest.approx(0.3 * float(expected))


@KINDS
def test_the_gradient_of_the_style_distance_is_that_of_finite_differences(kind, gather):
    sums, goals = sums_and_goals(gather)
    flat = [tensor.requires_grad_() for pair in sums for tensor in pair]

    def distance(*given):
        return style_distance_of(list(zip(given[::2], given[1::2], strict=True)), goals, SCALES, kind, 0.3)

    assert torch.autograd.gradcheck(distance, flat)


def test_a_weighted_sum_is_one_and_passes_the_weights_to_its_terms():
    terms = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (2.0, -3.0, 0.5)]
    weights = (0.1, 4.0, 0.0)
    total = weighted_sum(list(zip(weights, terms, strict=True)))
    assert float(total.detach()) == pytest.approx(0.2 - 12)
    (2 * total).backward()
    assert [float(term.grad) for term in terms] == pytest.approx([0.2, 8.0, 0.0])


def test_a_step_of_the_solver_begins_few_operations(network):
    """A graphics card waits for each of them, and so does the thread that starts them."""

    class Counting(TorchDispatchMode):
        begun = 0

        def __torch_dispatch__(self, operation, types, given=(), named=None):
            self.begun += not operation.is_view
            return operation(*given, **(named or {}))

    octaves, image = Octaves(network, 64), torch.rand(1, 3, 64, 96)
    goals = tuple(moments(tap) for tap in octaves(torch.rand(1, 3, 64, 64)))
    target = StyleTarget(goals, ((1.0, 1.0),) * len(goals), torch.zeros(3), torch.eye(3))
    sight = WholeSight(octaves)
    content, _ = sight.first(image, ())
    part = Part(1.0, None, target.statistics, target)
    loss = Objective(sight, Settings(), (part,), content, image, torch.ones(1, 1, 64, 96))
    zeros, one = torch.zeros_like(image), torch.ones(())
    descent = Descent(image.clone(), zeros.clone(), zeros[:, :1].clone(), zeros.clone(), one, one, one)
    with Counting() as counting:
        descent.step(loss)
    assert 0 < counting.begun < 280
