"""Frames in, scores out: shots, streams that do not fit, frames left out, and what JSON gets."""

import dataclasses
import json
import math

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Motion
from vidstyle.quality import evaluate, score_frames


def test_a_cut_starts_a_shot_that_is_compared_with_nothing_before(source, clean, judge, as_frames):
    moved = [(f, Motion.first_of_shot(64, 96) if n == 5 else m) for n, (f, m) in enumerate(source)]
    report = evaluate(as_frames(clean), moved, judge)
    assert [(shot.shot, shot.first, shot.frames) for shot in report.shots] == [(0, 0, 5), (1, 5, 9)]
    first = report.frames[5]
    assert math.isnan(first.warping)
    assert math.isnan(first.from_first)
    assert math.isnan(first.ghost)
    assert math.isfinite(first.style)
    assert math.isfinite(report.frames[6].warping)


def test_long_term_errors_begin_after_ten_frames_of_the_shot(source, clean, judge, as_frames):
    frames = evaluate(as_frames(clean), source, judge).frames
    assert [frame.index for frame in frames if math.isfinite(frame.long_term)] == [10, 11, 12, 13]
    assert [frame.index for frame in frames if math.isfinite(frame.from_first)] == list(range(2, 14))


def test_costly_measures_can_be_taken_now_and_then(source, clean, judge, as_frames):
    sparse = dataclasses.replace(judge, every=4, alone_every=6)
    frames = evaluate(as_frames(clean), source, sparse).frames
    assert [f.index for f in frames if math.isfinite(f.style)] == [0, 4, 6, 8, 12]
    assert [f.index for f in frames if math.isfinite(f.revealed)] == [6, 12]
    assert all(math.isfinite(f.warping) for f in frames[1:])


def test_without_a_stylizer_revealed_areas_are_left_out(source, clean, judge, as_frames):
    report = evaluate(as_frames(clean), source, dataclasses.replace(judge, alone=None))
    assert math.isnan(report.mean("revealed"))
    assert report.worst("revealed") is None
    assert math.isfinite(report.mean("style"))


def test_frames_are_taken_one_at_a_time(source, clean, judge, as_frames):
    taken = []

    def counted(frames):
        for frame in frames:
            taken.append(1)
            yield frame

    scores = score_frames(counted(as_frames(clean)), source, judge)
    assert not taken
    for number, score in enumerate(scores):
        assert score.index == number
        assert len(taken) == number + 1


@pytest.mark.parametrize(
    ("kept", "complaint"), [(9, "the source goes on after 9"), (99, "the result goes on after 14")]
)
def test_streams_of_other_lengths_are_refused(source, clean, judge, kept, complaint, as_frames):
    pictures = as_frames(np.concatenate([clean, clean[:1]]))[:kept]
    with pytest.raises(InputError, match=complaint):
        evaluate(pictures, source, judge)


def test_streams_of_other_sizes_are_refused(source, clean, judge, as_frames):
    with pytest.raises(InputError, match="a source of 96x64 cannot be compared with a result of 48x64"):
        evaluate(as_frames(clean[:, :, :48]), source, judge)


def test_frames_too_small_for_the_network_are_refused(judge):
    tiny = Frame(np.zeros((4, 40, 3), np.uint8))
    with pytest.raises(InputError, match="40x4 is too small"):
        evaluate([tiny], [(tiny, Motion.first_of_shot(4, 40))], judge)


def test_bytes_and_floats_score_alike(source, clean, judge, as_frames):
    floats = evaluate(as_frames(clean), source, judge)
    eight_bits = evaluate([f.with_pixels(f.bytes()) for f in as_frames(clean)], source, judge)
    assert eight_bits.mean("style") == pytest.approx(floats.mean("style"), rel=0.01)
    assert eight_bits.mean("warping") < 1e-9  # exact motion carries bytes to the same bytes


def test_a_report_is_plain_json_with_null_for_what_was_not_measured(source, clean, judge, as_frames):
    report = evaluate(as_frames(clean), source, judge)
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert plain["frames"][0]["warping"] is None
    assert plain["means"]["style"] == pytest.approx(report.mean("style"))
    assert plain["network"] == "test"
    assert len(plain["shots"][0]["color"]) == 3
    assert plain["shots"][0]["style"]["slope"] == report.shots[0].style.slope


def test_an_empty_clip_gives_an_empty_report(judge):
    report = evaluate([], [], judge)
    assert report.frames == ()
    assert math.isnan(report.mean("warping"))
