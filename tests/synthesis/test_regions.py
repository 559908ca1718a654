"""Each region of a picture is painted after its own style, and goes over into the next by its mask."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.light import light_change
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.regions import belonging, laid, light_within, parts_of, region_by_region
from vidstyle.synthesis.sight import WholeSight
from vidstyle.synthesis.statistics import gram, moments, raw_moments, statistics_of
from vidstyle.synthesis.targets import StyleTarget

HEIGHT, WIDTH = 64, 96
LEFT = np.zeros((HEIGHT, WIDTH), np.float32)
LEFT[:, : WIDTH // 2] = 1


def flat(color):
    """A style of one colour, a little uneven."""
    noise = np.random.default_rng(2).normal(0, 6, (HEIGHT, WIDTH, 3))
    return np.clip(np.array(color) + noise, 0, 255).astype(np.uint8)


RED, BLUE = flat((200, 40, 30)), flat((30, 60, 190))


def with_masks(frame, *masks):
    return replace(frame, masks=masks)


def still(frame):
    return Motion(
        np.zeros((frame.height, frame.width, 2), np.float32),
        np.ones((frame.height, frame.width), np.float32),
        cut=False,
    )


def test_regions_share_out_every_pixel_and_later_masks_lie_above():
    half, full = np.full((4, 6), 0.5, np.float32), np.ones((4, 6), np.float32)
    frame = Frame(np.zeros((4, 6, 3), np.uint8), masks=(full, half))
    assert [float(region.mean()) for region in frame.regions()] == [0, 0.5, 0.5]
    assert np.allclose(Frame(RED, masks=(LEFT, LEFT * 0.3)).regions().sum(0), 1)


@pytest.mark.parametrize("kind", ["moments", "gram"])
def test_statistics_of_a_hard_region_are_those_of_its_pixels_alone(kind):
    features = torch.randn(1, 5, 8, 12, generator=torch.Generator().manual_seed(1))
    weights = torch.zeros(8, 12)
    weights[:, :7] = 1 / (8 * 7)
    found = statistics_of(raw_moments(features, weights), kind)
    wanted = {"moments": moments, "gram": gram}[kind](features[..., :7].contiguous())
    assert torch.allclose(found.first, wanted.first, atol=1e-6)
    assert torch.allclose(found.second, wanted.second, atol=1e-6)


def test_the_gradient_of_guided_statistics_is_right():
    features = torch.randn(1, 3, 4, 5).requires_grad_()
    weights = torch.rand(20)
    weights /= weights.sum()
    found = statistics_of(raw_moments(features, weights), "moments")
    flat = features.flatten(2)[0]
    mean = flat @ weights
    covariance = (flat - mean[:, None]) * weights @ (flat - mean[:, None]).T
    gradients = [
        torch.autograd.grad(first.square().sum() + second.pow(3).sum(), features)[0]
        for first, second in ((found.first, found.second), (mean, covariance))
    ]
    assert torch.allclose(*gradients, atol=1e-6)


def test_pixels_beyond_a_region_have_no_part_in_its_statistics():
    features = torch.randn(1, 3, 4, 6).requires_grad_()
    weights = torch.zeros(4, 6)
    weights[:, :3] = 1 / 12
    found = statistics_of(raw_moments(features, weights), "moments")
    (gradient,) = torch.autograd.grad(found.second.sum() + found.first.sum(), features)
    assert gradient[..., 3:].abs().max() == 0
    assert gradient[..., :3].abs().min() > 0


def test_pictures_are_laid_by_share_and_the_source_shows_where_there_is_no_region():
    source, one, other = (torch.full((1, 3, 1, 4), value) for value in (0.0, 0.4, 0.8))
    guides = torch.tensor([[1, 0.5, 0.01, 0], [0, 0.5, 0, 0]]).view(1, 2, 1, 4)
    found = laid(source, [one, other], guides)[0, 0, 0]
    assert found.tolist() == pytest.approx([0.4, 0.6, 0.4, 0.0])


def test_without_guides_the_whole_picture_is_one_region():
    image = torch.rand(1, 3, 4, 4)
    assert torch.equal(region_by_region(image, None, lambda place, guide: image + place), image)


def test_a_pixel_belongs_less_the_more_of_it_changed_hands():
    before = torch.tensor([[1, 1, 0, 0.5], [0, 0, 0, 0.5]]).view(1, 2, 1, 4)
    now = torch.tensor([[1, 0, 1, 0.25], [0, 1, 0, 0.75]]).view(1, 2, 1, 4)
    assert belonging(now, before).flatten().tolist() == pytest.approx([1, 0, 0, 0.75])


def test_light_of_one_region_does_not_reach_into_another():
    before = torch.full((1, 3, HEIGHT, WIDTH), 0.4)
    source, trust = before.clone(), torch.ones(1, 1, HEIGHT, WIDTH)
    source[..., : WIDTH // 2] += 0.2
    guides = torch.from_numpy(np.stack([LEFT, 1 - LEFT]))[None]
    beside = np.s_[0, 0, :, WIDTH // 2]
    assert light_within(guides, source, before, trust)[beside].abs().max() < 1e-5
    assert light_change(source, before, trust)[beside].min() > 0.02


def test_each_half_takes_the_palette_of_its_own_style(stylizer, source):
    painter = stylizer(StylePicture(RED), StylePicture(BLUE, region=1))
    painted = painter.start(with_masks(source, 1 - LEFT)).floats() * 255
    red, blue = (style.mean((0, 1)) for style in (RED, BLUE))
    for half, own, other in ((painted[:, :48], red, blue), (painted[:, 48:], blue, red)):
        found = half.reshape(-1, 3).mean(0)
        assert np.linalg.norm(found - own) < 0.35 * np.linalg.norm(found - other)


def test_strength_lies_between_the_regions_own_statistics_and_the_styles(network, source, style):
    image = torch.from_numpy(source.floats()).permute(2, 0, 1)[None]
    guides = torch.from_numpy(np.stack([LEFT, 1 - LEFT]))[None]
    octaves, target = Octaves(network, HEIGHT), StyleTarget((), (), torch.zeros(3), torch.zeros(3, 3))
    taps = octaves(image)
    goal = tuple(moments(torch.zeros_like(taps[index])) for index in octaves.style_taps)
    targets = [replace(target, statistics=goal, scales=((1, 1),) * len(goal))] * 2
    parts = parts_of(octaves, guides, targets)
    _, sums = WholeSight(octaves).first(image, [part.weights for part in parts])
    none, half = (
        [part.beginning_at(own, strength, "moments") for part, own in zip(parts, sums, strict=True)]
        for strength in (0, 0.5)
    )
    for zero, part in zip(none, half, strict=True):
        assert part.share == pytest.approx(0.5)
        for own, mixed in zip(zero.statistics, part.statistics, strict=True):
            assert torch.allclose(mixed.first, own.first / 2)
            assert torch.allclose(mixed.second, own.second / 2)
    assert not torch.allclose(none[0].statistics[0].first, none[1].statistics[0].first, rtol=0.1)


def test_a_mask_over_everything_asks_for_what_a_plain_picture_is_asked(network, source, style):
    settings = Settings.preset("draft", precision="float32")
    image = torch.from_numpy(source.floats()).permute(2, 0, 1)[None]
    gradients = []
    for region, masks in ((0, ()), (1, (np.ones_like(LEFT),))):
        painter = OptimisingStylizer([replace(style, region=region)], settings, network)
        painter._guides = None if not masks else torch.from_numpy(masks[0])[None, None]
        variable = image.clone().requires_grad_()
        gradients += torch.autograd.grad(painter._objective(image)(variable), variable)
    assert (gradients[0] - gradients[1]).norm() < 1e-4 * gradients[0].norm()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_beyond_all_regions_the_source_stays_as_it_is(stylizer, source, solver):
    painter = stylizer(StylePicture(RED, region=1), solver=solver)
    frame = with_masks(source, LEFT)
    first = painter.start(frame)
    second = painter.next(frame, still(frame))
    for painted in (first, second):
        assert np.abs(painted.floats() - source.floats())[:, 49:].max() < 1e-6
        assert np.abs(painted.floats() - source.floats())[:, :48].mean() > 0.1


def test_what_comes_into_a_region_is_painted_in_its_style_at_once(stylizer, source):
    painter = stylizer(StylePicture(RED), StylePicture(BLUE, region=1))
    moved = np.roll(LEFT, 16, axis=1)
    painter.start(with_masks(source, LEFT))
    painted = painter.next(with_masks(source, moved), still(source)).floats()
    to_red, to_blue = (np.abs(painted - style.mean((0, 1)) / 255).mean(2) for style in (RED, BLUE))
    gained, lost, kept = np.s_[:, 48:62], np.s_[:, 2:14], np.s_[:, 20:44]
    assert (to_blue < to_red)[gained].mean() > 0.95
    assert (to_red < to_blue)[lost].mean() > 0.95
    assert (to_blue < to_red)[kept].mean() > 0.95
    assert painter.state()["ripeness"][0, 0][kept].min() > 0.99
    assert painter.state()["ripeness"][0, 0][gained].max() < 0.9


def test_what_stays_in_its_region_stands_still_while_another_edge_moves(stylizer, source, style):
    other = StylePicture(np.ascontiguousarray(style.pixels[..., ::-1]), region=1)
    painter = stylizer(style, other)
    first = painter.start(with_masks(source, LEFT)).floats()
    moved = with_masks(source, np.roll(LEFT, 8, axis=1))
    second = painter.next(moved, still(source)).floats()
    change = np.abs(second - first).mean(2)
    assert change[:, 70:84].mean() < 0.25 * change[:, 48:56].mean()


def test_going_on_from_a_state_paints_the_same(stylizer, source):
    painter, other = (stylizer(StylePicture(RED), StylePicture(BLUE, region=1)) for _ in range(2))
    painter.start(with_masks(source, LEFT))
    other.restore({name: np.array(array) for name, array in painter.state().items()})
    later = with_masks(source, np.roll(LEFT, 8, axis=1))
    assert np.array_equal(painter.next(later, still(source)).pixels, other.next(later, still(source)).pixels)


def test_a_region_of_a_few_pixels_or_none_does_no_harm(stylizer, source):
    painter = stylizer(StylePicture(RED), StylePicture(BLUE, region=1))
    corner = np.zeros_like(LEFT)
    corner[-2:, -2:] = 1
    for mask in (np.zeros_like(LEFT), corner):
        assert np.isfinite(painter.start(with_masks(source, mask)).pixels).all()


def test_too_few_masks_are_told(stylizer, source):
    painter = stylizer(StylePicture(RED), StylePicture(BLUE, region=2))
    with pytest.raises(InputError, match="frame 0: has 1 masks, and there is a style for region 2"):
        painter.start(with_masks(source, LEFT))
