"""`vidstyle presets`, and presets of the user's wherever a quality goes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Vidstyle, spawned

import vidstyle as api
from vidstyle.media import read_metadata

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def postcard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A preset named postcard, in the folder of clip.mp4 and style.png."""
    monkeypatch.setenv("VIDSTYLE_CONFIG", str(folder))
    (folder / "presets.toml").write_text(
        '[postcard]\nabout = "small and quick"\nquality = "draft"\nkeep_colors = true\nsteps = 2\nseed = 5\n'
    )
    return folder


def test_presets_are_listed_and_explained(postcard: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("presets")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == ["live", "draft", "standard", "high", "postcard"]
    assert lines[-2].endswith("  small and quick")
    assert lines[-1].split("; ") == ["            quality draft", "keep_colors yes", "steps 2", "seed 5"]
    assert "first_steps 50,30,12; steps 1" in lines[3]
    assert str(postcard / "presets.toml") in ended.err


@pytest.mark.usefixtures("hasty")
def test_a_command_a_manifest_and_python_take_a_preset_alike_and_reproduce_needs_no_file(
    postcard: Path, vidstyle: Vidstyle
) -> None:
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "a.mp4", "-q", "postcard", "--seed", "6")
    assert ended.code == 0, ended.err
    (postcard / "jobs.toml").write_text(
        '[[jobs]]\ninput = "clip.mp4"\nstyles = "style.png"\noutput = "b.mp4"\n'
        'quality = "postcard"\nseed = 6\n'
    )
    assert vidstyle("batch", "jobs.toml").code == 0
    api.stylize("clip.mp4", "style.png", "c.mp4", quality="postcard", seed=6)
    api.stylize_pictures("style*.png", "style.png", "stills", quality="postcard", seed=6)
    made = ("a.mp4", "b.mp4", "c.mp4", "stills/style.png")
    told = [shlex.split(vidstyle("reproduce", name).out) for name in made]
    assert told[0][1:] == [
        *("stylize", "clip.mp4", "style.png", "-o", "a.mp4", "--quality", "draft"),
        *("--keep-colors", "--steps", "2", "--seed", "6"),
    ]
    settings = {tuple(command[command.index("--quality") :]) for command in told}
    assert len(settings) == 1
    (postcard / "presets.toml").unlink()
    first = (postcard / "a.mp4").read_bytes()
    assert vidstyle(*told[0][1:], "-y", "--restart").code == 0
    assert (postcard / "a.mp4").read_bytes() == first
    assert "draft" in str(read_metadata(Path("a.mp4")))


@pytest.mark.usefixtures("postcard")
def test_a_wrong_name_leads_to_the_right_one(vidstyle: Vidstyle) -> None:
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "a.mp4", "-q", "postcrad")
    assert (ended.code, ended.err) == (
        2,
        "vidstyle: error: quality: cannot be 'postcrad'. Did you mean postcard?\n",
    )
    assert "Did you mean 'stylize'?" in vidstyle("stylise").err
    assert "--strength" in vidstyle("stylize", "a", "b", "-o", "c", "--strenght", "1").err


def completed(shell: str, line: str) -> str:
    """What the command answers to a shell that asks it to complete a line."""
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"_VIDSTYLE_COMPLETE": f"complete_{shell}", **asked[shell]}.items():
            patch.setenv(name, value)
        process = spawned(stdout=subprocess.PIPE)
    return process.communicate(timeout=60)[0]


@pytest.mark.usefixtures("postcard")
@pytest.mark.parametrize("shell", SHELLS)
def test_shells_complete_commands_options_and_presets(shell: str) -> None:
    assert "stylize" in completed(shell, "vidstyle sty")
    assert "--temporal-weight" in completed(shell, "vidstyle stylize --temp")
    assert "prores" in completed(shell, "vidstyle stylize --codec pro")
    offered = completed(shell, "vidstyle stylize -q p")
    assert "postcard" in offered
    assert "draft" not in offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_it_can_read(shell: str, tmp_path: Path) -> None:
    # Typer looks for the shell among the parents of the process; told not to, it takes a name.
    env = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [sys.executable, "-m", "vidstyle", "--show-completion", shell]
    script = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert f"complete_{shell}" in script
    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)


@pytest.mark.usefixtures("postcard")
def test_the_device_may_come_from_the_environment(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDSTYLE_DEVICE", "cuda:77")
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "a.mp4", "-q", "draft")
    assert ended.code == 7
    assert "cuda:77" in ended.err
