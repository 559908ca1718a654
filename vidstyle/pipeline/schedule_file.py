"""Schedules as users write them: TOML in a file or on the command line, every fault with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from vidstyle.errors import InputError, SettingsError
from vidstyle.faults import Faults, nearest
from vidstyle.lines import Lines, toml_lines
from vidstyle.schedule import SCHEDULED, Ease, Keyframe, Schedule
from vidstyle.settings import Settings
from vidstyle.text_files import text_of, toml_of
from vidstyle.written import read_time, write_time

KEYS = ("at", "ease", *SCHEDULED)


def read_schedule(source: Path | str, *, styles: int, quality: str = "standard") -> Schedule:
    """Read a schedule and check all of it.

    Example of a file, in which the first style turns into the second within four seconds:
        [[keyframe]]
        at = "0:02"
        style_weights = [1, 0]

        [[keyframe]]
        at = "0:06"
        style_weights = [0, 1]
        ease = "smooth"

    Args:
        source: a TOML file, or the TOML itself: text that holds "=" and names no file.
        styles: how many there are.
        quality: that the clip is painted in; the live one has other settings.

    Raises:
        FaultsFound: with all that is wrong, each fault with its line.
    """
    path, text = Path(source), str(source)
    inline = isinstance(source, str) and "=" in source and not _is_file(path)
    faults = Faults(Path("--schedule") if inline else path)
    keyframes: list[Keyframe] = []
    with faults.at(0):
        text = text if inline else _text(path)
        keyframes = list(_keyframes(toml_of(text), toml_lines(text), faults, styles, quality))
    faults.end()
    return Schedule(tuple(keyframes))


def _keyframes(
    tables: Mapping[str, Any], lines: Lines, faults: Faults, styles: int, quality: str
) -> Iterator[Keyframe]:
    """The keyframes that can be used; the faults are told of the others."""
    for name in tables.keys() - {"keyframe"}:
        with faults.at(lines.of(name), name):
            raise SettingsError("no such table", hint="Write each keyframe under [[keyframe]].")
    listed = tables.get("keyframe", [])
    if not isinstance(listed, list) or not all(isinstance(table, dict) for table in listed):
        with faults.at(lines.of("keyframe"), "keyframe"):
            raise SettingsError("is no list of tables", hint="Write [[keyframe]] before each.")
        return
    if not listed:
        raise SettingsError("has no keyframe", hint="Add one: [[keyframe]].")
    last, last_line = Fraction(-1), 0
    for number, table in enumerate(listed):
        own = {name: lines.of("keyframe", number, name) for name in table}
        with faults.at(lines.of("keyframe", number)):
            keyframe = _keyframe(table, own, faults, styles, quality)
            if keyframe is None:
                continue
            with faults.at(own["at"], "at"):
                if keyframe.at <= last:
                    raise SettingsError(
                        f"is not after that of line {last_line}", hint="Write them in order of time."
                    )
                yield keyframe
            last, last_line = keyframe.at, own["at"]


def _keyframe(
    table: Mapping[str, Any], lines: Mapping[str, int], faults: Faults, styles: int, quality: str
) -> Keyframe | None:
    """The keyframe that a table tells; None where the faults now tell why there is none."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        with faults.at(lines[name], name):
            values[name] = _value(name, value, styles, quality)
    if "at" not in table:
        raise SettingsError("gives no time", where="at", hint='Write at = 2.5, or at = "0:02.5".')
    return Keyframe(**values) if len(values) == len(table) else None


def _value(name: str, value: Any, styles: int, quality: str) -> Any:
    if name not in KEYS:
        raise _unknown(name)
    if name == "at":
        return _seconds(value)
    if name == "ease":
        if value not in get_args(Ease):
            raise SettingsError(f"cannot be {value!r}", hint=nearest(str(value), get_args(Ease)))
        return value
    if name == "style_weights":
        return _weights(value, styles)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SettingsError(f"must be a number, not {value!r}", hint="Write it without quotes, like 0.5.")
    # Whether it is within its range, and means something in this quality, the settings themselves know.
    single: dict[str, Any] = {name: float(value)}
    Settings.preset(quality, schedule=Schedule((Keyframe(Fraction(0), **single),)))
    return float(value)


def _unknown(name: str) -> SettingsError:
    known = name in Settings.__dataclass_fields__
    what = "cannot change along a clip" if known else "no such setting"
    return SettingsError(what, hint=nearest(name, KEYS))


def _seconds(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise SettingsError(f"{value!r} is not a time", hint='Give seconds, or "h:mm:ss" in quotes.')
    seconds = read_time(str(value), "")
    if seconds is None:
        raise SettingsError("is missing", hint='Give seconds, or "h:mm:ss" in quotes.')
    return seconds


def _weights(value: Any, styles: int) -> tuple[float, ...]:
    plain = isinstance(value, list) and all(type(item) in (int, float) for item in value)
    if not plain:
        raise SettingsError(f"must be a list of numbers, not {value!r}", hint="Write it like [0.7, 0.3].")
    if len(value) != styles:
        raise SettingsError(
            f"has {len(value)} for {styles} style{'' if styles == 1 else 's'}",
            hint="Give one weight for each style, in the same order.",
        )
    return Keyframe(Fraction(0), style_weights=tuple(map(float, value))).style_weights or ()


def write_schedule(schedule: Schedule) -> str:
    """TOML on one line that `read_schedule` reads as the same schedule."""
    return f"keyframe = [{', '.join(map(_written, schedule.keyframes))}]"


def _written(keyframe: Keyframe) -> str:
    return "{" + ", ".join(_pairs(keyframe)) + "}"


def _pairs(keyframe: Keyframe) -> Iterator[str]:
    yield f"at = {write_time(keyframe.at)}"
    if keyframe.ease != "linear":
        yield f'ease = "{keyframe.ease}"'
    for name, value in keyframe.values.items():
        yield f"{name} = {list(value) if isinstance(value, tuple) else value!r}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a name, or with a null character in it
        return False


def _text(path: Path) -> str:
    try:
        return text_of(path)
    except FileNotFoundError as error:
        raise InputError("no such file", hint="Check the schedule's path.") from error
