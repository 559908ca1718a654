"""An option that may stand without a value: Typer knows none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

OPTION = "--keep-colors"


def with_values(arguments: Sequence[str]) -> list[str]:
    """The arguments of a command line, with its value after each option that stands without."""
    if OPTION not in arguments:
        return [*arguments]
    from vidstyle.settings import KeepColors  # here: --help needs none of it

    values = get_args(KeepColors)  # those that may follow; the first is meant where none does
    filled = []
    for argument, following in pairwise([*arguments, ""]):
        bare = argument == OPTION and following not in values
        filled.append(f"{argument}={values[0]}" if bare else argument)
    return filled
