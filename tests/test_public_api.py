"""What `import vidstyle` offers is documented: every argument, what it holds, and what goes wrong."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import vidstyle
from vidstyle.errors import VidstyleError

PUBLIC = {name: getattr(vidstyle, name) for name in vidstyle.__all__ if not name.startswith("_")}
FUNCTIONS = [name for name, thing in PUBLIC.items() if inspect.isfunction(thing)]
RECORDS = [name for name, thing in PUBLIC.items() if is_dataclass(thing)]


def section(thing: Any, name: str) -> str:
    """A section of a docstring, to the next one."""
    found = re.search(rf"^{name}:\n(.*?)(?=^\S|\Z)", inspect.getdoc(thing) or "", re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def names(text: str) -> set[str]:
    """What a section describes: the names at the beginning of its entries."""
    entries = re.findall(r"^    ([a-z][\w, ]*):", text, re.MULTILINE)
    return {name.strip() for entry in entries for name in entry.split(",")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_tells_its_arguments_and_errors(name: str) -> None:
    function = PUBLIC[name]
    assert set(inspect.signature(function).parameters) == names(section(function, "Args"))
    if name != "track":  # which raises nothing
        assert "Error" in section(function, "Raises") or "Faults" in section(function, "Raises")


@pytest.mark.parametrize("name", RECORDS)
def test_each_record_tells_its_fields(name: str) -> None:
    record = PUBLIC[name]
    assert {field.name for field in fields(record)} == names(section(record, "Attributes"))


def test_each_error_tells_when_and_has_an_exit_code() -> None:
    errors = [thing for thing in PUBLIC.values() if inspect.isclass(thing) and issubclass(thing, Exception)]
    assert len(errors) >= 7
    assert all(issubclass(error, VidstyleError) and error.__doc__ and error.exit_code for error in errors)


def test_all_that_is_public_is_listed_once_and_comes_from_vidstyle() -> None:
    assert sorted(set(vidstyle.__all__)) == sorted(vidstyle.__all__)
    assert all(thing.__module__.startswith("vidstyle.") for thing in PUBLIC.values())


def test_importing_vidstyle_imports_no_torch() -> None:
    code = "import sys, vidstyle; sys.exit('torch' in sys.modules or 'cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
