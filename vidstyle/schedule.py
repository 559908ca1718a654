"""Settings that change along a clip: keyframes, and the values between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Literal, get_args

from vidstyle.errors import SettingsError

Ease = Literal["linear", "smooth"]
Value = float | tuple[float, ...]


@dataclass(frozen=True)
class Keyframe:
    """What some settings are at a moment; those that are None go on towards the next keyframe with them.

    Attributes:
        at: seconds after the source's own start, whatever stretch of it is painted.
        ease: how its values are reached from those before: at an even pace, or slowly at both ends
            (smoothstep).
        style_weights: one a style, in their order; only their proportions count.
        strength, content_weight, style_weight, temporal_weight, smoothness_weight: as in `Settings`.
        detail, smooth, boil, steady: as in `Settings`.
    """

    at: Fraction
    ease: Ease = "linear"
    strength: float | None = None
    style_weights: tuple[float, ...] | None = None
    content_weight: float | None = None
    style_weight: float | None = None
    temporal_weight: float | None = None
    smoothness_weight: float | None = None
    detail: float | None = None
    smooth: float | None = None
    boil: float | None = None
    steady: float | None = None

    def __post_init__(self) -> None:
        if self.at < 0:
            raise SettingsError(f"is {float(self.at):g}", where="at", hint="It must be at least 0.")
        if self.ease not in get_args(Ease):
            raise SettingsError(f"cannot be {self.ease!r}", where="ease", hint="Choose linear or smooth.")
        if not self.values:
            raise SettingsError("changes nothing", where="keyframe", hint="Give it a setting.")
        weights = self.style_weights
        if weights is not None and (not all(0 <= w < float("inf") for w in weights) or not any(weights)):
            raise SettingsError(
                f"cannot be {', '.join(f'{w:g}' for w in weights)}",
                where="style_weights",
                hint="Give numbers of at least 0, one of them above 0.",
            )

    @property
    def values(self) -> dict[str, Value]:
        """The settings that it gives, by name."""
        given = {name: getattr(self, name) for name in SCHEDULED}
        return {name: value for name, value in given.items() if value is not None}


SCHEDULED = tuple(field.name for field in fields(Keyframe) if field.name not in ("at", "ease"))
"""The settings that may change along a clip."""


@dataclass(frozen=True)
class Schedule:
    """Keyframes in the order of their times.

    Attributes:
        keyframes: at least one, no two at the same time.
        origin: the time of the source's own start on the clock that `at` is asked by, seconds.
    """

    keyframes: tuple[Keyframe, ...]
    origin: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if not self.keyframes:
            raise SettingsError("has no keyframe", where="schedule", hint="Add one: [[keyframe]].")
        times = [keyframe.at for keyframe in self.keyframes]
        if times != sorted(set(times)):
            raise SettingsError(
                "are not in the order of their times, each later than the one before",
                where="keyframes",
                hint="Write them so.",
            )
        counts = {len(frame.style_weights) for frame in self.keyframes if frame.style_weights is not None}
        if len(counts) > 1:
            raise SettingsError(
                "differ in number", where="style_weights", hint="Give one for each style in every keyframe."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that it gives."""
        return tuple(name for name in SCHEDULED if any(name in frame.values for frame in self.keyframes))

    def since(self, origin: Fraction) -> Schedule:
        """The same for a clock on which the source starts at `origin`, seconds."""
        return replace(self, origin=origin)

    def at(self, seconds: Fraction) -> dict[str, Value]:
        """Every setting that it gives, at a moment; before its first and after its last keyframe it holds."""
        return {name: self._value(name, seconds - self.origin) for name in self.names}

    def _value(self, name: str, time: Fraction) -> Value:
        frames = [frame for frame in self.keyframes if name in frame.values]
        before = max((frame for frame in frames if frame.at <= time), key=_time, default=frames[0])
        after = min((frame for frame in frames if frame.at > time), key=_time, default=frames[-1])
        one, other = (_comparable(frame.values[name]) for frame in (before, after))
        if before.at >= after.at:  # all keyframes lie on one side
            return one
        share = eased(float((time - before.at) / (after.at - before.at)), after.ease)
        if isinstance(one, tuple) and isinstance(other, tuple):
            return tuple(between(a, b, share) for a, b in zip(one, other, strict=True))
        return between(one, other, share)  # type: ignore[arg-type]

    def as_list(self) -> list[dict[str, Any]]:
        """The keyframes as plain values, fit for JSON."""
        return [
            {"at": str(frame.at), "ease": frame.ease}
            | {name: list(v) if isinstance(v, tuple) else v for name, v in frame.values.items()}
            for frame in self.keyframes
        ]

    @classmethod
    def from_list(cls, told: Sequence[Mapping[str, Any]]) -> Schedule:
        """What `as_list` gave."""
        return cls(tuple(_from_dict(dict(frame)) for frame in told))


def _from_dict(told: dict[str, Any]) -> Keyframe:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    return Keyframe(**values | {"at": Fraction(told["at"])})


def eased(share: float, ease: Ease) -> float:
    """How far on a value is when `share` of the time is over, both in 0..1."""
    return share * share * (3 - 2 * share) if ease == "smooth" else share


def between(one: float, other: float, share: float) -> float:
    """The value a share of the way from one to the other; exact at both ends."""
    return one * (1 - share) + other * share


def _time(keyframe: Keyframe) -> Fraction:
    return keyframe.at


def _comparable(value: Value) -> Value:
    """Weights of styles as shares that sum to 1: 3 to 1 and 6 to 2 are the same mixture."""
    return tuple(weight / sum(value) for weight in value) if isinstance(value, tuple) else value
