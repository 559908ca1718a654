"""`--keep-colors` may stand alone, wherever it stands; every other argument is left as it was."""

from __future__ import annotations

import pytest

from vidstyle.cli.bare import with_values


@pytest.mark.parametrize(
    ("line", "filled"),
    [
        ("stylize a b -o c --keep-colors", "stylize a b -o c --keep-colors=luminance"),
        ("stylize --keep-colors a b", "stylize --keep-colors=luminance a b"),
        ("stylize --keep-colors match a b", "stylize --keep-colors match a b"),
        ("stylize a b --keep-colors luminance", "stylize a b --keep-colors luminance"),
        ("stylize a b --keep-colors=match", "stylize a b --keep-colors=match"),
        ("stylize a b --keep-colors -o c", "stylize a b --keep-colors=luminance -o c"),
        ("stylize a b -o c --strength 1", "stylize a b -o c --strength 1"),
        ("", ""),
    ],
)
def test_a_bare_option_gets_its_first_value(line: str, filled: str) -> None:
    assert with_values(line.split()) == filled.split()
