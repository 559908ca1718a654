"""A schedule's file is read whole, or all that is wrong with it is told, line by line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vidstyle.faults import FaultsFound
from vidstyle.pipeline import read_schedule
from vidstyle.schedule import Keyframe, Schedule

GOOD = """
# A style that changes into another
[[keyframe]]
at = 2
style_weights = [1, 0]
strength = 0.5

[[keyframe]]
at = "0:01:06.5"
style_weights = [0, 1]
ease = "smooth"
"""

BAD = """[[keyframe]]
at = 3
strenth = 1
[[keyframe]]
at = "0:61"
strength = 2
style_size = 2
[[keyframe]]
strength = 1
[[keyframe]]
at = 4
style_weights = [1]
ease = "smoth"
[[keyframe]]
at = 5
strength = true
[[keyframe]]
at = 6
[[keyframe]]
at = 7
strength = 1
[[keyframe]]
at = 6.5
strength = 0
[other]
"""


def told(source: Path | str, **kwargs: object) -> list[str]:
    with pytest.raises(FaultsFound) as caught:
        read_schedule(source, **{"styles": 2, **kwargs})  # type: ignore[arg-type]
    return [str(error) for error in caught.value.errors]


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shot.toml"
    file.write_text(GOOD)
    assert read_schedule(file, styles=2) == Schedule(
        (
            Keyframe(Fraction(2), strength=0.5, style_weights=(1, 0)),
            Keyframe(Fraction(133, 2), ease="smooth", style_weights=(0, 1)),
        )
    )


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "shot.toml"
    file.write_text(BAD)
    lines = [line.removeprefix(f"{file}:") for line in told(file)]
    assert [line.split(". ")[0] for line in lines] == [
        "3: strenth: no such setting",
        "5: at: '0:61' is not a time",
        "6: strength: is 2",
        "7: style_size: cannot change along a clip",
        "8: at: gives no time",
        "12: style_weights: has 1 for 2 styles",
        "13: ease: cannot be 'smoth'",
        "16: strength: must be a number, not True",
        "17: keyframe: changes nothing",
        "23: at: is not after that of line 20",
        "25: other: no such table",
    ]
    assert "Did you mean strength?" in lines[0]
    assert "Did you mean style_weight" in lines[3]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keyframe = [{at = 0, strength = 1}", "is not well-formed TOML"),
        ("keyframe = 3", "--schedule:1: keyframe: is no list of tables"),
        ("keyframe = []", "has no keyframe"),
        ("keyframe = [{at = 0, boil = nan}]", "boil: is nan"),
        ("keyframe = [{at = -1, boil = 0}]", "at: '-1' is not a time"),
    ],
)
def test_text_on_the_command_line_is_told_of_too(text: str, says: str) -> None:
    (only,) = told(text)
    assert says in only


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "shot.toml"
    if content is not None:
        file.write_bytes(content)
    (only,) = told(file)
    assert only.startswith(str(file))


def test_the_live_quality_has_settings_of_its_own(tmp_path: Path) -> None:
    (only,) = told("keyframe = [{at = 0, style_weight = 1}]", quality="live")
    assert "style_weight: means nothing with quality live" in only
    assert read_schedule("keyframe = [{at = 0, steady = 1}]", styles=2, quality="live").names == ("steady",)
