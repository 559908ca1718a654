"""The formulas by themselves, against answers worked out by hand."""

import math

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from vidstyle.features.vgg import CONVOLUTIONS, SCORING, VggNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.quality.drift import trend
from vidstyle.quality.revealed import LONG_AGO, Revealed, revealed_ratio
from vidstyle.quality.sharpness import gradient_energy
from vidstyle.quality.style import (
    at_height,
    content_distance,
    moments,
    style_distance,
    style_moments,
    taps_of,
)
from vidstyle.quality.warping import motion_across, warping_error


def texture(height, width, seed, fineness):
    """(height, width, 3) float32 noise of standard deviation 1, soft over `fineness` pixels."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), fineness)
    return noise / noise.std()


def picture(seed, height=48, width=64):
    return np.clip(0.5 + 0.2 * texture(height, width, seed, 2.0), 0, 1)


def still(trust):
    return Motion(np.zeros((*trust.shape, 2), np.float32), trust.astype(np.float32), cut=False)


def test_warping_error_is_the_mean_square_over_trusted_pixels():
    earlier, trust = picture(1), np.zeros((48, 64))
    later = earlier.copy()
    later[:, :32] += 0.2
    later[:, 32:] += 0.9
    trust[:, :32] = 1
    assert warping_error(later, earlier, still(trust)) == pytest.approx(0.04, rel=1e-4)
    trust[:, 32:] = 0.5  # half-trusted pixels count half
    assert warping_error(later, earlier, still(trust)) == pytest.approx((0.04 + 0.5 * 0.81) / 1.5, rel=1e-4)


def test_warping_error_says_nothing_where_nothing_is_trusted():
    assert math.isnan(warping_error(picture(1), picture(2), still(np.zeros((48, 64)))))
    assert math.isnan(warping_error(picture(1), picture(2), Motion.first_of_shot(48, 64)))


def test_warping_error_follows_the_flow():
    wide = picture(1, 48, 80)
    flow = np.zeros((48, 64, 2), np.float32)
    flow[..., 0] = 5
    trust = np.ones((48, 64), np.float32)
    trust[:, 59:] = 0
    motion = Motion(flow, trust, cut=False)
    assert warping_error(wide[:, 5:69], wide[:, :64], motion) < 1e-9
    assert warping_error(wide[:, :64], wide[:, 5:69], motion) > 0.01


def test_a_sharp_warp_charges_perfect_pictures_less_and_flicker_as_much():
    """Half a pixel of shift: the linear warp's own blur is most of what it finds in crisp strokes."""
    fine = np.clip(0.5 + 0.15 * texture(96, 260, 4, 2.2), 0, 1)
    shrunk = [
        cv2.resize(fine[:, left : left + 256], (128, 48), interpolation=cv2.INTER_AREA) for left in (0, 1)
    ]
    flow = np.zeros((48, 128, 2), np.float32)
    flow[..., 0] = 0.5
    trust = np.ones((48, 128), np.float32)
    trust[:, -4:] = 0
    motion = Motion(flow, trust, cut=False)
    linear, sharp = (
        warping_error(shrunk[1], shrunk[0], motion, interpolation=way) for way in ("linear", "lanczos")
    )
    assert sharp < 0.3 * linear
    flickering = warping_error(shrunk[1] + 0.1, shrunk[0], motion, interpolation="lanczos")
    assert flickering == pytest.approx(0.01, rel=0.05)


def test_motion_over_a_gap_finds_a_shift():
    wide = np.clip(0.5 + 0.15 * texture(64, 130, 3, 2.5), 0, 1)
    motion = motion_across(Frame(wide[:, 6:102]), Frame(wide[:, :96]))
    inner = motion.flow_to_previous[8:-8, 8:-16]
    np.testing.assert_allclose(inner[..., 0], 6, atol=0.5)
    assert motion.trust[8:-8, 8:-16].mean() > 0.9
    assert not motion.cut


def test_gradient_energy_of_a_ramp_is_its_slope_squared():
    ramp = np.repeat(np.linspace(0, 0.63, 64, dtype=np.float32)[None, :, None], 3, 2).repeat(48, 0)
    assert gradient_energy(ramp) == pytest.approx(1e-4, rel=1e-3)
    assert gradient_energy(np.full((4, 4, 3), 0.3, np.float32)) == pytest.approx(0, abs=1e-12)


def test_blur_lowers_gradient_energy_and_noise_raises_it():
    sharp = picture(1)
    assert gradient_energy(cv2.GaussianBlur(sharp, (0, 0), 2)) < 0.5 * gradient_energy(sharp)
    assert gradient_energy(sharp + 0.1 * texture(48, 64, 9, 0.1)) > 1.5 * gradient_energy(sharp)


def test_a_trend_is_the_line_through_the_points():
    line = trend([10, 11, 13, 20], [2.0, 2.1, 2.3, 3.0])
    assert (line.slope, line.start, line.end) == pytest.approx((0.1, 2.0, 3.0))
    assert line.ratio == pytest.approx(1.5)
    assert line.change == pytest.approx(1.0)


def test_a_trend_passes_over_what_was_not_measured():
    assert trend([0, 1, 2, 3], [1.0, math.nan, 3.0, 4.0]).slope == pytest.approx(1)
    assert math.isnan(trend([0, 1], [1.0, 2.0]).slope)
    assert math.isnan(trend([0, 1, 2], [math.nan] * 3).ratio)


def vgg():
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for number, (channels, width) in CONVOLUTIONS.items():
        kernel = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** 0.5
        tensors |= {f"features.{number}.weight": kernel, f"features.{number}.bias": torch.zeros(width)}
    return VggNetwork(tensors, SCORING, "cpu", torch.float32)


def test_vgg_style_and_content_are_means_over_layers_and_levels():
    network, one_level = vgg(), vgg()
    one_level.taps = one_level.taps[:4]  # relu1_1, relu2_1, relu3_1, relu3_2 of the image as given
    one, other = picture(1, 32, 32), picture(2, 32, 32)
    style = content = 0.0
    for level in range(3):
        images = [torch.from_numpy(p).permute(2, 0, 1)[None] for p in (one, other)]
        taps, targets = (one_level(F.avg_pool2d(i, 1 << level) if level else i) for i in images)
        for tap, target in zip(taps[:3], targets[:3], strict=True):
            a, b = tap.flatten(2)[0].double(), target.flatten(2)[0].double()
            for x, y in ((a.cov(correction=0), b.cov(correction=0)), (a.mean(1), b.mean(1))):
                style += float((x - y).square().sum() / y.square().sum()) / 9
        content += float((taps[3] - targets[3]).square().sum() / targets[3].square().sum()) / 3
    measured, target = taps_of(one, network), style_moments([(other, 1.0)], network)
    assert style_distance(measured, target, network) == pytest.approx(style, rel=1e-3)
    assert content_distance(measured, taps_of(other, network), network) == pytest.approx(content, rel=1e-3)


def test_a_picture_is_at_no_distance_from_itself(network):
    pixels = picture(1)
    taps = taps_of(pixels, network)
    assert style_distance(taps, style_moments([(pixels, 3.0)], network), network) == pytest.approx(
        0, abs=1e-9
    )
    assert content_distance(taps, taps, network) == 0


def test_a_mask_measures_what_a_crop_would(network):
    pixels = picture(1)
    mask = np.zeros((48, 64), bool)
    mask[8:40, 16:48] = True
    tap = taps_of(pixels, network)[0]
    masked = moments(tap, torch.from_numpy(mask.astype(np.float32)))
    cropped = moments(tap[:, :, 8:40, 16:48])
    torch.testing.assert_close(masked.mean, cropped.mean)
    torch.testing.assert_close(masked.covariance, cropped.covariance)


def test_a_mixture_of_styles_lies_between_them_by_weight(network):
    light, dark = picture(1) * 0.2 + 0.8, picture(2) * 0.2
    mixed = style_moments([(light, 3.0), (dark, 1.0)], network)
    ends = [style_moments([(p, 1.0)], network) for p in (light, dark)]
    torch.testing.assert_close(mixed[0].mean, 0.75 * ends[0][0].mean + 0.25 * ends[1][0].mean)


def test_a_flat_grey_style_gives_numbers(network):
    grey = style_moments([(np.full((48, 64, 3), 0.5, np.float32), 1.0)], network)
    assert math.isfinite(style_distance(taps_of(picture(1), network), grey, network))


def test_a_style_is_scaled_to_the_height_asked_for_but_never_below_the_network():
    assert at_height(picture(1), 24, 8).shape == (24, 32, 3)
    assert at_height(picture(1), 2, 8).shape == (8, 11, 3)


def test_revealed_pixels_age_as_they_are_carried_along():
    trust = np.ones((8, 12), np.float32)
    trust[:, 10:] = 0
    flow = np.zeros((8, 12, 2), np.float32)
    flow[..., 0] = 2  # the camera pans: two columns come into sight at the right, all else goes left
    motion = Motion(flow, trust, cut=False)
    blank = np.zeros((8, 12, 3), np.float32)
    revealed = Revealed.none(8, 12)
    for _ in range(4):
        revealed = revealed.after(motion, blank, blank, blank)
    assert revealed.age[0].tolist() == [*[LONG_AGO] * 4, 3, 3, 2, 2, 1, 1, 0, 0]
    assert revealed.recent.sum() == 8 * 8
    assert not revealed.after(Motion.first_of_shot(8, 12), blank, blank, blank).recent.any()


def test_the_stale_picture_is_what_stood_there_before():
    before = picture(1, 8, 12)
    trust = np.ones((8, 12), np.float32)
    trust[2:5, 3:7] = 0
    revealed = Revealed.none(8, 12).after(still(trust), before, before * 0.5, picture(4, 8, 12))
    for _ in range(2):  # later pictures do not touch it
        revealed = revealed.after(still(np.ones((8, 12))), *(picture(s, 8, 12) for s in (2, 3, 4)))
    np.testing.assert_array_equal(revealed.stale[2:5, 3:7], before[2:5, 3:7])
    np.testing.assert_array_equal(revealed.stale_source[2:5, 3:7], before[2:5, 3:7] * 0.5)


def test_a_few_revealed_pixels_have_no_style_of_their_own(network):
    pixels = picture(1)
    taps, few = taps_of(pixels, network), np.zeros((48, 64), bool)
    few[0, :10] = True
    assert math.isnan(revealed_ratio(taps, taps, style_moments([(picture(2), 1.0)], network), network, few))
