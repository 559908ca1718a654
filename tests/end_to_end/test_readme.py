"""What README and the pages of docs promise is so: commands and Python run, tables are complete."""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from commands import Vidstyle, spawned
from displays import display, needs_display
from tiny_media import count_frames, write_clip, write_image

from vidstyle.cli.stylize import stylize
from vidstyle.errors import VidstyleError
from vidstyle.pipeline import Job, plan

pytestmark = pytest.mark.usefixtures("hasty")

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
OPTIONS = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")

FILM = "lavfi:testsrc2=size=64x48:rate=15:duration=1,realtime"
FILMED = f"""
from vidstyle.media import live_source
live_source.camera = lambda which, size, rate: live_source.source_of({FILM!r})
"""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands(page: Path) -> list[str]:
    """Each `vidstyle ...` of the shell blocks, what stands before `&&` and after `|` left out."""
    lines = [line.split(" && ")[-1] for block in blocks(page, "bash") for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line.startswith("vidstyle ")]


@pytest.fixture(scope="module")
def files_of_readme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that README speaks of, small; of the samples, the styles are the real ones."""
    made = tmp_path_factory.mktemp("readme")
    write_clip(made / "clip.mp4", (8,), rate=Fraction(1, 2))  # long enough for --start 0:12
    write_clip(made / "person.mp4", (8,), sound=False, rate=Fraction(1, 2))
    for number, name in enumerate(("painting.jpg", "ink.png", "photo.jpg")):
        write_image(made / name, number)
    for folder in ("shot", "clips", "samples", "photos"):
        (made / folder).mkdir()
    write_image(made / "photos" / "one.jpg")
    write_image(made / "shot" / "frame_1.png")
    write_clip(made / "clips" / "one.mp4")
    write_clip(made / "samples" / "harbour.mp4")
    (made / "samples" / "styles").symlink_to(ROOT / "samples" / "styles", target_is_directory=True)
    return made


@pytest.fixture
def readers_folder(files_of_readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: copies of the files that README speaks of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIDSTYLE_CONFIG", str(tmp_path))
    return Path(shutil.copytree(files_of_readme, tmp_path, symlinks=True, dirs_exist_ok=True))


def write_named_files(page: Path) -> None:
    """The files that a page shows: blocks of TOML that begin with their name."""
    for block in blocks(page, "toml"):
        if name := re.match(r"# (\w+\.toml)\n", block):
            Path(name[1]).write_text(block, encoding="utf-8")


def write_stand_ins(command: str) -> None:
    """A small file for each picture and clip that a command reads and nothing has written."""
    for word in shlex.split(command.replace("=", " ")):  # --mask MASK=STYLE names two
        if not Path(word).exists() and Path(word) not in outputs(command):
            if word.endswith((".jpg", ".png")):
                write_image(Path(word))
            elif word.endswith((".mp4", ".mov")):
                write_clip(Path(word))


def outputs(command: str) -> list[Path]:
    words = shlex.split(command)
    return [Path(words[place + 1]) for place, word in enumerate(words) if word == "-o"]


@pytest.mark.parametrize("command", [line for line in commands(README) if "vidstyle live" not in line])
@pytest.mark.usefixtures("readers_folder")
def test_each_command_of_readme_runs(vidstyle: Vidstyle, command: str) -> None:
    write_named_files(README)
    ended = vidstyle(*shlex.split(command.replace("--size 480", "--size 64"))[1:])
    assert ended.code == 0, ended.err
    for output in outputs(command):
        assert count_frames(output) >= (1 if output.suffix == ".png" else 2)
    if command.startswith("vidstyle batch") and "--dry-run" not in command:
        assert count_frames(Path("painted-one.mp4")) == 4


@needs_display
@pytest.mark.parametrize("command", [line for line in commands(README) if "vidstyle live" in line])
@pytest.mark.usefixtures("readers_folder")
def test_the_webcam_of_readme_is_painted_in_a_window(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with display() as env:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        # The real command; only the camera is another.
        filmed = partial(exec, FILMED, {})
        process = spawned(*shlex.split(command)[1:], before=filmed, stderr=subprocess.PIPE)
        _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert re.search(r"[1-9]\d* frames in ", told or ""), told


@pytest.mark.parametrize(
    ("page", "command"),
    sorted({(page, line) for page in PAGES for line in commands(page) if line.startswith("vidstyle styl")}),
    ids=lambda value: value.name if isinstance(value, Path) else None,
)
@pytest.mark.usefixtures("readers_folder")
def test_each_stylize_command_of_docs_passes_every_check_before_the_first_frame(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch, live_model: Path, page: Path, command: str
) -> None:
    def nothing(job: Job, **_: object) -> Iterator[None]:
        plan(job)
        yield from ()

    Path("mine.safetensors").symlink_to(live_model)
    write_named_files(page)
    write_stand_ins(command)
    monkeypatch.setattr("vidstyle.pipeline.render", nothing)
    monkeypatch.setattr("vidstyle.features.weights.fetch", lambda *_: None)
    ended = vidstyle(*shlex.split(command)[1:])
    assert ended.code == 0, ended.err


def test_all_commands_are_in_the_documents_and_exist(vidstyle: Vidstyle) -> None:
    from vidstyle.cli.commands import HOMES

    told = {shlex.split(line)[1] for page in (README, *PAGES) for line in commands(page)}
    named = {name for name in told if not name.startswith("-")}
    assert named == set(HOMES)
    for name in named:
        assert vidstyle(name, "--help").code == 0


@pytest.mark.usefixtures("readers_folder")
def test_the_python_examples_of_readme_run() -> None:
    write_clip(Path("clip.mp4"), (2,))
    examples = blocks(README, "python")
    assert len(examples) == 1
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    assert Path("stylized.mp4").is_file()


def test_the_first_two_commands_install_and_run_everything() -> None:
    first, second = blocks(README, "bash")[0].splitlines()
    assert first.startswith("pip install . && vidstyle stylize samples/")
    assert second == 'pip install -e ".[test]" && pytest'
    assert second in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_option_is_in_the_table() -> None:
    for name in inspect.signature(stylize).parameters:
        if name not in ("source", "styles", "encoder_option"):
            assert f"`--{name.replace('_', '-')}" in OPTIONS, name
    assert "`-x KEY=VALUE`" in OPTIONS


def test_every_exit_code_is_in_the_table() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", OPTIONS, re.MULTILINE)}
    assert {kind.exit_code for kind in VidstyleError.__subclasses__()} | {
        0,
        1,
        8,
        141,
    } == told  # 8: `evaluate --fail-if`; 141: a closed pipe
