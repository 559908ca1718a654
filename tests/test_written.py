"""What users type is read exactly, or refused with the option's name."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import SettingsError
from vidstyle.written import read_pairs, read_rate, read_size, read_time, read_weights, write_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", Fraction(0)),
        ("12", Fraction(12)),
        ("12.5", Fraction(25, 2)),
        (".5", Fraction(1, 2)),
        ("90", Fraction(90)),
        ("1:30", Fraction(90)),
        ("1:02:03.040", Fraction(3723) + Fraction(40, 1000)),
        ("100:00:00", Fraction(360_000)),
        (" 3 ", Fraction(3)),
    ],
)
def test_times_are_read_exactly(text: str, seconds: Fraction) -> None:
    assert read_time(text, "--start") == seconds


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1:60", "1:75:00", "1:2:3:4", "12s", "1e3", "inf", "nan", ":", "1:", "1/2", ".", "9" * 5000],
)
def test_what_is_no_time_is_refused_with_the_option(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--start: .* is not a time"):
        read_time(text, "--start")


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_a_time_that_was_typed_comes_back_the_same(seconds: object) -> None:
    exact = Fraction(str(seconds))
    assert read_time(write_time(exact), "--start") == exact


@pytest.mark.parametrize(
    ("text", "size"), [(None, None), ("640", 640), ("640x360", (640, 360)), ("640X360", (640, 360))]
)
def test_a_size_is_the_long_side_or_width_and_height(text: str | None, size: object) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "640x", "x360", "640*360", "-640", "640.5", "640x360x3", "9999999"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"--size: .* is not a size"):
        read_size(text)


def test_styles_count_equally_when_no_weights_are_given() -> None:
    assert read_weights(None, 3) == (1, 1, 1)


def test_each_style_gets_its_weight() -> None:
    assert read_weights("0.7, .3,0", 3) == (0.7, 0.3, 0)


@pytest.mark.parametrize(
    ("text", "styles", "complaint"),
    [
        ("1,2", 1, "has 2 weights for 1 style. "),
        ("1", 2, "has 1 weight for 2 styles"),
        ("1;2", 2, "not a list of numbers"),
        ("", 1, "not a list of numbers"),
        ("0,0", 2, "above 0"),
        ("1,-1", 2, "at least 0"),
        ("nan,1", 2, "at least 0"),
        ("inf,1", 2, "at least 0"),
    ],
)
def test_weights_that_do_not_fit_the_styles_are_refused(text: str, styles: int, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_weights(text, styles)


def test_pairs_keep_what_follows_the_first_equals_sign() -> None:
    assert read_pairs(["tune=film", "x264-params=a=1:b=2"], "-x") == {
        "tune": "film",
        "x264-params": "a=1:b=2",
    }


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [(["tune"], "is not key=value"), (["=film"], "is not key=value"), (["a=1", "a=2"], "gives 'a' twice")],
)
def test_what_is_no_pair_is_refused(texts: list[str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_pairs(texts, "--encoder-option")


@pytest.mark.parametrize(
    ("text", "rate"),
    [("24", 24), ("23.976", Fraction(2997, 125)), ("30000/1001", Fraction(30000, 1001)), (" 50 ", 50)],
)
def test_rates_are_read_exactly(text: str, rate: object) -> None:
    assert read_rate(text, "--rate") == rate


@pytest.mark.parametrize("text", ["", "fast", "-24", "1/0", "1e999999999", "9" * 5000, "24/1/1", "nan"])
def test_what_is_no_rate_is_refused_at_once(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a rate"):
        read_rate(text, "--rate")
