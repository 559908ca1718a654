"""The measures of a clip by name: what the table shows, limits are set on, and reports tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vidstyle.quality.report import Report, ratio


@dataclass(frozen=True)
class Measure:
    """One number about a whole clip.

    Attributes:
        name: as limits and JSON know it.
        title: as people read it.
        value: the number; NaN where it was not measured.
        beside: what it is a multiple of when a limit says "2x"; None where that means nothing.
        against: what `beside` is.
        matched: the number on just the frames that `beside` has; None where those are the same.
    """

    name: str
    title: str
    value: Callable[[Report], float]
    beside: Callable[[Report], float] | None = None
    against: str = ""
    matched: Callable[[Report], float] | None = None

    def ratio(self, report: Report) -> float:
        """The value as a multiple of what stands beside it; NaN where there is nothing."""
        if self.beside is None:
            return math.nan
        return ratio((self.matched or self.value)(report), self.beside(report))


def _mean(field: str) -> Callable[[Report], float]:
    return lambda report: report.mean(field)


def _beside_source(name: str, field: str, title: str) -> Measure:
    return Measure(name, title, _mean(field), _mean(f"{field}_source"), "the source's own")


def style_drift(report: Report) -> float:
    """Style distance of a shot's last frame over that of its first, of the shot where it is highest."""
    return max(_finite(shot.style_last_over_first for shot in report.shots), default=math.nan)


def sharpness_drift(report: Report) -> float:
    """Gradient energy at the end of a shot over that at its start, less what the source does itself.

    Of the line through the shot, as a ratio: below 1 a blur grows, above 1 noise does. Of the shot
    where it is furthest from 1.
    """
    ratios = [_over(shot.sharpness.ratio, shot.sharpness_source.ratio) for shot in report.shots]
    return max(_finite(ratios), key=lambda ratio: abs(math.log(ratio)), default=math.nan)


def color_drift(report: Report) -> float:
    """The most that a shot's mean red, green or blue moves on its own, in 0..1.

    The change of the line through the shot, less the change of the source's, without sign.
    """
    changes = [
        abs(own.change - there.change)
        for shot in report.shots
        for own, there in zip(shot.color, shot.color_source, strict=True)
    ]
    return max(_finite(changes), default=math.nan)


def style_beside_alone(report: Report) -> float:
    """Mean style distance of just those frames that were also stylized alone."""
    values = [frame.style for frame in report.frames if math.isfinite(frame.style_alone)]
    return math.fsum(values) / len(values) if values else math.nan


MEASURES = (
    _beside_source("warping", "warping", "warping error, frame to frame"),
    _beside_source("warping-sharp", "warping_sharp", "warping error, by a sharp warp"),
    _beside_source("long-term", "long_term", "warping error, 10 frames back"),
    _beside_source("from-first", "from_first", "warping error, to the shot's first"),
    Measure(
        "style",
        "style distance",
        _mean("style"),
        _mean("style_alone"),
        "frames stylized alone",
        matched=style_beside_alone,
    ),
    Measure("content", "content distance", _mean("content")),
    Measure("revealed", "revealed areas, style over alone", _mean("revealed")),
    Measure("ghost", "ghost, its opacity", _mean("ghost")),
    _beside_source("sharpness", "sharpness", "sharpness, gradient energy"),
    Measure("drift", "drift of style, last over first", style_drift),
    Measure("sharpness-drift", "drift of sharpness, end over start", sharpness_drift),
    Measure("color-drift", "drift of colour", color_drift),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def summary(report: Report) -> dict[str, dict[str, float | str | None]]:
    """Every measure of a report, by name, as JSON values: value, what it stands beside, the ratio."""
    return {
        measure.name: {
            "value": _known(measure.value(report)),
            "beside": _known(measure.beside(report)) if measure.beside else None,
            "against": measure.against,
            "ratio": _known(measure.ratio(report)),
        }
        for measure in MEASURES
    }


def _over(value: float, floor: float) -> float:
    """Their ratio; NaN where one of them is not above 0 (a line through a shot may end below it)."""
    return value / floor if value > 0 and floor > 0 else math.nan


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
