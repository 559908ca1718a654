"""Options for the run itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RUN = "The run"

Overwrite = Annotated[
    bool, typer.Option("--overwrite", "-y", help="Replace the output if it exists.", rich_help_panel=RUN)
]
SkipExisting = Annotated[
    bool,
    typer.Option(
        "--skip-existing", "-n", help="Pass over outputs that exist, whatever made them.", rich_help_panel=RUN
    ),
]
Restart = Annotated[
    bool,
    typer.Option(
        "--restart", help="Begin anew instead of going on from a run that was stopped.", rich_help_panel=RUN
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Each event as a JSON object a line on standard output.", rich_help_panel=RUN
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="FILE",
        help="Tell at the end what each stage took, and write a trace for chrome://tracing or Perfetto.",
        rich_help_panel=RUN,
        show_default=False,
    ),
]
