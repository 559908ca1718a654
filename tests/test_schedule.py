"""Between keyframes values go as they should; at keyframes they are what was asked for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidstyle.errors import SettingsError
from vidstyle.pipeline import read_schedule, write_schedule
from vidstyle.schedule import Keyframe, Schedule, eased
from vidstyle.settings import Settings

unit = st.floats(0, 1)
moments = st.integers(0, 10**6).map(lambda n: Fraction(n, 1000))
easing = st.sampled_from(["linear", "smooth"])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Keyframes of strength, boil and two styles' weights, each setting in some of them."""
    frames = []
    for at in sorted(draw(st.sets(moments, min_size=1, max_size=6))):
        given = draw(st.sets(st.sampled_from(["strength", "boil", "style_weights"]), min_size=1))
        weights = st.tuples(st.floats(0, 9), st.floats(0.1, 9))
        values = {name: draw(weights if name == "style_weights" else unit) for name in sorted(given)}
        frames.append(Keyframe(at, ease=draw(easing), **values))
    return Schedule(tuple(frames))


def share(weights: tuple[float, ...]) -> float:
    return weights[0] / sum(weights)


@given(schedules())
def test_at_a_keyframe_a_setting_is_what_it_gives(schedule: Schedule) -> None:
    for frame in schedule.keyframes:
        now = schedule.at(frame.at)
        for name, value in frame.values.items():
            if isinstance(value, tuple):
                assert now[name] == pytest.approx([weight / sum(value) for weight in value])
            else:
                assert now[name] == value


@given(schedules(), moments)
def test_between_keyframes_it_stays_between_their_values(schedule: Schedule, time: Fraction) -> None:
    now = schedule.at(time)
    for name in schedule.names:
        given = [frame.values[name] for frame in schedule.keyframes if name in frame.values]
        plain = [share(value) if isinstance(value, tuple) else value for value in given]
        value = share(now[name]) if isinstance(now[name], tuple) else now[name]
        assert min(plain) - 1e-9 <= value <= max(plain) + 1e-9


@given(schedules(), moments)
def test_shares_of_styles_sum_to_one(schedule: Schedule, time: Fraction) -> None:
    weights = schedule.at(time).get("style_weights")
    if weights is not None:
        assert sum(weights) == pytest.approx(1)


@given(unit, unit, st.integers(1, 1000), unit)
def test_a_linear_stretch_is_even_and_an_eased_one_meets_it_in_the_middle(
    one: float, other: float, length: int, part: float
) -> None:
    ends = Keyframe(Fraction(0), strength=one), Keyframe(Fraction(length), strength=other)
    linear, smooth = (Schedule((ends[0], replace(ends[1], ease=ease))) for ease in ("linear", "smooth"))
    time = length * Fraction(part)
    assert linear.at(time)["strength"] == pytest.approx(one + part * (other - one), abs=1e-9)
    middle = Fraction(length, 2)
    assert smooth.at(middle)["strength"] == pytest.approx(linear.at(middle)["strength"])


@given(unit, unit)
def test_easing_is_slow_at_both_ends_and_never_turns_back(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert eased(low, "smooth") <= eased(high, "smooth") + 1e-12
    assert eased(1e-3, "smooth") < 1e-5
    assert 1 - eased(1 - 1e-3, "smooth") < 1e-5


@given(schedules(), st.integers(1, 10**6))
def test_before_the_first_keyframe_and_after_the_last_values_hold(schedule: Schedule, later: int) -> None:
    last = schedule.keyframes[-1].at
    assert schedule.at(last + later) == schedule.at(last + 2 * later)
    assert schedule.at(Fraction(-later)) == schedule.at(Fraction(-2 * later))


def test_a_setting_that_a_keyframe_leaves_out_goes_on_past_it() -> None:
    schedule = Schedule(
        (
            Keyframe(Fraction(0), strength=0.0),
            Keyframe(Fraction(1), boil=0.5),
            Keyframe(Fraction(4), strength=1.0),
        )
    )
    assert schedule.at(Fraction(1)) == {"strength": 0.25, "boil": 0.5}


def test_times_count_from_the_origin() -> None:
    schedule = Schedule((Keyframe(Fraction(0), strength=0.0), Keyframe(Fraction(2), strength=1.0)))
    assert schedule.since(Fraction(10)).at(Fraction(11)) == {"strength": 0.5}


@given(schedules())
def test_a_schedule_comes_back_from_json_and_from_one_line_of_toml(schedule: Schedule) -> None:
    assert Schedule.from_list(schedule.as_list()) == schedule
    assert read_schedule(write_schedule(schedule), styles=2) == schedule


@given(schedules())
def test_settings_with_a_schedule_come_back_from_json(schedule: Schedule) -> None:
    settings = Settings(schedule=schedule)
    assert Settings.from_dict(settings.as_dict()) == settings
    assert hash(settings) == hash(Settings.from_dict(settings.as_dict()))


def test_the_settings_of_a_moment_have_no_schedule_of_their_own() -> None:
    settings = Settings(schedule=Schedule((Keyframe(Fraction(1), strength=0.5, style_weights=(1, 0)),)))
    assert settings.at(Fraction(3)) == Settings(strength=0.5)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"strength": 0.5}, "strength: is in the schedule too"),
        ({"quality": "live"}, "content_weight: means nothing with quality live"),
    ],
)
def test_a_schedule_has_to_fit_the_other_settings(settings: dict[str, object], says: str) -> None:
    schedule = Schedule((Keyframe(Fraction(1), strength=1.0, content_weight=1.0),))
    with pytest.raises(SettingsError, match=says):
        Settings.preset(**settings, schedule=schedule)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Schedule(()),
        lambda: Schedule((Keyframe(Fraction(1), strength=1.0), Keyframe(Fraction(1), strength=0.0))),
        lambda: Keyframe(Fraction(1)),
        lambda: Keyframe(Fraction(-1), strength=1.0),
        lambda: Keyframe(Fraction(1), style_weights=(0.0, 0.0)),
        lambda: Keyframe(Fraction(1), strength=1.0, ease="bouncy"),  # type: ignore[arg-type]
        lambda: Settings(schedule=Schedule((Keyframe(Fraction(1), strength=1.5),))),
    ],
)
def test_what_makes_no_sense_is_refused(make: object) -> None:
    with pytest.raises(SettingsError):
        make()  # type: ignore[operator]
