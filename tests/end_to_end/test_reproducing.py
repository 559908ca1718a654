"""What `vidstyle reproduce` prints makes the same file again."""

from __future__ import annotations

import shlex
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from commands import Vidstyle
from tiny_media import write_image

from vidstyle.cli.command import arguments_of, beyond_options
from vidstyle.media import Encoding
from vidstyle.pipeline import Job, StyleFile
from vidstyle.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="quotes for a POSIX shell")


FADE = """
[[keyframe]]
at = "0:00.2"
strength = 0.85
[[keyframe]]
at = 0.3
strength = 0.2
ease = "smooth"
"""


@pytest.mark.usefixtures("hasty")
def test_the_printed_command_makes_the_same_bytes(folder: Path, vidstyle: Vidstyle) -> None:
    write_image(folder / "it's a style.png", 5)
    (folder / "fade.toml").write_text(FADE)
    first = vidstyle(
        *("stylize", "clip.mp4", "style.png", "it's a style.png", "-o", "my out.mp4", "--quality", "draft"),
        *("--style-weights", "0.7,0.3", "--schedule", "fade.toml", "--style-size", "0.5", "--seed", "7"),
        *("--temporal-weight", "2.5", "--style-loss", "gram", "--steps", "2", "--device", "cpu"),
        *("--keep-colors", "--size", "48x36", "--start", "0.125", "--duration", "0.25"),
        *("--crf", "20", "--preset", "fast", "-x", "tune=grain", "-x", "x264-params=keyint=9:bframes=1"),
    )
    assert first.code == 0, first.err
    made = (folder / "my out.mp4").read_bytes()
    (folder / "fade.toml").unlink()  # the output tells what was in it

    printed = vidstyle("reproduce", "my out.mp4")
    assert (printed.code, printed.err) == (0, "")
    program, *arguments = shlex.split(printed.out)
    assert program == "vidstyle"
    again = vidstyle(*arguments, "-y")
    assert again.code == 0, again.err
    assert (folder / "my out.mp4").read_bytes() == made


@pytest.mark.usefixtures("hasty")
def test_a_still_tells_how_it_was_made(folder: Path, vidstyle: Vidstyle) -> None:
    for name in ("out.png", "out.jpg"):
        ended = vidstyle("stylize", "style.png", "style.png", "-o", name, "--quality", "draft")
        assert ended.code == 0, ended.err
        told = vidstyle("reproduce", name)
        assert told.out == f"vidstyle stylize style.png style.png -o {name} --quality draft\n"


@pytest.mark.usefixtures("hasty")
def test_a_changed_or_missing_input_is_warned_of(folder: Path, vidstyle: Vidstyle) -> None:
    write_image(folder / "photo.png", 3)
    assert vidstyle("stylize", "photo.png", "style.png", "-o", "out.png", "--quality", "draft").code == 0
    write_image(folder / "style.png", 9)
    (folder / "photo.png").unlink()
    told = vidstyle("reproduce", "out.png")
    assert told.code == 0
    assert told.out == "vidstyle stylize photo.png style.png -o out.png --quality draft\n"
    gone, changed = told.err.splitlines()
    assert gone.startswith("vidstyle: warning: photo.png: is not there")
    assert changed == "vidstyle: warning: style.png: has changed since."


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({}, ""),
        ({"settings": Settings.preset("high")}, "--quality high"),
        ({"settings": Settings.preset("draft", steps=9)}, "--quality draft --steps 9"),
        ({"settings": Settings(strength=0.1)}, "--strength 0.1"),
        ({"settings": Settings(seed=3, keep_colors=True)}, "--keep-colors --seed 3"),
        (
            {"settings": Settings(keep_colors="match", detail=0.5, smooth=0.25)},
            "--keep-colors match --detail 0.5 --smooth 0.25",
        ),
        ({"settings": Settings(boil=0.25, loop=True)}, "--loop --boil 0.25"),
        ({"settings": Settings(hold=2)}, "--hold 2"),
        (
            {"settings": Settings(features="vgg19", weights=Path("my vgg"))},
            "--features vgg19 --weights 'my vgg'",
        ),
        ({"size": 640}, "--size 640"),
        ({"size": (640, 360)}, "--size 640x360"),
        ({"start": Fraction(7, 2), "duration": Fraction(1001, 1000)}, "--start 3.5 --duration 1.001"),
        ({"compare": "split"}, "--compare split"),
        ({"encoding": Encoding("hevc", crf=0)}, "--codec hevc --crf 0"),
        ({"hdr": "tonemap", "decoder": "cuda"}, "--hdr tonemap --decoder cuda"),
    ],
)
def test_what_is_as_it_is_by_default_is_left_out(changes: dict[str, object], arguments: str) -> None:
    job = Job(Path("in.mp4"), (StyleFile(Path("a.png")),), Path("out.mp4"), **changes)  # type: ignore[arg-type]
    assert shlex.join(arguments_of(job)) == f"stylize in.mp4 a.png -o out.mp4 {arguments}".strip()
    assert beyond_options(job.settings) == []


def test_equal_weights_need_no_mention() -> None:
    styles = (StyleFile(Path("a.png"), 1.0), StyleFile(Path("b.png"), 1.0))
    assert "--style-weights" not in arguments_of(Job(Path("in.mp4"), styles, Path("out.mp4")))


def test_names_that_look_like_options_stay_names() -> None:
    job = Job(Path("-in.mp4"), (StyleFile(Path("-a.png")),), Path("out.mp4"))
    assert arguments_of(job) == ["stylize", "./-in.mp4", "./-a.png", "-o", "out.mp4"]


def test_settings_without_an_option_are_named() -> None:
    assert beyond_options(Settings(step_size=0.5, first_steps=(3,))) == ["first_steps", "step_size"]
