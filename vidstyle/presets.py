"""Presets: the qualities that vidstyle brings, and the user's own, from a TOML file in the config folder."""

from __future__ import annotations

import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import platformdirs

from vidstyle.errors import SettingsError
from vidstyle.faults import Faults, nearest
from vidstyle.lines import Lines, toml_lines
from vidstyle.settings import PRESETS, Settings
from vidstyle.text_files import text_of, toml_of

ABOUT = {
    "live": "One pass of a network a frame, steadied: for cameras and long clips.",
    "draft": "Few steps and quick flow: to try styles and settings.",
    "standard": "The default: strokes that stay on what they are painted on.",
    "high": "Many steps: for the final render.",
}
"""What each quality is for, in a sentence."""

# What no option of the command sets: a result tells its command, which has to work without this file.
_NOT_IN_PRESETS = (
    *("quality", "schedule", "flow", "mending"),
    *("first_steps", "min_steps", "step_size", "trusted_step"),
)
KEYS = tuple(field.name for field in fields(Settings) if field.name not in _NOT_IN_PRESETS)
"""The settings that a user's preset may give."""


@dataclass(frozen=True)
class Preset:
    """A preset of the user's.

    Attributes:
        quality: that it starts from.
        values: settings by name, which go before the quality's own.
        about: what it is for, in the user's words; may be empty.
    """

    quality: str
    values: Mapping[str, Any]
    about: str = ""


def presets_file() -> Path:
    """Where the user's presets are read from: `presets.toml` in VIDSTYLE_CONFIG, or in the config folder."""
    folder = os.environ.get("VIDSTYLE_CONFIG") or platformdirs.user_config_dir("vidstyle")
    return Path(folder) / "presets.toml"


def preset(name: str = "standard", **overrides: Any) -> Settings:
    """Settings of a quality, or of one of the user's presets, with some replaced.

    Args:
        name: "live", "draft", "standard", "high", or a table's name in `presets_file()`, which is read for
            other names only.
        overrides: any field of `Settings`; those that are None keep the preset's value.

    Raises:
        SettingsError: no such preset or setting, or a value out of range.
        FaultsFound: the user's file cannot be used, each fault with its line.
    """
    chosen = chosen_preset(name)
    given = {key: value for key, value in overrides.items() if value is not None}
    return Settings.preset(chosen.quality, **{**chosen.values, **given})


def chosen_preset(name: str) -> Preset:
    """What a name stands for: a quality as it is, or one of the user's presets; raises as `preset` does."""
    if name in PRESETS:
        return Preset(name, {}, ABOUT[name])
    own = user_presets()
    if name not in own:
        known = [*PRESETS, *own]
        raise SettingsError(f"cannot be {name!r}", where="quality", hint=nearest(name, known))
    return own[name]


def user_presets(file: Path | None = None) -> dict[str, Preset]:
    """The presets of a file, checked, by name; none where the file does not exist.

    Example of a file:
        [postcard]
        about = "small, in the clip's own colours"
        quality = "draft"
        keep_colors = true
        strength = 0.8

    Args:
        file: TOML; `presets_file()` if not given.

    Raises:
        FaultsFound: with all that is wrong, each fault with its line.
    """
    path = file or presets_file()
    faults = Faults(path)
    found: dict[str, Preset] = {}
    with faults.at(0):
        text = _text(path)
        tables, lines = toml_of(text), toml_lines(text)
        for name, table in tables.items():
            with faults.at(lines.of(name), name):
                found[name] = _preset(name, table, lines, faults, path.parent)
    faults.end()
    return found


def _preset(name: str, table: Any, lines: Lines, faults: Faults, folder: Path) -> Preset:
    if not isinstance(table, dict):
        raise SettingsError("is no table", hint="Write [NAME] above its settings.")
    if name in PRESETS:
        raise SettingsError("is vidstyle's own", hint="Give it another name.")
    given = dict(table)
    about, quality = given.pop("about", ""), given.pop("quality", "standard")
    with faults.at(lines.of(name, "about"), "about"):
        _check_type("about", about, str)
    if quality not in PRESETS:
        with faults.at(lines.of(name, "quality"), "quality"):
            raise SettingsError(f"cannot be {quality!r}", hint=nearest(str(quality), PRESETS))
        quality = "standard"
    values: dict[str, Any] = {}
    for key, value in given.items():
        with faults.at(lines.of(name, key), key):
            read = _value(key, value, folder)
            Settings.preset(quality, **{key: read})  # within its range, and of use in this quality
            values[key] = read
    Settings.preset(quality, **values)
    return Preset(quality, values, about)


def _value(key: str, value: Any, folder: Path) -> Any:
    if key in _NOT_IN_PRESETS:
        raise SettingsError("cannot be in a preset", hint="Set it in a manifest, or from Python.")
    if key not in KEYS:
        raise SettingsError("no such setting", hint=nearest(key, ("about", "quality", *KEYS)))
    annotation = get_type_hints(Settings)[key]
    if isinstance(value, bool) and bool in get_args(annotation):  # keep_colors, by name or by an old true
        return value
    kind = _kind(annotation)
    _check_type(key, value, kind)
    if kind is Path:
        return folder / value
    return float(value) if kind is float else value


def _kind(annotation: Any) -> type:
    """What a setting is made of: of `Path | None` Path, of `Literal["a", "b"]` str."""
    if get_origin(annotation) is Literal:
        return str
    if isinstance(annotation, UnionType) or get_origin(annotation) is typing.Union:
        return _kind(next(member for member in get_args(annotation) if member is not type(None)))
    return typing.cast(type, annotation)


_WANTED: dict[type, tuple[tuple[type, ...], str]] = {
    float: ((int, float), "a number, without quotes"),
    int: ((int,), "a whole number, without quotes"),
    bool: ((bool,), "true or false, without quotes"),
    str: ((str,), 'text, in quotes: "..."'),
    Path: ((str,), 'the name of a file, in quotes: "..."'),
}


def _check_type(key: str, value: Any, kind: type) -> None:
    kinds, wanted = _WANTED[kind]
    if not isinstance(value, kinds) or (isinstance(value, bool) and kind is not bool):
        raise SettingsError(f"cannot be {value!r}", where=key, hint=f"Give {wanted}.")


def _text(path: Path) -> str:
    try:
        return text_of(path)
    except FileNotFoundError:
        return ""
