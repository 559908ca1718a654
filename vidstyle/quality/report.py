"""A clip's scores in sum: means over its frames, and drift over its shots."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from typing import Any

from vidstyle.frames import Frame, Motion
from vidstyle.quality.drift import Trend, trend
from vidstyle.quality.scores import FrameScores, Judge, score_frames

MEASURES = tuple(
    field.name
    for field in fields(FrameScores)
    if field.name not in ("index", "shot", "color", "color_source")
)


@dataclass(frozen=True)
class ShotReport:
    """What changed over one shot.

    Attributes:
        shot: its number, from 0.
        first: index of its first frame.
        frames: how many it has.
        style: trend of the style distance.
        style_last_over_first: style distance of its last measured frame over that of its first.
        sharpness: trend of the gradient energy; `sharpness_source` the source's own.
        color: trends of mean red, green and blue; `color_source` the source's own.
    """

    shot: int
    first: int
    frames: int
    style: Trend
    style_last_over_first: float
    sharpness: Trend
    sharpness_source: Trend
    color: tuple[Trend, ...]
    color_source: tuple[Trend, ...]

    @classmethod
    def of(cls, scores: list[FrameScores]) -> ShotReport:
        """The report on the frames of one shot, in order."""
        at = [s.index for s in scores]
        measured = [s.style for s in scores if math.isfinite(s.style)]
        comparable = len(measured) > 1 and measured[0] > 0
        return cls(
            shot=scores[0].shot,
            first=at[0],
            frames=len(scores),
            style=trend(at, [s.style for s in scores]),
            style_last_over_first=measured[-1] / measured[0] if comparable else math.nan,
            sharpness=trend(at, [s.sharpness for s in scores]),
            sharpness_source=trend(at, [s.sharpness_source for s in scores]),
            color=tuple(trend(at, [s.color[c] for s in scores]) for c in range(3)),
            color_source=tuple(trend(at, [s.color_source[c] for s in scores]) for c in range(3)),
        )


@dataclass(frozen=True)
class Report:
    """All that was measured of a clip.

    Attributes:
        network: name of the features used, and `fingerprint` of their weights.
        frames: measures of each frame.
        shots: drift over each shot.
    """

    network: str
    fingerprint: str
    frames: tuple[FrameScores, ...]
    shots: tuple[ShotReport, ...]

    @classmethod
    def of(cls, judge: Judge, frames: Iterable[FrameScores]) -> Report:
        """The report on frames, in order, that a judge scored."""
        frames = tuple(frames)
        shots = tuple(
            ShotReport.of(list(group)) for _, group in groupby(frames, key=lambda frame: frame.shot)
        )
        return cls(judge.network.name, judge.network.fingerprint, frames, shots)

    def mean(self, measure: str) -> float:
        """Mean of a measure over the frames where it was taken; NaN if it never was."""
        values = [v for v in (getattr(frame, measure) for frame in self.frames) if math.isfinite(v)]
        return math.fsum(values) / len(values) if values else math.nan

    def over_source(self, measure: str) -> float:
        """Mean of "warping", "long_term", "from_first" or "sharpness" over that of the source."""
        return ratio(self.mean(measure), self.mean(f"{measure}_source"))

    def worst(self, measure: str) -> FrameScores | None:
        """The frame where a measure is highest; None if it was never taken."""
        taken = [frame for frame in self.frames if math.isfinite(getattr(frame, measure))]
        return max(taken, key=lambda frame: float(getattr(frame, measure)), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON; None stands for what was not measured."""
        means = {measure: self.mean(measure) for measure in MEASURES}
        plain: dict[str, Any] = _without_nan({"means": means, **asdict(self)})
        return plain


def ratio(value: float, floor: float) -> float:
    """A measure over its floor: infinite over one of 0, but 1 where both are; NaN where one was not taken."""
    if floor == 0:
        return math.nan if math.isnan(value) else math.inf if value > 0 else 1.0
    return value / floor if floor > 0 else math.nan


def evaluate(stylized: Iterable[Frame], source: Iterable[tuple[Frame, Motion]], judge: Judge) -> Report:
    """Measure a result against its source; arguments and errors as `score_frames`.

    Frames are taken one by one and let go: memory grows by the scores alone.
    """
    return Report.of(judge, score_frames(stylized, source, judge))


def _without_nan(value: Any) -> Any:
    """The same structure with None for NaN, which JSON has no word for."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
