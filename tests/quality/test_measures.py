"""The measures of a clip, by name, from frames whose scores are known."""

import json
import math

import pytest

from vidstyle.quality import FrameScores, Report
from vidstyle.quality.measures import BY_NAME, MEASURES, summary
from vidstyle.quality.report import ShotReport


def report_of(*shots):
    """A report on shots, each a list of scores by field."""
    frames, index = [], 0
    for number, shot in enumerate(shots):
        for scores in shot:
            frames.append(FrameScores(index=index, shot=number, **scores))
            index += 1
    parts = [[frame for frame in frames if frame.shot == number] for number in range(len(shots))]
    return Report("test", "0" * 64, tuple(frames), tuple(ShotReport.of(part) for part in parts))


def value(name, report):
    return BY_NAME[name].value(report)


def test_an_error_stands_beside_the_sources_own():
    report = report_of([{}, {"warping": 0.4, "warping_source": 0.1}, {"warping": 0.2, "warping_source": 0.2}])
    assert value("warping", report) == pytest.approx(0.3)
    assert BY_NAME["warping"].ratio(report) == pytest.approx(2)


def test_style_beside_alone_compares_the_same_frames():
    report = report_of(
        [{"style": 9.0}, {"style": 0.3, "style_alone": 0.2}, {"style": 0.5, "style_alone": 0.3}]
    )
    assert BY_NAME["style"].ratio(report) == pytest.approx(0.8 / 0.5)


def test_drift_is_that_of_the_worst_shot():
    steady = [{"style": 0.10}, {"style": 0.5}, {"style": 0.10}]
    rising = [{"style": 0.10}, {"style": 0.11}, {"style": 0.13}]
    assert value("drift", report_of(steady, rising, steady)) == pytest.approx(1.3)
    assert value("drift", report_of(steady)) == pytest.approx(1.0)


def sharp(*values):
    return [{"sharpness": value, "sharpness_source": 1.0 + 0.5 * n} for n, value in enumerate(values)]


def test_drift_of_sharpness_leaves_out_what_the_source_does():
    as_source = sharp(2.0, 3.0, 4.0)
    assert value("sharpness-drift", report_of(as_source)) == pytest.approx(1)
    blurring = sharp(2.0, 1.5, 1.0)  # halves, while the source doubles
    assert value("sharpness-drift", report_of(as_source, blurring)) == pytest.approx(0.25)


def test_drift_of_colour_is_the_largest_step_of_any_channel_beyond_the_sources():
    frames = [
        {"color": (0.5, 0.5 - 0.02 * n, 0.5), "color_source": (0.5, 0.5, 0.5 + 0.01 * n)} for n in range(4)
    ]
    assert value("color-drift", report_of(frames)) == pytest.approx(0.06)


def test_what_was_never_measured_is_nan_and_null():
    report = report_of([{}])
    assert all(math.isnan(measure.value(report)) for measure in MEASURES)
    assert all(math.isnan(measure.ratio(report)) for measure in MEASURES)
    told = json.loads(json.dumps(summary(report), allow_nan=False))
    assert set(told) == set(BY_NAME)
    assert told["warping"] == {"value": None, "beside": None, "against": "the source's own", "ratio": None}


def test_an_empty_report_measures_nothing():
    empty = Report("test", "0" * 64, (), ())
    assert all(math.isnan(measure.value(empty)) for measure in MEASURES)
