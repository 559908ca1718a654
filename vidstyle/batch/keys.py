"""The keys of a manifest: those of `vidstyle stylize`, and how the value of each is read."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from vidstyle.errors import SettingsError
from vidstyle.faults import nearest
from vidstyle.media import DecoderChoice, HdrChoice
from vidstyle.pipeline import Comparison, Size
from vidstyle.presets import chosen_preset
from vidstyle.schedule import Schedule
from vidstyle.settings import KeepColors, Settings
from vidstyle.written import read_masks, read_pairs, read_rate, read_size, read_time

Reader = Callable[[Any], Any]
"""Makes of a file's value one that is used; raises SettingsError where it cannot."""


def text(value: Any) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value:
        raise _wrong(value, "text", 'Put it in quotes: "..."')
    if "\0" in value:
        raise SettingsError("holds a null character", hint="No name of a file can.")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """One text, or several."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise SettingsError("is empty", hint="Give at least one.")
    return tuple(text(item) for item in items)


def number(value: Any) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, "a number", "Write it without quotes, like 0.5.")
    return float(value)


def numbers(value: Any) -> tuple[float, ...]:
    """A list of numbers, or a single one."""
    return tuple(number(item) for item in (value if isinstance(value, list) else [value]))


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(value, "a whole number", "Write it without quotes, like 8.")
    return value


def wholes(value: Any) -> tuple[int, ...]:
    """A list of whole numbers."""
    return tuple(whole(item) for item in (value if isinstance(value, list) else [value]))


def switch(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong(value, "true or false", "Write it without quotes.")
    return value


def colors(value: Any) -> Any:
    """A way of keeping colours; true and false, which were all that there was."""
    return value if isinstance(value, bool) else choice(get_args(KeepColors))(value)


def choice(names: tuple[str, ...]) -> Reader:
    """One of some names."""

    def read(value: Any) -> str:
        if value not in names:
            raise SettingsError(f"cannot be {_shown(value)}", hint=nearest(str(value), names))
        return str(value)

    return read


def quality(value: Any) -> str:
    """One of vidstyle's qualities, or a preset of the user's, by name."""
    name = text(value)
    chosen_preset(name)
    return name


def seconds(value: Any) -> Fraction:
    """A time: seconds, or text like "1:02.5"."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(value, "a time", "Give seconds, or h:mm:ss in quotes.")
    read = read_time(str(value), "")
    if read is None:
        raise _wrong(value, "a time", "Give seconds, or h:mm:ss in quotes.")
    return read


def rate(value: Any) -> Fraction:
    """A number, or text like "30000/1001"."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(value, "a rate", 'Give a number, or "30000/1001" in quotes.')
    return read_rate(str(value), "")


def size(value: Any) -> Size:
    """A long side, or text like "640x360"."""
    read = None
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        read = read_size(str(value))
    if read is None:
        raise _wrong(value, "a size", 'Give the long side in pixels, like 640, or "640x360".')
    return read


def options(value: Any) -> dict[str, str]:
    """A table of an encoder's options."""
    if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
        raise _wrong(value, "a table of options", 'Write it like {tune = "film"}.')
    return {name: str(item) for name, item in value.items()}


def masks(value: Any) -> dict[str, str]:
    """A table of masks and the styles under them."""
    if not isinstance(value, dict):
        raise _wrong(value, "a table of masks", 'Write it like {"person.mp4" = "painting.jpg"}.')
    return {text(mask): text(style) for mask, style in value.items()}


def _reader(kind: Any) -> Reader:
    """The reader of a setting, by its type."""
    simple: dict[Any, Reader] = {
        float: number,
        int: whole,
        bool: switch,
        str: text,
        Path: text,
        Schedule: text,
    }
    if get_origin(kind) is Literal:
        return choice(get_args(kind))
    if get_origin(kind) is tuple:
        return wholes
    if bool in get_args(kind):
        return colors
    if isinstance(kind, UnionType) or get_origin(kind) is typing.Union:
        return _reader(next(member for member in get_args(kind) if member is not type(None)))
    return simple[kind]


SETTINGS = {
    item.name: _reader(kind)
    for item, kind in ((item, get_type_hints(Settings)[item.name]) for item in fields(Settings))
} | {"quality": quality}
ENCODING: dict[str, Reader] = {
    "codec": text,
    "crf": whole,
    "preset": text,
    "pix_fmt": text,
    "encoder_options": options,
}
READING: dict[str, Reader] = {
    "rate": rate,
    "hdr": choice(get_args(HdrChoice)),
    "decoder": choice(get_args(DecoderChoice)),
}
LIMITS: dict[str, Reader] = {
    "max_pixels": whole,
    "max_duration": seconds,
    "max_streams": whole,
    "max_error_rate": number,
}
WHERE: dict[str, Reader] = {
    "input": texts,
    "styles": texts,
    "masks": masks,
    "style_weights": numbers,
    "output": text,
    "size": size,
    "start": seconds,
    "duration": seconds,
    "compare": choice(get_args(Comparison)),
    "overwrite": switch,
}
KEYS: dict[str, Reader] = WHERE | SETTINGS | ENCODING | READING | LIMITS


def from_text(key: str, written: str) -> Any:
    """What TOML would hold where a CSV has this text; text that does not fit is left for the reader.

    Lists are written with semicolons, true and false in words.
    """
    reader = KEYS[key]
    if reader is options:
        return read_pairs([part.strip() for part in written.split(";")], "")
    if reader is masks:
        return read_masks([part.strip() for part in written.split(";")], "")
    if reader in (texts, numbers, wholes):
        parts = [part.strip() for part in written.split(";")]
        return parts if reader is texts else [_number(part) for part in parts]
    if reader in (switch, colors):
        return {"true": True, "yes": True, "false": False, "no": False}.get(written.lower(), written)
    return _number(written) if reader in (number, whole) else written


def _number(written: str) -> Any:
    for kind in (int, float):
        try:
            return kind(written)
        except ValueError:
            continue
    return written


def _wrong(value: Any, wanted: str, hint: str) -> SettingsError:
    return SettingsError(f"must be {wanted}, not {_shown(value)}", hint=hint)


def _shown(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:57]}..."
