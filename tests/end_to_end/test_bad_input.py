"""Whatever is wrong: one line that says what, where and what to do, its own exit code, and no file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Vidstyle
from tiny_media import write_frameless, write_image, write_sound

from vidstyle.cli.main import run

SETTINGS, INPUT, OUTPUT, WEIGHTS, DEVICE = 2, 3, 4, 5, 7
USUAL = ("clip.mp4", "style.png", "-o", "out.mp4")


def truncated(path: Path) -> None:
    whole = Path("clip.mp4").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])  # the index of an MP4 stands at its end


MAKE: dict[str, Callable[[Path], object]] = {
    "empty.mp4": lambda path: path.touch(),
    "empty.png": lambda path: path.touch(),
    "noise.mp4": lambda path: path.write_bytes(os.urandom(20_000)),
    "truncated.mp4": truncated,
    "frameless.mp4": write_frameless,
    "sound.m4a": write_sound,
    "text.mp4": lambda path: path.write_text("Dear diary,\n"),
    "text.png": lambda path: path.write_text("Dear diary,\n"),
    "weights.pth": lambda path: path.write_text("Dear diary,\n"),
    "folder.mp4": lambda path: path.mkdir(),
    "picture.png": write_image,
}


@pytest.mark.parametrize(
    ("arguments", "code", "where"),
    [
        pytest.param(("gone.mp4", *USUAL[1:]), INPUT, "gone.mp4", id="source missing"),
        pytest.param(("empty.mp4", *USUAL[1:]), INPUT, "empty.mp4", id="source empty"),
        pytest.param(("noise.mp4", *USUAL[1:]), INPUT, "noise.mp4", id="source corrupt"),
        pytest.param(("truncated.mp4", *USUAL[1:]), INPUT, "truncated.mp4", id="source cut short"),
        pytest.param(("frameless.mp4", *USUAL[1:]), INPUT, "frameless.mp4", id="source without frames"),
        pytest.param(("sound.m4a", *USUAL[1:]), INPUT, "sound.m4a", id="source without picture"),
        pytest.param(("text.mp4", *USUAL[1:]), INPUT, "text.mp4", id="source is a text"),
        pytest.param(("folder.mp4", *USUAL[1:]), INPUT, "folder.mp4", id="source is a folder"),
        pytest.param(("clip.mp4", "gone.png", "-o", "out.mp4"), INPUT, "gone.png", id="style missing"),
        pytest.param(("clip.mp4", "empty.png", "-o", "out.mp4"), INPUT, "empty.png", id="style empty"),
        pytest.param(("clip.mp4", "text.png", "-o", "out.mp4"), INPUT, "text.png", id="style is a text"),
        pytest.param(("clip.mp4", "sound.m4a", "-o", "out.mp4"), INPUT, "sound.m4a", id="style is sound"),
        pytest.param((*USUAL, "--start", "9"), INPUT, "clip.mp4", id="start after the end"),
        pytest.param((*USUAL, "--size", "30"), SETTINGS, "size", id="long side below 32"),
        pytest.param((*USUAL, "--size", "64x31"), SETTINGS, "size", id="short side below 32"),
        pytest.param((*USUAL, "--size", "huge"), SETTINGS, "size", id="size is a word"),
        pytest.param((*USUAL, "--strength", "1.5"), SETTINGS, "strength", id="strength out of range"),
        pytest.param((*USUAL, "--steps", "0"), SETTINGS, "steps", id="no steps"),
        pytest.param((*USUAL, "--start", "noon"), SETTINGS, "--start", id="start is a word"),
        pytest.param((*USUAL, "--duration", "0"), SETTINGS, "duration", id="duration zero"),
        pytest.param((*USUAL, "--style-weights", "1,2"), SETTINGS, "--style-weights", id="weights too many"),
        pytest.param((*USUAL, "--codec", "h262000"), SETTINGS, "h262000", id="codec unknown"),
        pytest.param((*USUAL, "--preset", "sluggish"), SETTINGS, "sluggish", id="preset unknown"),
        pytest.param((*USUAL, "--pix-fmt", "rgb3"), SETTINGS, "rgb3", id="pixel format unknown"),
        pytest.param((*USUAL, "-x", "crispness=9"), SETTINGS, "crispness", id="encoder option unknown"),
        pytest.param((*USUAL, "-x", "crispness"), SETTINGS, "crispness", id="encoder option without value"),
        pytest.param((*USUAL, "--weights", "weights.pth"), SETTINGS, "weights", id="weights for builtin"),
        pytest.param(
            (*USUAL, "--features", "vgg19", "--weights", "weights.pth"),
            WEIGHTS,
            "weights.pth",
            id="weights are a text",
        ),
        pytest.param((*USUAL, "--device", "cuda:97"), DEVICE, "cuda:97", id="device absent"),
        pytest.param((*USUAL, "--device", "abacus"), DEVICE, "abacus", id="device unknown"),
        pytest.param((*USUAL[:3], "clip.mp4", "-y"), OUTPUT, "clip.mp4", id="output is the source"),
        pytest.param(
            (*USUAL[:3], "./clip.mp4", "-y"), OUTPUT, "clip.mp4", id="output is the source, spelt anew"
        ),
        pytest.param(
            ("picture.png", "style.png", "-o", "style.png", "-y"),
            OUTPUT,
            "style.png",
            id="output is the style",
        ),
        pytest.param((*USUAL[:3], "nowhere/out.mp4"), OUTPUT, "nowhere", id="folder missing"),
        pytest.param((*USUAL[:3], "folder.mp4", "-y"), OUTPUT, "folder.mp4", id="output is a folder"),
        pytest.param((*USUAL[:3], "out.xyz"), OUTPUT, ".xyz", id="container unknown"),
        pytest.param((*USUAL[:3], "out.png"), OUTPUT, "out.png", id="video to a picture"),
        pytest.param(("picture.png", *USUAL[1:]), OUTPUT, "out.mp4", id="picture to a video"),
        pytest.param(
            (*USUAL[:3], "out.webm", "--codec", "h264"), OUTPUT, ".webm", id="codec not in container"
        ),
    ],
)
def test_one_line_tells_what_is_wrong(
    folder: Path, vidstyle: Vidstyle, arguments: tuple[str, ...], code: int, where: str
) -> None:
    for name, make in MAKE.items():
        if any(name in argument for argument in arguments):
            make(folder / name)
    before = contents(folder)

    ended = vidstyle("stylize", *arguments)

    assert (ended.code, ended.out) == (code, ""), ended.err
    (line,) = ended.err.splitlines()
    assert line.startswith("vidstyle: error: ")
    assert where in line
    assert line.endswith((".", "?")), "ends without saying what to do"
    assert contents(folder) == before, "left something behind, or touched what was there"


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_an_existing_output_stays_as_it_is(folder: Path, vidstyle: Vidstyle) -> None:
    (folder / "out.mp4").write_text("precious")
    ended = vidstyle("stylize", *USUAL)
    assert ended.code == OUTPUT
    assert ended.err == "vidstyle: error: out.mp4: exists already. Add -y to replace it, or name another.\n"
    assert (folder / "out.mp4").read_text() == "precious"


def test_in_json_an_error_is_an_event_too(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("stylize", "gone.mp4", *USUAL[1:], "--json")
    (event,) = ended.events
    assert (event["event"], event["where"], event["exit_code"]) == ("failed", "gone.mp4", INPUT)
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("stylise",), "stylise"),
        (("stylize", "--shiny", *USUAL), "--shiny"),
        (("stylize", "clip.mp4", "style.png"), "--output"),
        (("stylize", "clip.mp4", "-o", "out.mp4"), "STYLE"),
        (("stylize", *USUAL, "--quality", "best"), "best"),
        (("stylize", *USUAL, "--crf", "good"), "--crf"),
    ],
)
def test_usage_errors_name_the_option(
    folder: Path, vidstyle: Vidstyle, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = vidstyle(*arguments)
    assert (ended.code, ended.out) == (SETTINGS, "")
    assert complaint in ended.err


@pytest.mark.parametrize("name", ["gone.mp4", "empty.mp4", "noise.mp4", "sound.m4a", "clip.mp4"])
def test_only_outputs_of_vidstyle_can_be_reproduced(folder: Path, vidstyle: Vidstyle, name: str) -> None:
    if name in MAKE:
        MAKE[name](folder / name)
    ended = vidstyle("reproduce", name)
    assert (ended.code, ended.out) == (INPUT, "")
    (line,) = ended.err.splitlines()
    assert name in line


def test_a_bug_is_one_line_and_its_traceback_waits_to_be_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(path: Path) -> None:
        raise ZeroDivisionError("nothing\nto divide by")

    monkeypatch.setattr("vidstyle.media.probe", broken)
    monkeypatch.delenv("VIDSTYLE_DEBUG", raising=False)
    assert run(["info", "clip.mp4"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError: nothing to divide by; this is a bug" in line
    monkeypatch.setenv("VIDSTYLE_DEBUG", "1")
    assert run(["info", "clip.mp4"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_missing_system_library_points_to_the_doctor(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_library(path: Path) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("vidstyle.media.probe", no_library)
    ended = vidstyle("info", "clip.mp4")
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "libGL.so.1" in line
    assert "vidstyle doctor" in line
