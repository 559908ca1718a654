"""`vidstyle presets`: the qualities and the user's own presets, and what each sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import typer

from vidstyle.cli.plain import printable
from vidstyle.errors import VidstyleError
from vidstyle.presets import ABOUT, Preset, presets_file, user_presets
from vidstyle.settings import PRESETS, Settings

WORK = ("first_steps", "steps", "min_steps", "flow", "mending")
"""The settings in which the qualities differ; the live one has no steps."""


def presets() -> None:
    """List the qualities and your own presets, with what each sets; -q takes any of them."""
    file = presets_file()
    own = user_presets(file)
    for name, settings in PRESETS.items():
        _tell(name, ABOUT[name], work_of(settings))
    for name, preset in own.items():
        _tell(name, preset.about, {"quality": preset.quality, **preset.values})
    place = "your own come from" if own else "none of your own; they would come from"
    typer.echo(f"vidstyle: {place} {printable(str(file))}", err=True)


def work_of(settings: Settings) -> dict[str, Any]:
    """How much work a quality gives a frame, by the names of settings."""
    names = ("flow", "steady", "practice") if settings.quality == "live" else WORK
    return {name: getattr(settings, name) for name in names}


def complete(incomplete: str) -> list[tuple[str, str]]:
    """What a shell offers after -q, each with what it is for."""
    own: dict[str, Preset] = {}
    with suppress(VidstyleError):  # a command that uses the file will tell; a prompt is no place for it
        own = user_presets()
    about = {**ABOUT, **{name: preset.about for name, preset in own.items()}}
    return [(name, what) for name, what in about.items() if name.startswith(incomplete)]


def _tell(name: str, about: str, values: Mapping[str, Any]) -> None:
    typer.echo(f"{printable(name):<10}  {printable(about)}".rstrip())
    typer.echo(f"{'':<12}{printable('; '.join(_pairs(values)))}")


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        shown = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield f"{name} {'yes' if value is True else 'no' if value is False else shown}"
