"""Values as plain JSON, for every command's --json."""

from __future__ import annotations

import dataclasses
import json
import sys
import unicodedata
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

# Control characters, invisible formats, halves of characters, and separators of lines and paragraphs.
_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # inside Persian words, and between the parts of an emoji


def as_json(value: Any) -> Any:
    """A value as what JSON can hold: dataclasses as objects, fractions as numbers, paths as text.

    Raises:
        TypeError: a value that has no plain form, such as a picture.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


def printable(text: str) -> str:
    """A line for a terminal: what would steer it, hide or turn text, or cannot be shown, as escapes.

    Names of files and what files tell of themselves come from anywhere: "\\x1b" must not set a colour, a
    newline not begin a line of its own, a mark for right-to-left not show "gpj.exe" as "exe.jpg".
    """
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in _STEERING and char not in _JOINERS
        else char
        for char in text
    )


def print_json(value: Any) -> None:
    """One line on standard output, there at once for whoever reads along."""
    print(json.dumps(value, allow_nan=False), file=sys.stdout, flush=True)
