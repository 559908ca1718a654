"""What users write, in options and manifests, read: times, sizes, pairs and weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from vidstyle.errors import SettingsError

# Of bounded length: Python refuses to read numbers of 5000 digits, and Fraction would take "1e999999999" too,
# and years for it.
_TIME = re.compile(r"(?:(?:(\d{1,9}):)?(\d{1,9}):)?(\d{1,9}(?:\.\d{0,30})?|\.\d{1,30})")
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}))?")
_SIZE = re.compile(r"(\d{1,6})(?:[xX×](\d{1,6}))?")


def read_time(text: str | None, option: str) -> Fraction | None:
    """Seconds, exactly, of "12", "12.5", "1:02.5" or "1:02:03.5"; None stays None.

    Args:
        text: seconds, m:ss or h:mm:ss, each with a fraction if wanted.
        option: the option it was given to, for the message.

    Raises:
        SettingsError: it is not a time, or minutes or seconds after a colon pass 59.
    """
    if text is None:
        return None
    match = _TIME.fullmatch(text.strip())
    hours, minutes, seconds = match.groups(default="") if match else ("", "", "0")
    if match is None or (minutes and float(seconds) >= 60) or (hours and int(minutes) >= 60):
        raise SettingsError(
            f"{text!r} is not a time", where=option, hint="Give seconds or h:mm:ss, like 12.5 or 1:02:03.5."
        )
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)


def write_time(seconds: Fraction) -> str:
    """Exact text of a time that `read_time` reads back: decimal where that is exact to the nanosecond."""
    text = f"{float(seconds):.9f}".rstrip("0").rstrip(".")
    return text or "0"


def read_rate(text: str, option: str) -> Fraction:
    """Frames a second of "24", "23.976" or "30000/1001".

    Raises:
        SettingsError: it is none of these.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None or not int(match[2] or 1):
        raise SettingsError(f"{text!r} is not a rate", where=option, hint="Give a number, or 30000/1001.")
    return Fraction(match[1]) / int(match[2] or 1)


def read_weights(text: str | None, styles: int) -> tuple[float, ...]:
    """One weight a style, of "0.7,0.3"; all 1 when none are given.

    Raises:
        SettingsError: not numbers, not as many as styles, one below 0, or all 0.
    """
    if text is None:
        return (1.0,) * styles
    where = "--style-weights"
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise SettingsError(
            f"{text!r} is not a list of numbers", where=where, hint="Write it like 0.7,0.3."
        ) from error
    if len(weights) != styles:
        raise SettingsError(
            f"has {_count(len(weights), 'weight')} for {_count(styles, 'style')}",
            where=where,
            hint="Give one weight for each style, in the same order.",
        )
    if not all(0 <= weight < float("inf") for weight in weights) or not any(weights):
        raise SettingsError(
            f"cannot be {text}", where=where, hint="Give numbers of at least 0, one of them above 0."
        )
    return weights


def read_pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """The keys and values of "key=value" texts.

    Raises:
        SettingsError: one has no "=", no key, or a key that came before.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise SettingsError(f"{text!r} is not key=value", where=option, hint="Write it like tune=film.")
        if key in pairs:
            raise SettingsError(f"gives {key!r} twice", where=option, hint="Keep one of them.")
        pairs[key] = value
    return pairs


NONE = "none"
"""Written in place of a style: what it would paint stays as it is."""


def read_masks(texts: Sequence[str], option: str) -> dict[str, str]:
    """The masks and their styles of "mask=style" texts; a mask's name may hold "=", a style's not.

    Raises:
        SettingsError: one has no "=", no mask or no style, or a mask that came before.
    """
    masks: dict[str, str] = {}
    for text in texts:
        mask, _, style = text.rpartition("=")
        if not mask or not style:
            raise SettingsError(
                f"{text!r} is not MASK=STYLE",
                where=option,
                hint=f"Write it like person.mp4=painting.jpg, or person.mp4={NONE}.",
            )
        if mask in masks:
            raise SettingsError(f"gives {mask!r} twice", where=option, hint="Keep one of them.")
        masks[mask] = style
    return masks


def read_size(text: str | None) -> int | tuple[int, int] | None:
    """The long side of "640", the (width, height) of "640x360"; None stays None.

    Raises:
        SettingsError: it is neither.
    """
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise SettingsError(
            f"{text!r} is not a size",
            where="--size",
            hint="Give the long side in pixels, like 640, or width x height, like 640x360.",
        )
    width, height = match.groups()
    return int(width) if height is None else (int(width), int(height))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
