"""Values as plain JSON, for every command's --json."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any


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


def print_json(value: Any) -> None:
    """One line on standard output, there at once for whoever reads along."""
    print(json.dumps(value, allow_nan=False), file=sys.stdout, flush=True)
