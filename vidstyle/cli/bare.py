"""Options that may stand without a value: Typer knows none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

from vidstyle.settings import KeepColors

# Each with the values that may follow it; the first is meant where none does.
OPTIONAL_VALUES = {"--keep-colors": get_args(KeepColors)}


def with_values(arguments: Sequence[str]) -> list[str]:
    """The arguments of a command line, each option that stands without its value with it."""
    filled = []
    for argument, following in pairwise([*arguments, ""]):
        values = OPTIONAL_VALUES.get(argument, (following,))
        filled.append(argument if following in values else f"{argument}={values[0]}")
    return filled
