"""The list of subcommands: says of each what its module says, and imports none of them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from vidstyle.cli.commands import HOMES, described, whole


@pytest.mark.parametrize("name", HOMES)
def test_a_command_is_described_by_its_own_docstring(name: str) -> None:
    command = getattr(import_module(HOMES[name]), name)
    assert command.__doc__ is not None
    assert described(name) == command.__doc__
    assert whole(name).help.splitlines()[0] == command.__doc__.splitlines()[0]


@pytest.mark.parametrize(("line", "imported"), [("--help", []), ("info --help", ["vidstyle.cli.info"])])
def test_no_command_is_imported_but_the_one_that_is_asked_for(line: str, imported: list[str]) -> None:
    code = (
        "import sys; from vidstyle.cli.commands import HOMES; from vidstyle.cli.main import run; "
        f"run({line.split()!r}); "
        "print('imported:', *[home for home in HOMES.values() if home in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1].split() == ["imported:", *imported]
