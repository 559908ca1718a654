"""How a bar looks on a terminal: drawn by rich, which comes with Typer and knows NO_COLOR."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


@contextmanager
def drawing() -> Iterator[Progress]:
    """What bars are added to, on standard error; removed from the terminal when the block ends.

    Tasks have a description, and a field `state` that is shown beside the bar.
    """
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress
