"""Each instrument sees the fault that it is for, by a stated factor, and is blind to the others.

A perfect painting of the scene is spoilt in one way at a time. `painter` below is the careless
recursive renderer: where the flow is trusted it carries its last picture along, elsewhere it does
what the fault says. Its warping error is exactly 0, which is the trap that these tests are about.
"""

import math

import cv2
import numpy as np
import pytest

from vidstyle.frames import Motion
from vidstyle.motion import warp
from vidstyle.quality import evaluate
from vidstyle.quality.ghost import ghosting, uncovered
from vidstyle.quality.revealed import Revealed


def painter(clean, source, fill):
    pictures = [clean[0]]
    for ideal, (_, motion) in zip(clean[1:], source[1:], strict=True):
        carried = warp(pictures[-1], motion.flow_to_previous, interpolation="linear")
        pictures.append(np.where(motion.trust[..., None] > 0, carried, fill(ideal, carried)))
    return np.stack(pictures)


@pytest.fixture(scope="module")
def reports(source, clean, alone, judge, as_frames):
    brightness = np.random.default_rng(0).normal(0, 0.03, (len(clean), 1, 1, 1))
    middle = clean.mean(axis=(0, 1, 2))
    pictures = {
        "clean": clean,
        "repainted": alone,
        "flicker": clean + brightness,
        "ghost": painter(clean, source, lambda ideal, stale: 0.5 * ideal + 0.5 * stale),
        "faint ghost": painter(clean, source, lambda ideal, stale: 0.75 * ideal + 0.25 * stale),
        "grey": painter(clean, source, lambda ideal, stale: np.broadcast_to(middle, ideal.shape)),
        "blur": np.stack([cv2.GaussianBlur(p, (0, 0), 0.2 + 0.03 * t) for t, p in enumerate(clean)]),
        "fade": clean * (1 - np.arange(len(clean)) / 100)[:, None, None, None],
    }
    return {
        name: evaluate(as_frames(np.clip(stack, 0, 1)), source, judge) for name, stack in pictures.items()
    }


def test_a_clean_painting_passes_every_instrument(reports):
    report = reports["clean"]
    assert report.mean("warping") < 1e-9
    assert report.mean("long_term") < 1e-9
    assert report.mean("from_first") < 1e-9
    assert abs(report.mean("ghost")) < 0.08
    assert 0.8 < report.mean("revealed") < 1.15
    assert 0.9 < report.shots[0].sharpness.ratio < 1.1


def test_the_sources_own_warping_error_is_its_noise(reports):
    floor = 2 * 0.005**2  # two frames of independent noise
    for measure in ("warping_source", "warping_sharp_source", "long_term_source", "from_first_source"):
        assert reports["clean"].mean(measure) == pytest.approx(floor, rel=0.1)


@pytest.mark.parametrize(("fault", "factor"), [("flicker", 15), ("repainted", 200)])
@pytest.mark.parametrize("measure", ["warping", "warping_sharp", "long_term", "from_first"])
def test_flicker_raises_the_warping_errors(reports, fault, factor, measure):
    assert reports[fault].over_source(measure) > factor
    assert reports["clean"].over_source(measure) < 1


@pytest.mark.parametrize("fault", ["flicker", "repainted"])
def test_flicker_leaves_the_rest_alone(reports, fault):
    clean, report = reports["clean"], reports[fault]
    assert report.mean("style") == pytest.approx(clean.mean("style"), rel=0.1)
    assert report.mean("sharpness") == pytest.approx(clean.mean("sharpness"), rel=0.1)
    assert report.mean("content") == pytest.approx(clean.mean("content"), rel=0.1)
    assert report.mean("revealed") == pytest.approx(1, abs=0.1)
    assert abs(report.mean("ghost")) < 0.08


@pytest.mark.parametrize(("fault", "opacity"), [("ghost", 0.5), ("faint ghost", 0.25)])
def test_a_ghost_is_measured_by_its_opacity(reports, fault, opacity):
    assert reports[fault].mean("ghost") == pytest.approx(opacity, abs=0.08)


def test_a_ghost_stands_out_from_a_clean_picture_by_a_factor(reports):
    clean = max(abs(frame.ghost) for frame in reports["clean"].frames if math.isfinite(frame.ghost))
    assert reports["ghost"].mean("ghost") > 4 * max(clean, 0.05)


def distrusted(source, grown):
    """The same motion, distrusted around silhouettes and in patches where nothing was revealed."""
    for frame, motion in source:
        trust = cv2.erode(motion.trust, np.ones((2 * grown + 1,) * 2, np.uint8))
        trust[4:16, 20:50] = 0
        trust[22:40, 4:20] = 0
        yield frame, motion if motion.cut else Motion(motion.flow_to_previous, trust, cut=False)


def test_strokes_that_rightly_stand_where_flow_is_distrusted_are_no_ghost(
    source, clean, judge, reports, as_frames
):
    """Flow that is found is distrusted along every edge: the old strokes belong there."""
    spoilt = painter(clean, source, lambda ideal, stale: 0.5 * ideal + 0.5 * stale)
    less = list(distrusted(source, 1))
    assert abs(evaluate(as_frames(clean), less, judge).mean("ghost")) < 0.1
    assert evaluate(as_frames(spoilt), less, judge).mean("ghost") == pytest.approx(0.5, abs=0.12)


def test_slivers_and_what_comes_in_over_the_border_hide_no_ghost(source, clean):
    """The square is taken out: what is left to reveal is a column at the right, and 2 px at an edge."""
    frames = [frame.floats() for frame, _ in source]
    revealed = Revealed.none(*frames[0].shape[:2])
    for t in range(1, len(source)):
        motion = source[t][1]
        trust = np.ones_like(motion.trust)
        trust[:, -1:] = 0
        trust[30:50, 60 - t : 62 - t] = 0
        moved = Motion(np.full_like(motion.flow_to_previous, (1, 0)), trust, cut=False)
        revealed = revealed.after(moved, clean[t - 1], frames[t - 1], frames[t])
    assert revealed.recent.sum() > 320
    assert not uncovered(1 - frames[-1], revealed).any()
    assert math.isnan(ghosting(clean[-1].astype(np.float32), frames[-1], revealed))


@pytest.mark.parametrize("fault", ["ghost", "grey"])
def test_what_stays_in_revealed_areas_hides_from_the_other_instruments(reports, fault):
    clean, report = reports["clean"], reports[fault]
    assert report.over_source("warping") < 0.1
    assert report.over_source("long_term") < 0.1
    assert report.mean("content") == pytest.approx(clean.mean("content"), rel=0.1)
    assert report.mean("sharpness") == pytest.approx(clean.mean("sharpness"), rel=0.1)


def test_grey_patches_raise_the_style_distance_of_revealed_areas(reports):
    assert reports["grey"].mean("revealed") > 2.5 * reports["clean"].mean("revealed")
    assert abs(reports["grey"].mean("ghost")) < 0.15


def test_growing_blur_shows_as_drift_of_sharpness_only(reports):
    report = reports["blur"]
    assert report.shots[0].sharpness.ratio < 0.6
    assert report.shots[0].sharpness.slope < 0
    assert report.shots[0].sharpness_source.ratio == pytest.approx(1, abs=0.1)
    assert report.over_source("warping") < 0.5
    assert abs(report.mean("ghost")) < 0.08
    assert max(abs(line.change) for line in report.shots[0].color) < 0.02


def test_a_slow_fade_shows_as_drift_of_colour(reports):
    fading, clean = reports["fade"].shots[0], reports["clean"].shots[0]
    for before, after in zip(clean.color, fading.color, strict=True):
        assert after.change - before.change < -0.04
    assert reports["fade"].over_source("warping") < 2.5


def test_the_worst_frame_is_found(source, clean, judge, as_frames):
    spoilt = clean.copy()
    spoilt[6] += 0.1
    report = evaluate(as_frames(np.clip(spoilt, 0, 1)), source, judge)
    assert report.worst("warping").index in (6, 7)  # it differs from both of its neighbours
    assert all(math.isfinite(frame.warping) for frame in report.frames[1:])
