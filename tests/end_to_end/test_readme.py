"""What README promises is so: its commands are valid, its Python runs, its tables are complete."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Vidstyle
from tiny_media import write_clip, write_image

from vidstyle.cli.stylize import stylize
from vidstyle.errors import VidstyleError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """Each `vidstyle ...` of the shell blocks, what stands before `&&` left out."""
    lines = [line.split(" && ")[-1] for block in blocks("bash") for line in block.splitlines()]
    return [line for line in lines if line.startswith("vidstyle ")]


@pytest.fixture
def readers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that README speaks of, small; the samples are the real ones."""
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4", (20,), rate=1)  # long enough for --start 0:12
    write_clip(tmp_path / "person.mp4", (20,), sound=False, rate=1)
    for number, name in enumerate(("painting.jpg", "ink.png", "photo.jpg")):
        write_image(tmp_path / name, number)
    (tmp_path / "shot").mkdir()
    write_image(tmp_path / "shot" / "frame_1.png")
    (tmp_path / "samples").symlink_to(ROOT / "samples", target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("vidstyle stylize")])
@pytest.mark.usefixtures("readers_folder")
def test_each_stylize_command_passes_every_check_before_the_first_frame(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def nothing(*_: object) -> Iterator[None]:
        yield from ()

    monkeypatch.setattr("vidstyle.pipeline.render", nothing)
    monkeypatch.setattr("vidstyle.features.weights.fetch", nothing)
    ended = vidstyle(*shlex.split(command)[1:])
    assert ended.code == 0, ended.err


def test_the_other_commands_exist(vidstyle: Vidstyle) -> None:
    others = {shlex.split(line)[1] for line in commands()} - {"stylize"}
    assert others == {"live", "batch", "evaluate", "reproduce", "info", "doctor", "train"}
    for name in others:
        assert vidstyle(name, "--help").code == 0


@pytest.mark.usefixtures("readers_folder")
def test_the_python_examples_run() -> None:
    write_clip(Path("clip.mp4"), (2,))
    examples = blocks("python")
    assert len(examples) == 2
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    assert Path("stylized.mp4").is_file()


def test_the_first_two_commands_install_and_run_everything() -> None:
    first, second = blocks("bash")[0].splitlines()
    assert first.startswith("pip install . && vidstyle stylize samples/")
    assert second == 'pip install -e ".[test]" && pytest'
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_option_is_in_the_table() -> None:
    table = README[README.index("## Options") : README.index("## Limits")]
    for name in inspect.signature(stylize).parameters:
        if name not in ("source", "styles", "encoder_option"):
            assert f"`--{name.replace('_', '-')}" in table, name
    assert "`-x KEY=VALUE`" in table


def test_every_exit_code_is_in_the_table() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert {kind.exit_code for kind in VidstyleError.__subclasses__()} | {
        0,
        1,
        8,
        141,
    } == told  # 8: `evaluate --fail-if`; 141: a closed pipe
