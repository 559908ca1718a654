"""Settings that change along a clip: evenly, as far as was asked for, and alike after a stop."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from tests.synthesis.conftest import landscape, strokes
from vidstyle.frames import Frame, Motion
from vidstyle.schedule import Keyframe, Schedule
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.scheduled import Scheduled

RED, BLUE = (np.full((64, 64, 3), color, np.uint8) for color in ((200, 60, 40), (40, 80, 200)))
FROM_RED_TO_BLUE = Schedule(
    (Keyframe(Fraction(0), style_weights=(1, 0)), Keyframe(Fraction(10), style_weights=(0, 1)))
)
SOURCE = landscape()


def frame(second: int) -> Frame:
    return Frame(SOURCE, pts=second, time_base=Fraction(1), index=second)


def still(cut: bool = False) -> Motion:
    motion = Motion.first_of_shot(*SOURCE.shape[:2])
    return Motion(motion.flow_to_previous, motion.trust + 1, cut=cut)


@pytest.fixture
def painter(network, quick):
    def make(schedule, *styles, **overrides):
        settings = quick(schedule=schedule, **overrides)
        pictures = [StylePicture(picture) for picture in styles]
        return Scheduled(OptimisingStylizer(pictures, settings, network), settings)

    return make


def shown(painter, seconds):
    first, *others = seconds
    return [painter.start(frame(first)).floats()] + [
        painter.next(frame(second), still()).floats() for second in others
    ]


def test_from_one_flat_style_to_another_the_colour_goes_evenly(painter):
    pictures = shown(painter(FROM_RED_TO_BLUE, RED, BLUE), range(12))
    for second, picture in enumerate(pictures):
        share = min(second / 10, 1)
        wanted = ((1 - share) * RED[0, 0] + share * BLUE[0, 0]) / 255
        assert np.abs(picture.mean((0, 1)) - wanted).max() < 0.025
    changes = [np.abs(b - a).mean() for a, b in pairwise(pictures)]
    assert max(changes[:10]) < 1.2 * min(changes[:10])  # no frame jumps, none stands still
    assert changes[10] < 0.1 * changes[9]


def test_a_schedule_that_changes_nothing_paints_what_plain_settings_paint(painter, network, quick):
    flat = Schedule((Keyframe(Fraction(0), strength=0.6, style_weights=(3, 1)),))
    scheduled = shown(painter(flat, strokes(), BLUE, first_steps=(4, 4)), range(3))
    styles = [StylePicture(strokes(), 3), StylePicture(BLUE, 1)]
    plain = shown(OptimisingStylizer(styles, quick(strength=0.6, first_steps=(4, 4)), network), range(3))
    for one, other in zip(scheduled, plain, strict=True):
        np.testing.assert_array_equal(one, other)


def test_strength_comes_out_of_the_source_and_goes_back_to_it(painter):
    dip = [(0, 0.0), (1, 0.0), (6, 1.0), (11, 0.0), (12, 0.0)]
    schedule = Schedule(tuple(Keyframe(Fraction(at), strength=value) for at, value in dip))
    pictures = shown(painter(schedule, strokes()), range(13))
    away = [np.abs(picture - SOURCE / np.float32(255)).mean() for picture in pictures]
    for untouched in (0, 1, 11, 12):
        np.testing.assert_array_equal(pictures[untouched], frame(0).floats())
    assert away[1:7] == sorted(away[1:7])
    assert away[6:12] == sorted(away[6:12], reverse=True)
    assert max(abs(b - a) for a, b in pairwise(away)) < 0.45 * max(away)


def test_a_resumed_render_goes_on_alike(painter):
    whole = painter(FROM_RED_TO_BLUE, RED, BLUE)
    shown(whole, range(3))
    resumed = painter(FROM_RED_TO_BLUE, RED, BLUE)
    resumed.restore({name: np.array(array) for name, array in whole.state().items()})
    expected = whole.next(frame(3), still()).pixels
    np.testing.assert_array_equal(resumed.next(frame(3), still()).pixels, expected)


@pytest.mark.parametrize("name", ["content_weight", "style_weight", "temporal_weight", "smoothness_weight"])
def test_every_weight_of_the_loss_counts_from_its_moment_on(painter, name):
    schedule = Schedule((Keyframe(Fraction(1), **{name: 1.0}), Keyframe(Fraction(2), **{name: 30.0})))
    changing, constant = (
        painter(each, strokes(), first_steps=(4, 4))
        for each in (schedule, Schedule((replace(schedule.keyframes[0]),)))
    )
    first, second = (shown(each, range(3)) for each in (changing, constant))
    np.testing.assert_array_equal(first[1], second[1])
    assert np.abs(first[2] - second[2]).mean() > 1e-4
