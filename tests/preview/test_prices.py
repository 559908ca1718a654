from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from shown_media import telling

from vidstyle.batch.speed import Cost, Speed
from vidstyle.pipeline import Job, Plan, StyleFile
from vidstyle.pipeline.plan import sketch
from vidstyle.pipeline.price import Price, duration
from vidstyle.preview import prices as prices_module
from vidstyle.preview.moments import Survey
from vidstyle.preview.prices import Prices
from vidstyle.settings import Settings

SPEED = Speed(step=Cost(0.5, 0), frame=Cost(0.25, 0), first_step=Cost(0.5, 0))
TWO_SHOTS = Survey(((Fraction(0),), (Fraction(2),)), whole=True)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings whose speed was measured; it is always `SPEED`."""
    seen: list[Settings] = []

    def calibrate(settings: Settings, *_: object) -> Speed:
        seen.append(settings)
        return SPEED

    monkeypatch.setattr(prices_module, "calibrate", calibrate)
    return seen


def plan_of(source: Path, style: Path, **settings: object) -> Plan:
    output = Path("out.png" if source.suffix == ".png" else "out.mkv")
    made = Settings.preset("draft", first_steps=(4, 2), steps=3, min_steps=1, **settings)
    return sketch(Job(source, (StyleFile(style),), output, made))


def test_a_price_adds_first_frames_and_later_ones(
    film: Path, styles: tuple[Path, Path], measured: list[Settings]
) -> None:
    prices = Prices(TWO_SHOTS, telling)
    price = prices.of(plan_of(film, styles[0]))
    assert price == Price(first=0.25 + 6 * 0.5, later=0.25 + 3 * 0.5, total=2 * 3.25 + 30 * 1.75)
    assert len(measured) == 1


def test_what_takes_the_same_steps_is_measured_once(
    film: Path, styles: tuple[Path, Path], measured: list[Settings]
) -> None:
    prices = Prices(TWO_SHOTS, telling)
    once = prices.of(plan_of(film, styles[0], strength=0.3))
    assert prices.of(plan_of(film, styles[0], strength=0.9)) == once
    assert len(measured) == 1
    prices.of(plan_of(film, styles[0], flow="medium"))
    assert len(measured) == 2


@pytest.mark.usefixtures("measured")
def test_drawings_that_are_held_cost_a_share(film: Path, styles: tuple[Path, Path]) -> None:
    price = Prices(TWO_SHOTS, telling).of(plan_of(film, styles[0], hold=3))
    assert price.later == pytest.approx(0.25 + 0.5)


@pytest.mark.usefixtures("measured")
def test_a_picture_has_one_price(styles: tuple[Path, Path]) -> None:
    price = Prices(Survey(((Fraction(0),),), whole=True), telling).of(plan_of(styles[0], styles[1]))
    assert price == Price(3.25, None, 3.25)
    assert price.short() == price.full() == "3.2 s"


def test_prices_are_told_in_two_figures() -> None:
    price = Price(4.32, 0.637, 72.4)
    assert price.short() == "0.64 s a frame, 72 s in all"
    assert price.full() == "0.64 s a frame, 4.3 s for the first of a shot, 72 s in all"
    assert Price(1, 0.5, None).full() == "0.5 s a frame, 1 s for the first of a shot"
    assert [duration(seconds) for seconds in (0.026, 12, 500, 4e4, 1e6)] == [
        "0.026 s",
        "12 s",
        "8.3 min",
        "11 h",
        "12 days",
    ]
