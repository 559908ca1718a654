"""The subcommands: listed at once, each imported when it is run or asked for its options."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import CodeType
from typing import Any

import typer
from typer.core import TyperGroup

HOMES: Mapping[str, str] = {
    "stylize": "vidstyle.cli.stylize",
    "preview": "vidstyle.cli.preview",
    "live": "vidstyle.cli.live",
    "batch": "vidstyle.cli.batch",
    "reproduce": "vidstyle.cli.reproduce",
    "evaluate": "vidstyle.cli.evaluate",
    "train": "vidstyle.cli.train",
    "presets": "vidstyle.cli.presets",
    "studio": "vidstyle.cli.studio.command",
    "info": "vidstyle.cli.info",
    "doctor": "vidstyle.cli.doctor",
}
"""The module of each subcommand, in the order of --help; its function is called as the command is."""


class Commands(TyperGroup):
    """The group of all subcommands: stand-ins without options, until one is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The subcommand that the arguments name, whole."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, stand_in if name is None else whole(name), rest


def listed(app: typer.Typer) -> None:
    """Give a group of `Commands` a stand-in for each subcommand, for --help to list."""
    for name in HOMES:
        app.command(name, help=described(name))(_stand_in)


def whole(name: str) -> Any:
    """A subcommand with its options, its module imported."""
    alone = typer.Typer(add_completion=False)
    alone.command(name)(getattr(import_module(HOMES[name]), name))
    return typer.main.get_command(alone)


def described(name: str) -> str | None:
    """The docstring of a subcommand, looked up in its compiled module: to run all of them, with the options
    that nobody asked for, would take as long as all else that --help does."""
    spec = find_spec(HOMES[name])
    read = getattr(spec and spec.loader, "get_code", None)  # an optional part of a loader
    code = read(HOMES[name]) if read else None
    for constant in () if code is None else code.co_consts:
        if isinstance(constant, CodeType) and constant.co_name == name:
            text = constant.co_consts[0]
            return text if isinstance(text, str) else None
    return None


def _stand_in() -> None:
    """Is replaced by a whole command before anything calls it."""
