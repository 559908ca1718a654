"""Settings of a stylization: one frozen dataclass, validated once, made from a preset and overrides."""

from __future__ import annotations

import difflib
import math
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from vidstyle.errors import SettingsError
from vidstyle.schedule import Schedule

Quality = Literal["live", "draft", "standard", "high"]
FeatureChoice = Literal["builtin", "vgg19"]
SolverChoice = Literal["adam", "lbfgs"]
StyleStatistics = Literal["moments", "gram"]
KeepColors = Literal["luminance", "match"]
FlowPreset = Literal["quick", "ultrafast", "fast", "medium"]
PrecisionChoice = Literal["auto", "float32", "bfloat16", "int8"]


@dataclass(frozen=True)
class Settings:
    """What the stylized picture should be, and how much work goes into it.

    The loss is L = content_weight * content + style_weight * style + temporal_weight * temporal
    + smoothness_weight * total variation (Gatys et al. 2016; Ruder et al. 2016). Every term is
    normalised, so that one set of weights works for every style and size.

    Attributes:
        quality: the preset that these settings were made from.
        content_weight: alpha, pull towards the source's content; at least 0.
        style_weight: beta, pull towards the style's statistics; at least 0.
        temporal_weight: gamma, pull towards the previous picture moved along the flow; at least 0.
        smoothness_weight: weight of the total variation; at least 0.
        strength: dial from the source (0) to the full style (1).
        style_size: height of the style picture as a share of the output's height; scales strokes.
        keep_colors: keep the source's colours: "luminance" takes only the style's light and dark, and lays
            the source's own colours over it; "match" paints with the style's colours moved to the source's
            palette. True is "luminance".
        detail: how far the source's edges, such as faces and letters, are kept; in 0..1.
        smooth: how far what is flat in the source, such as a sky, stays free of strokes; in 0..1.
        style_loss: match means and centred covariances, or Gram matrices (Gatys).
        solver: Adam or L-BFGS.
        first_steps: steps for the first frame of a shot at each scale, coarse to fine.
        steps: most steps for a later frame.
        min_steps: fewest steps before a later frame may stop early.
        step_size: Adam's step for pixels of the picture in 0..1, where the flow is not trusted.
        mending: strokes go on where flow fails though nothing was revealed (`motion.mending`).
        trusted_step: share of `step_size` taken where the flow is fully trusted; in 0..1.
        flow: how thorough the optical flow between frames is; "quick" is the live quality's.
        boil: how far strokes wobble from frame to frame, for a hand-drawn look; 0 stands still, 1 is much.
        hold: how many frames show one drawing; 2 draws on twos.
        loop: let the strokes of the last second turn into those of the first frame; not with `hold`.
        schedule: keyframes of settings that change along the clip; what it gives cannot be set besides.
        steady: how much the live quality holds the last picture where the flow is trusted; in 0..1.
        practice: how many lessons in its style the live network gets before it paints; 0 paints at first
            sight. A model of the user's own gets none.
        model: file of a live network's weights, instead of the built-in one; for the live quality.
        features: the perceptual network.
        weights: file of VGG-19 weights, instead of the one fetched into the cache.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        precision: arithmetic of the network; "auto" takes bfloat16 or int8 where that is faster.
        seed: seed of everything random.
    """

    quality: Quality = "standard"
    content_weight: float = 1.0
    style_weight: float = 1.0
    temporal_weight: float = 1.0
    smoothness_weight: float = 1.0
    strength: float = 1.0
    style_size: float = 1.0
    keep_colors: KeepColors | bool = False
    detail: float = 0.0
    smooth: float = 0.0
    style_loss: StyleStatistics = "moments"
    solver: SolverChoice = "adam"
    first_steps: tuple[int, ...] = (80, 60, 30)
    steps: int = 2
    min_steps: int = 2
    step_size: float = 0.03
    trusted_step: float = 0.15
    mending: bool = True
    flow: FlowPreset = "medium"
    boil: float = 0.0
    hold: int = 1
    loop: bool = False
    schedule: Schedule | None = None
    steady: float = 0.8
    practice: int = 0
    model: Path | None = None
    features: FeatureChoice = "builtin"
    weights: Path | None = None
    device: str = "auto"
    precision: PrecisionChoice = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.keep_colors is True:
            object.__setattr__(self, "keep_colors", "luminance")
        if self.keep_colors not in (False, *get_args(KeepColors)):
            raise SettingsError(
                f"cannot be {self.keep_colors!r}", where="keep_colors", hint="Choose luminance or match."
            )
        for name in ("content_weight", "style_weight", "temporal_weight", "smoothness_weight"):
            _check(name, getattr(self, name), 0, math.inf)
        _check("strength", self.strength, 0, 1)
        _check("style_size", self.style_size, 0.05, 8)
        _check("trusted_step", self.trusted_step, 0, 1)
        _check("steady", self.steady, 0, 1)
        _check("practice", self.practice, 0, 10_000)
        for name in ("boil", "detail", "smooth"):
            _check(name, getattr(self, name), 0, 1)
        _check("hold", self.hold, 1, 1000)
        if self.loop and self.hold > 1:
            raise SettingsError(
                "goes not with hold: its last second changes in every frame",
                where="loop",
                hint="Leave out one.",
            )
        _check("step_size", self.step_size, 1e-4, 1)
        _check("steps", self.steps, 1, 10_000)
        _check("min_steps", self.min_steps, 1, self.steps)
        if not self.first_steps or min(self.first_steps) < 1:
            raise SettingsError(
                f"is {self.first_steps}", where="first_steps", hint="Give at least one step at each scale."
            )
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise SettingsError(
                    f"cannot be {getattr(self, name)!r}", where=name, hint=f"Choose {_alternatives(choices)}."
                )
        self._check_fit()
        if self.schedule is not None:
            self._check_schedule(self.schedule)

    def _check_schedule(self, schedule: Schedule) -> None:
        """Refuse keyframes out of range or unfit for the quality, and settings that are given twice."""
        own = [name for name in schedule.names if name in type(self).__dataclass_fields__]
        for name in own:
            if getattr(self, name) != getattr(type(self), name):
                raise SettingsError("is in the schedule too", where=name, hint="Leave out one of them.")
            self._check_use(name)
        for keyframe in schedule.keyframes:
            self.at(schedule.origin + keyframe.at)

    def at(self, seconds: Fraction) -> Settings:
        """The settings of a moment: those that the schedule gives, then; itself without a schedule.

        Args:
            seconds: on the clock of the schedule's origin; the source's start for one read from a file.
        """
        if self.schedule is None:
            return self
        now = self.schedule.at(seconds)
        now.pop("style_weights", None)
        values: dict[str, Any] = dict(now)
        return replace(self, schedule=None, **values)

    @property
    def practises(self) -> bool:
        """Whether the live network gets lessons first; one trained to a style of its own does not."""
        return self.practice > 0 and self.model is None

    def ever(self, name: str) -> bool:
        """Whether a number is above 0 at any moment."""
        frames = () if self.schedule is None else self.schedule.keyframes
        return getattr(self, name) > 0 or any((getattr(frame, name) or 0) > 0 for frame in frames)

    def _check_fit(self) -> None:
        """Refuse what the quality has no use for: it would be a wish that nobody hears."""
        for field in fields(self):
            if getattr(self, field.name) != field.default:
                self._check_use(field.name)
        if self.quality != "live" and self.flow == "quick":
            raise SettingsError(
                "is the live quality's own", where="flow", hint="Choose ultrafast, fast or medium."
            )
        if self.precision == "int8" and self.features == "vgg19":
            raise SettingsError(
                "is int8", where="precision", hint="VGG-19 computes in float32 or bfloat16; so does auto."
            )

    def _check_use(self, name: str) -> None:
        """Refuse a setting that means nothing in this quality."""
        live = self.quality == "live"
        if name in (OF_THE_OPTIMISER if live else OF_LIVE):
            other = "another quality" if live else "--quality live"
            raise SettingsError(
                f"means nothing with quality {self.quality}",
                where=name,
                hint=f"Leave it out, or choose {other}.",
            )

    @classmethod
    def preset(cls, quality: str = "standard", **overrides: Any) -> Settings:
        """Settings of a quality, with some replaced; overrides that are None keep the preset's value.

        Raises:
            SettingsError: no such quality or setting, or a value out of range.
        """
        if quality not in PRESETS:
            raise SettingsError(
                f"no quality {quality!r}",
                where="quality",
                hint=_suggestion(quality, list(PRESETS)),
            )
        known = {field.name for field in fields(cls)}
        for name in overrides:
            if name not in known:
                raise SettingsError("no such setting", where=name, hint=_suggestion(name, sorted(known)))
        given = {name: value for name, value in overrides.items() if value is not None}
        if "steps" in given and "min_steps" not in given:
            given["min_steps"] = min(PRESETS[quality].min_steps, max(1, int(given["steps"])))
        return replace(PRESETS[quality], **given)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        values = asdict(self)
        for name in ("weights", "model"):
            values[name] = None if getattr(self, name) is None else str(getattr(self, name))
        values["first_steps"] = list(self.first_steps)
        values["schedule"] = None if self.schedule is None else self.schedule.as_list()
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """The settings that `as_dict` gave."""
        given = dict(values)
        given["first_steps"] = tuple(given["first_steps"])
        for name in ("weights", "model"):
            given[name] = None if given[name] is None else Path(given[name])
        if given.get("schedule") is not None:
            given["schedule"] = Schedule.from_list(given["schedule"])
        return cls(**given)


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high or not math.isfinite(value):
        limits = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        raise SettingsError(f"is {value:g}", where=name, hint=f"It must be {limits}.")


def _alternatives(choices: tuple[str, ...]) -> str:
    return " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else choices[0]


def _suggestion(name: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(name, choices, n=1)
    return f"Did you mean {close[0]}?" if close else f"Choose {_alternatives(tuple(choices))}."


_CHOICES: dict[str, tuple[str, ...]] = {
    "quality": get_args(Quality),
    "style_loss": get_args(StyleStatistics),
    "solver": get_args(SolverChoice),
    "flow": get_args(FlowPreset),
    "features": get_args(FeatureChoice),
    "precision": get_args(PrecisionChoice),
}

OF_LIVE = ("steady", "practice", "model")
"""Settings that mean something in the live quality alone."""

OF_THE_OPTIMISER = (
    *("detail", "smooth"),
    *("content_weight", "style_weight", "temporal_weight", "smoothness_weight", "style_loss", "solver"),
    *("first_steps", "steps", "min_steps", "step_size", "trusted_step", "mending"),
    *("features", "weights"),
)

PRESETS: dict[str, Settings] = {
    # Lessons of 12 s on two cores bring the styles nearest that the network knows least.
    "live": Settings(quality="live", flow="quick", practice=128),
    # Its first frame is less settled: shorter steps keep more of the content, and strokes stand stiller.
    "draft": Settings(
        quality="draft",
        first_steps=(50, 30, 12),
        steps=1,
        min_steps=1,
        step_size=0.025,
        trusted_step=0.15,
        flow="fast",
    ),
    "standard": Settings(quality="standard"),
    "high": Settings(quality="high", first_steps=(150, 100, 80), steps=20, min_steps=12, trusted_step=0.1),
}
