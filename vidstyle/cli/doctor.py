"""`vidstyle doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli.plain import print_json

if TYPE_CHECKING:
    from vidstyle.cli.checks import Check

MARKS = {"ok": ("ok  ", "green"), "warning": ("note", "yellow"), "fault": ("FAIL", "red")}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
) -> None:
    """Say what works on this machine: devices, encoders, networks, the cache."""
    from vidstyle.cli.checks import examine

    checks = []
    for check in examine():
        checks.append(check)
        if not json:
            _show(check)
    healthy = all(check.status != "fault" for check in checks)
    if json:
        print_json({"healthy": healthy, "checks": [dataclasses.asdict(check) for check in checks]})
    else:
        typer.echo(
            "\nvidstyle can run on this machine." if healthy else "\nvidstyle cannot run: mend what failed."
        )
    if not healthy:
        raise typer.Exit(1)


def _show(check: Check) -> None:
    mark, color = MARKS[check.status]
    # Typer leaves colours out where the output is no terminal; NO_COLOR it does not know.
    typer.echo(f"{typer.style(mark, fg=color)}  {check.name:<18} {check.found}", color=colors_wanted())
    if check.hint:
        typer.echo(f"{'':<25}{check.hint}")


def colors_wanted() -> bool | None:
    """False where NO_COLOR is set (https://no-color.org); None, meaning "on a terminal", elsewhere."""
    import os

    return False if os.environ.get("NO_COLOR") else None
