from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vidstyle.cli.preview import _overrides
from vidstyle.errors import SettingsError
from vidstyle.pipeline import Job, StyleFile
from vidstyle.presets import preset
from vidstyle.preview import Axis, axes_of
from vidstyle.preview.vary import read_axis, varied
from vidstyle.settings import PRESETS, Settings

JOB = Job(
    Path("in.mp4"),
    (StyleFile(Path("ink.png")), StyleFile(Path("oil.jpg"))),
    Path("out.png"),
    Settings.preset("draft", keep_colors=True),
)
ONE = Job(Path("in.mp4"), (StyleFile(Path("ink.png")),), Path("out.png"))


@pytest.mark.parametrize(
    ("text", "axis", "label"),
    [
        ("strength=0.3,0.6,1", Axis("strength", (0.3, 0.6, 1.0), ("0.3", "0.6", "1")), "strength 0.3"),
        ("style-size=0.5,1", Axis("style_size", (0.5, 1.0), ("0.5", "1")), "style-size 0.5"),
        ("keep_colors=no, yes", Axis("keep_colors", (False, True), ("no", "yes")), "keep-colors no"),
        ("quality=draft,high", Axis("quality", ("draft", "high"), ("draft", "high")), "quality draft"),
        (
            "first-steps=9;3,5",
            Axis("first_steps", ((9, 3), (5,)), ("9;3", "5")),
            "first-steps 9;3",
        ),
        ("style", Axis("style", (0, 1), ("ink", "oil")), "ink"),
    ],
)
def test_an_axis_is_read_as_a_manifest_would(text: str, axis: Axis, label: str) -> None:
    assert read_axis(text, JOB) == axis
    assert axis.label(0) == label


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("strenght=1", r"--vary strenght: no such setting\. Did you mean strength\?"),
        ("stylesize=1", r"Did you mean style-size\?"),
        ("size=640", "--vary size: no such setting"),
        ("loop=yes,no", "acts along a whole clip"),
        ("strength", r"--vary strength: has no values\. Write it like --vary strength=0\.3,0\.6,1\."),
        ("strength=", "has no values"),
        ("strength=0.3,much", "--vary strength: must be a number, not 'much'"),
        ("strength=0.3,,1", "must be a number"),
        ("quality=drfat", r"cannot be 'drfat'. Did you mean draft\?"),
        ("style=ink", "takes no values"),
    ],
)
def test_what_cannot_be_tried_is_told_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        read_axis(text, JOB)


def test_the_first_axis_is_that_of_the_columns_and_a_third_finds_no_place() -> None:
    assert [axis.key for axis in axes_of(["strength=0,1", "seed=1,2"], JOB)] == ["strength", "seed"]
    with pytest.raises(SettingsError, match="is given 3 times"):
        axes_of(["strength=0,1", "seed=1,2", "boil=0,1"], JOB)
    with pytest.raises(SettingsError, match="is given twice"):
        axes_of(["seed=1", "seed=2"], JOB)


def test_several_styles_stand_side_by_side_unless_something_says_that_they_are_mixed() -> None:
    assert [axis.key for axis in axes_of([], JOB)] == ["style"]
    assert [axis.key for axis in axes_of(["seed=1,2"], JOB)] == ["seed"]
    assert axes_of([], ONE) == ()
    mixed = Job(JOB.source, (StyleFile(Path("ink.png"), 2), StyleFile(Path("oil.jpg"), 1)), JOB.output)
    assert axes_of([], mixed) == ()


def test_another_quality_keeps_what_was_given_and_changes_the_rest() -> None:
    job = varied(JOB, {"quality": "draft", "keep_colors": True, "strength": None}, {"quality": "high"})
    assert job.settings == Settings.preset("high", keep_colors=True)
    assert job.settings.steps == PRESETS["high"].steps


def test_presets_of_the_users_are_tried_like_qualities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDSTYLE_CONFIG", str(tmp_path))
    (tmp_path / "presets.toml").write_text('[mine]\nquality = "draft"\nstyle_size = 0.5\n')
    assert varied(JOB, {}, {"quality": "mine"}).settings == Settings.preset("draft", style_size=0.5)
    given = {"strength": None, "quality": "mine"}
    assert _overrides(given, replace(JOB, settings=preset("mine"))) == {
        "quality": "draft",
        "style_size": 0.5,
    }


def test_a_style_alone_and_shares_of_a_mixture() -> None:
    assert varied(JOB, {}, {"style": 1}).styles == (StyleFile(Path("oil.jpg")),)
    assert [style.weight for style in varied(JOB, {}, {"style_weights": (1.0, 3.0)}).styles] == [1, 3]
    with pytest.raises(SettingsError, match="has 3 for 2 styles"):
        varied(JOB, {}, {"style_weights": (1.0, 1.0, 1.0)})


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(SettingsError, match="strength: is 3"):
        varied(JOB, {}, {"strength": 3.0})
    with pytest.raises(SettingsError, match="steady: means nothing with quality draft"):
        varied(JOB, {}, {"steady": 0.5})
