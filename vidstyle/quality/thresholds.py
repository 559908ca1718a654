"""Limits on measures, as scripts write them: "warping>2x, drift>1.1" fails what goes beyond."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass

from vidstyle.errors import SettingsError
from vidstyle.quality.measures import BY_NAME
from vidstyle.quality.report import Report

COMPARISONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_LIMIT = re.compile(r"\s*([a-z_-]+)\s*(>=|<=|>|<)\s*([0-9.eE+-]+?)\s*(x?)\s*", re.IGNORECASE)
_EXAMPLE = 'Write it like "warping>2x,drift>1.1".'


@dataclass(frozen=True)
class Limit:
    """A condition that a result must not meet.

    Attributes:
        measure: a name in `measures.BY_NAME`.
        comparison: ">", ">=", "<" or "<=".
        number: what the measure is compared with.
        relative: the measure's ratio to what stands beside it is meant ("2x"), not its value.
    """

    measure: str
    comparison: str
    number: float
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.measure}{self.comparison}{self.number:g}{'x' if self.relative else ''}"


@dataclass(frozen=True)
class Verdict:
    """What a report says of a limit.

    Attributes:
        limit: the condition.
        value: the measure, or its ratio where the limit is relative; NaN where it was not measured.
        crossed: the condition is met; never so where nothing was measured.
    """

    limit: Limit
    value: float
    crossed: bool

    @property
    def measured(self) -> bool:
        """Whether there was anything to hold against the limit."""
        return not math.isnan(self.value)


def parse_limits(text: str) -> tuple[Limit, ...]:
    """The limits of "metric op number[x]", several with commas.

    Args:
        text: names as in `measures.MEASURES`, with - or _; op one of > >= < <=; x for a multiple of
            what stands beside the measure: the source's own, or frames stylized alone.

    Raises:
        SettingsError: not of that form, no such measure, or an x where a measure stands alone.
    """
    return tuple(_parse(part) for part in text.split(","))


def judge(report: Report, limits: Iterable[Limit]) -> tuple[Verdict, ...]:
    """Hold a report against limits, in their order."""
    verdicts = []
    for limit in limits:
        measure = BY_NAME[limit.measure]
        value = measure.ratio(report) if limit.relative else measure.value(report)
        crossed = not math.isnan(value) and COMPARISONS[limit.comparison](value, limit.number)
        verdicts.append(Verdict(limit, value, bool(crossed)))
    return tuple(verdicts)


def _parse(part: str) -> Limit:
    match = _LIMIT.fullmatch(part)
    if match is None:
        raise SettingsError(f"{part.strip()!r} is not a limit", where="--fail-if", hint=_EXAMPLE)
    name, comparison, digits, times = match.groups()
    name = name.lower().replace("_", "-")
    if name not in BY_NAME:
        close = difflib.get_close_matches(name, BY_NAME, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(BY_NAME)}."
        raise SettingsError(f"no measure {name!r}", where="--fail-if", hint=hint)
    if times and BY_NAME[name].beside is None:
        relative = ", ".join(n for n, measure in BY_NAME.items() if measure.beside)
        raise SettingsError(
            f"{name} is no multiple of anything",
            where="--fail-if",
            hint=f"Leave out the x; it goes with {relative}.",
        )
    return Limit(name, comparison, _number(digits, part), bool(times))


def _number(digits: str, part: str) -> float:
    try:
        number = float(digits)
    except ValueError as error:
        raise SettingsError(f"{part.strip()!r} is not a limit", where="--fail-if", hint=_EXAMPLE) from error
    if not math.isfinite(number):
        raise SettingsError(f"{part.strip()!r} is not a limit", where="--fail-if", hint=_EXAMPLE)
    return number
