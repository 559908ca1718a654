"""Limits: what scripts may write, what is refused with which advice, and what crosses them."""

import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import SettingsError
from vidstyle.quality import FrameScores, Report
from vidstyle.quality.measures import BY_NAME, MEASURES
from vidstyle.quality.thresholds import COMPARISONS, Limit, judge, parse_limits


def report(**scores):
    return Report("test", "0" * 64, (FrameScores(0, 0, **scores),), ())


def test_several_limits_are_read_with_their_spaces_and_underscores():
    assert parse_limits("warping>2x, long_term >= 1e-3,Ghost<.5") == (
        Limit("warping", ">", 2.0, relative=True),
        Limit("long-term", ">=", 0.001),
        Limit("ghost", "<", 0.5),
    )


limits = st.builds(
    Limit,
    st.sampled_from([m.name for m in MEASURES if m.beside]),
    st.sampled_from(list(COMPARISONS)),
    st.floats(-1e6, 1e6).map(lambda number: float(f"{number:g}")),
    st.booleans(),
)


@given(st.lists(limits, min_size=1, max_size=4))
def test_what_a_limit_reads_as_makes_the_same_limit(given_limits):
    assert parse_limits(",".join(map(str, given_limits))) == tuple(given_limits)


@given(st.text(alphabet=string.printable, max_size=20))
def test_any_text_is_limits_or_refused(text):
    try:
        assert all(limit.measure in BY_NAME for limit in parse_limits(text))
    except SettingsError as error:
        assert error.where == "--fail-if"
        assert error.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("warpin>2x", "no measure 'warpin'. Did you mean warping?"),
        ("sharpnes-drift<1", "no measure 'sharpnes-drift'. Did you mean sharpness-drift?"),
        ("zzz>1", "no measure 'zzz'. There are warping, "),
        ("ghost>2x", "ghost is no multiple of anything. Leave out the x; it goes with warping, "),
        ("warping", "'warping' is not a limit"),
        ("warping=2", "is not a limit"),
        ("warping>", "is not a limit"),
        ("warping>2y", "is not a limit"),
        ("warping>1e", "is not a limit"),
        ("warping>1e999", "is not a limit"),
        ("warping>2x,,drift>1", "'' is not a limit"),
        ("", "'' is not a limit"),
    ],
)
def test_what_is_no_limit_is_refused_with_advice(text, message):
    with pytest.raises(SettingsError) as caught:
        parse_limits(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "crossed"),
    [
        ("warping>0.3", False),
        ("warping>=0.3", True),
        ("warping>0.2", True),
        ("warping<0.4", True),
        ("warping<0.3", False),
        ("warping<=0.3", True),
        ("warping>2.9x", True),
        ("warping>3.1x", False),
    ],
)
def test_a_limit_is_crossed_by_value_or_by_ratio(text, crossed):
    (verdict,) = judge(report(warping=0.3, warping_source=0.1), parse_limits(text))
    assert verdict.crossed is crossed
    assert verdict.measured


@pytest.mark.parametrize(("warping", "crossed"), [(0.1, True), (0.0, False)])
def test_what_flickers_over_a_source_that_stands_still_is_beyond_any_multiple(warping, crossed):
    (verdict,) = judge(report(warping=warping, warping_source=0.0), parse_limits("warping>2x"))
    assert (verdict.crossed, verdict.measured) == (crossed, True)


def test_what_was_not_measured_crosses_nothing_and_says_so():
    verdicts = judge(report(warping=0.3), parse_limits("ghost>0,ghost<9,warping>0x"))
    assert [(v.crossed, v.measured, math.isnan(v.value)) for v in verdicts] == [(False, False, True)] * 3
