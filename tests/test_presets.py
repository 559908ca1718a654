"""Presets: the qualities, and the user's own from a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest

import vidstyle
from vidstyle.cli.command import OPTIONS
from vidstyle.errors import SettingsError, VidstyleError
from vidstyle.presets import ABOUT, KEYS, preset, presets_file, user_presets
from vidstyle.settings import PRESETS, Settings

POSTCARD = """
[postcard]
about = "in the clip's own colours"
quality = "draft"
keep_colors = true
strength = 1
seed = 3
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIDSTYLE_CONFIG", str(tmp_path))
    return tmp_path / "presets.toml"


def test_a_preset_goes_before_its_quality_and_overrides_before_both(file: Path) -> None:
    file.write_text(POSTCARD)
    own = preset("postcard", seed=4, strength=None)
    assert own == Settings.preset("draft", keep_colors=True, seed=4)
    assert vidstyle.preset("postcard").seed == 3


def test_the_file_is_in_the_config_folder_unless_a_variable_names_another(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert presets_file() == file
    monkeypatch.delenv("VIDSTYLE_CONFIG")
    assert presets_file().name == "presets.toml"
    assert "vidstyle" in presets_file().parts


@pytest.mark.usefixtures("file")
def test_without_a_file_there_are_the_qualities() -> None:
    assert user_presets() == {}
    assert all(preset(name) == settings for name, settings in PRESETS.items())


def test_a_file_that_is_wrong_does_not_stand_in_the_way_of_the_qualities(file: Path) -> None:
    file.write_text("[[[")
    assert preset("high") == PRESETS["high"]
    with pytest.raises(VidstyleError, match="is not well-formed TOML"):
        preset("postcard")


def test_a_name_that_is_nearly_right_is_told(file: Path) -> None:
    file.write_text(POSTCARD)
    with pytest.raises(SettingsError, match=r"'postcrad'\. Did you mean postcard\?"):
        preset("postcrad")


def test_files_that_a_preset_names_lie_beside_it(file: Path) -> None:
    file.write_text('[mine]\nquality = "live"\nmodel = "mine.safetensors"\n')
    assert preset("mine").model == file.parent / "mine.safetensors"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a]\n\nstrenght = 1\n", ":3: strenght: no such setting. Did you mean strength?"),
        ("[a]\nstrength = 2\n", ":2: strength: is 2. It must be between 0 and 1."),
        ("[a]\nseed = 1.5\n", ":2: seed: cannot be 1.5. Give a whole number"),
        ('[a]\nkeep_colors = "yes"\n', ":2: keep_colors: cannot be 'yes'. Choose luminance or match"),
        ('[a]\nsolver = "sgd"\n', ":2: solver: cannot be 'sgd'. Choose adam or lbfgs."),
        ('[a]\nquality = "hgih"\n', ":2: quality: cannot be 'hgih'. Did you mean high?"),
        ('[a]\nquality = "live"\nsteps = 3\n', ":3: steps: means nothing with quality live"),
        ("[a]\nfirst_steps = [3]\n", ":2: first_steps: cannot be in a preset."),
        ("[a]\nabout = 3\n", ":2: about: cannot be 3."),
        ("[high]\nseed = 3\n", ":1: high: is vidstyle's own."),
        ("a = 3\n", ":1: a: is no table."),
        ("[a]\nloop = true\nhold = 2\n", ":1: a: goes not with hold"),
    ],
)
def test_faults_are_told_with_their_line(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(VidstyleError) as raised:
        user_presets()
    assert str(raised.value).startswith(f"{file}{told}")


def test_all_faults_are_told_at_once(file: Path) -> None:
    file.write_text("[a]\nstrenght = 1\n[b]\nseed = 1.5\nsteps = 0\n")
    with pytest.raises(VidstyleError) as raised:
        user_presets()
    assert [str(file) + f":{line}" in str(raised.value) for line in (2, 4, 5)] == [True] * 3


def test_a_preset_holds_what_options_can_spell_out_and_nothing_else() -> None:
    """`reproduce` prints a command that works without the file."""
    assert set(KEYS) == {*OPTIONS, "keep_colors", "loop"}


def test_each_quality_is_explained() -> None:
    assert ABOUT.keys() == PRESETS.keys()
