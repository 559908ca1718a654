from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from blending import Blending
from clips import make_picture, times_of

from vidstyle.errors import SettingsError
from vidstyle.media import read_metadata
from vidstyle.pipeline import FrameDone, Painter, job_from_metadata, told_by
from vidstyle.pipeline.api import stylize
from vidstyle.pipeline.job import StyleFile


@pytest.fixture(autouse=True)
def cheap_painter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        stylize.__globals__["render"].__kwdefaults__,
        "make_painter",
        lambda styles, settings, footage: Painter(Blending(), "w" * 64),
    )


def test_one_call_paints_a_clip(clip: Path, style: Path, tmp_path: Path) -> None:
    seen: list[object] = []
    finished = stylize(
        str(clip), style, tmp_path / "out.mp4", quality="draft", strength=0.5, progress=seen.append
    )
    assert finished == seen[-1]
    assert finished.frames == len(times_of(finished.output)) == 40
    assert sum(isinstance(event, FrameDone) for event in seen) == 40
    made = job_from_metadata(told_by(read_metadata(finished.output), finished.output))
    assert (made.settings.quality, made.settings.strength) == ("draft", 0.5)


@pytest.mark.parametrize("kind", ["one", "several", "weighted"])
def test_styles_come_in_three_forms(clip: Path, style: Path, tmp_path: Path, kind: str) -> None:
    other = make_picture(tmp_path / "other.png")
    styles = {"one": str(style), "several": [style, str(other)], "weighted": {str(style): 2.0, other: 1}}[
        kind
    ]
    finished = stylize(clip, styles, tmp_path / "out.mp4", duration=0.2)
    made = job_from_metadata(told_by(read_metadata(finished.output), finished.output))
    assert (
        made.styles
        == {
            "one": (StyleFile(style),),
            "several": (StyleFile(style), StyleFile(other)),
            "weighted": (StyleFile(style, 2), StyleFile(other, 1)),
        }[kind]
    )


def test_seconds_mean_what_was_written(clip: Path, style: Path, tmp_path: Path) -> None:
    finished = stylize(clip, style, tmp_path / "out.mp4", start=0.1, duration=Fraction(1, 3))
    made = job_from_metadata(told_by(read_metadata(finished.output), finished.output))
    assert (made.start, made.duration) == (Fraction(1, 10), Fraction(1, 3))


def test_a_setting_that_does_not_exist_is_refused(clip: Path, style: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="strength"):
        stylize(clip, style, tmp_path / "out.mp4", strenght=0.5)
