"""The command as a user meets it: help at once, results under their names, events as JSON."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from commands import Vidstyle, spawned
from tiny_media import HEIGHT, RATE, WIDTH, count_frames, texture, write_image

from vidstyle.media import probe, read_picture
from vidstyle.settings import PrecisionChoice

pytestmark = pytest.mark.usefixtures("hasty")

DRAFT = ("--quality", "draft")


def seconds_of(*command: str, runs: int = 5) -> float:
    """The best of some runs: the machine may be busy with other things."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return min(times)


def test_help_answers_before_anything_heavy_is_loaded() -> None:
    # Half a second is the promise; on a machine so busy that Python itself takes its time, so may we.
    bare = seconds_of("-c", "import typer, typer.rich_utils")
    assert seconds_of("-m", "vidstyle", "--help") < max(0.5, 2.5 * bare)


@pytest.mark.parametrize("arguments", [["--help"], ["stylize", "--help"], ["--version"], []])
def test_help_loads_no_torch_no_opencv_no_av(arguments: list[str]) -> None:
    code = (
        f"import sys; from vidstyle.cli.main import run; run({arguments!r}); "
        "print('loaded:', *[name for name in ('torch', 'cv2', 'av', 'numpy') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1].split() == ["loaded:"]


def test_the_installed_command_tells_its_version(vidstyle: Vidstyle) -> None:
    from importlib.metadata import version

    assert vidstyle("--version").out == f"vidstyle {version('vidstyle')}\n"


def test_a_clip_keeps_its_frames_times_and_sound(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4", *DRAFT)
    assert (ended.code, ended.out) == (0, ""), ended.err
    last = ended.err.splitlines()[-1]
    assert last.startswith("vidstyle: out.mp4: 4 frames of 64x48, ")
    assert last.endswith(" s a frame)")
    made, source = probe(folder / "out.mp4"), probe(folder / "clip.mp4")
    assert count_frames(folder / "out.mp4") == 4
    assert (made.video.width, made.video.height, made.video.rate) == (WIDTH, HEIGHT, RATE)
    assert [stream.codec for stream in made.audio] == [stream.codec for stream in source.audio] == ["aac"]
    assert sorted(path.name for path in folder.iterdir()) == ["clip.mp4", "out.mp4", "style.png"]


def test_numbered_pictures_are_an_output_like_others(folder: Path, vidstyle: Vidstyle) -> None:
    command = ("stylize", "clip.mp4", "style.png", "-o", "out_%03d.png", *DRAFT)
    ended = vidstyle(*command)
    assert ended.code == 0, ended.err
    names = [f"out_{number:03d}.png" for number in range(1, 5)]
    assert sorted(path.name for path in folder.glob("out*")) == names
    assert ended.err.splitlines()[-1].startswith("vidstyle: out_%03d.png: 4 frames of 64x48, ")
    before = [(folder / name).stat().st_mtime_ns for name in names]
    refused = vidstyle(*command)
    assert (refused.code, "exists already" in refused.err) == (4, True)
    left = vidstyle(*command, "-n")
    assert (left.code, "is left as it is" in left.err) == (0, True)
    assert [(folder / name).stat().st_mtime_ns for name in names] == before
    for name in ("out_001.png", "out_%03d.png"):
        assert "-o out_%03d.png" in vidstyle("reproduce", name).out
    judged = vidstyle("evaluate", "out_%03d.png", "--alone-every", "0")
    assert judged.code == 0, judged.err


def test_json_lines_tell_all_events_and_nothing_else(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4", *DRAFT, "--json")
    assert (ended.code, ended.err) == (0, "")
    names = [event["event"] for event in ended.events if event["event"] != "notice"]
    assert names == ["started", *["frame_done"] * 4, "segment_closed", "finished"]
    assert [event["done"] for event in ended.events if event["event"] == "frame_done"] == [1, 2, 3, 4]
    finished = ended.events[-1]
    assert (finished["output"], finished["frames"], finished["size"]) == ("out.mp4", 4, [HEIGHT, WIDTH])


def test_two_styles_are_mixed_by_their_weights_on_a_still(folder: Path, vidstyle: Vidstyle) -> None:
    write_image(folder / "photo.png", 3)
    for name, value in (("dark.png", 0), ("light.png", 255)):
        cv2.imwrite(name, np.full((HEIGHT, WIDTH, 3), value, np.uint8))
    means = []
    for weights in ("1,0", "0.5,0.5", "0,1"):
        ended = vidstyle(
            *("stylize", "photo.png", "dark.png", "light.png", "-o", "mixed.png", "-y"),
            *("--style-weights", weights, *DRAFT),
        )
        assert ended.code == 0, ended.err
        means.append(read_picture(folder / "mixed.png").pixels.mean())
    assert means[0] + 20 < means[1] < means[2] - 20


def test_only_the_stretch_that_was_asked_for_is_painted(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle(
        *("stylize", "clip.mp4", "style.png", "-o", "out.mp4", *DRAFT),
        *("--start", "0:00.125", "--duration", "0.25", "--size", "48x36"),
    )
    assert ended.code == 0, ended.err
    made = probe(folder / "out.mp4")
    assert (count_frames(folder / "out.mp4"), made.video.width, made.video.height) == (2, 48, 36)
    assert made.duration == Fraction(2, RATE)


def test_info_tells_what_a_file_holds(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("info", "clip.mp4")
    assert (ended.code, ended.err) == (0, "")
    assert "64x48, 8 fps, 4 frames, yuv420p (8 bits)" in ended.out
    assert "aac, 48000 Hz, stereo" in ended.out
    (told,) = vidstyle("info", "clip.mp4", "--json").events
    assert (told["video"]["width"], told["video"]["rate"], told["duration"]) == (64, 8, 0.5)
    assert "picture" in vidstyle("info", "style.png").out


def test_doctor_finds_this_machine_fit(vidstyle: Vidstyle) -> None:
    ended = vidstyle("doctor", "--json")
    (told,) = ended.events
    assert (ended.code, told["healthy"]) == (0, True), told
    found = {check["name"]: check for check in told["checks"]}
    arithmetic = {f"computes in {name}" for name in get_args(PrecisionChoice) if name != "auto"}
    assert found["device cpu"]["found"] in arithmetic
    assert "h264" in found["encoders"]["found"]
    text = vidstyle("doctor")
    assert text.code == 0
    assert text.out.endswith("vidstyle can run on this machine.\n")


def test_doctor_names_a_torchvision_that_does_not_fit_torch(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Mismatch:
        """torchvision from another index than torch: RuntimeError, not ImportError, on import."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "torchvision":
                raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.setattr("sys.meta_path", [Mismatch(), *sys.meta_path])
    ended = vidstyle("doctor")
    assert ended.code == 0  # only --features vgg19 needs it
    assert "does not fit this torch (operator torchvision::nms does not exist)" in ended.out
    assert "pip install --force-reinstall torch torchvision" in ended.out


def test_doctor_fails_where_the_built_in_weights_are_damaged(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidstyle.features.builtin.ASSET", "assets/gone.safetensors")
    ended = vidstyle("doctor")
    assert ended.code == 1
    assert "FAIL  built-in network" in ended.out
    assert "vidstyle cannot run" in ended.out


def test_a_reader_who_leaves_early_hears_no_complaint(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "vidstyle", "info", "clip.mp4"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert ended.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals in Python")
@pytest.mark.parametrize("answer", ["n", "y"])
def test_on_a_terminal_an_existing_output_is_asked_about(folder: Path, answer: str) -> None:
    import pty

    write_image(folder / "photo.png", 3)
    (folder / "out.png").write_text("precious")
    ours, theirs = pty.openpty()
    with spawned(
        *("stylize", "photo.png", "style.png", "-o", "out.png", *DRAFT),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = answered(ours, f"{answer}\n".encode())
        out = process.stdout.read() if process.stdout else ""
    os.close(ours)
    assert out == ""  # the bar and the question are for people, on standard error
    if answer == "n":
        assert process.returncode == 4
        assert (folder / "out.png").read_text() == "precious"
    else:
        assert process.returncode == 0, shown
        assert b"painting" in shown
        assert read_picture(folder / "out.png").pixels.shape == texture(0).shape


def answered(terminal: int, answer: bytes, seconds: float = 120) -> bytes:
    """Answer the question on a terminal; all that was shown there until its other end closed."""
    shown = b""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux tells so that the other end was closed
            break
        if not piece:
            break
        shown += piece
        if shown.endswith(b"Replace it? [y/N] "):
            os.write(terminal, answer)
    return shown


def test_each_picture_of_a_folder_is_painted_and_a_damaged_one_is_told(
    folder: Path, vidstyle: Vidstyle
) -> None:
    (folder / "photos").mkdir()
    for number, name in enumerate(("a.png", "b.jpg")):
        write_image(folder / "photos" / name, number)
    command = ("stylize", "photos", "style.png", "-o", "painted", "--quality", "draft")
    ended = vidstyle(*command)
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "vidstyle: painted: 2 painted, 0 kept"), ended.err
    (folder / "photos" / "c.png").write_bytes(b"nothing like it")
    ended = vidstyle(*command)
    assert ended.code == 6
    assert "photos: c.png of 3 pictures could not be painted" in ended.err
    assert sorted(path.name for path in (folder / "painted").iterdir()) == ["a.png", "b.jpg"]
    assert vidstyle(*command, "-n", "-y").code == 2
    single = ("stylize", "photos/a.png", "style.png", "-o", "painted/a.png", "-n")
    assert vidstyle(*single).err == "vidstyle: painted/a.png exists already and is left as it is\n"


def test_a_profile_tells_what_each_stage_took(folder: Path, vidstyle: Vidstyle) -> None:
    command = ("stylize", "clip.mp4", "style.png", "-o", "out.mp4", *DRAFT, "--profile", "trace.json")
    ended = vidstyle(*command)
    assert ended.code == 0, ended.err
    lines = ended.err.splitlines()
    for stage in ("decode", "flow", "solve", "encode"):
        assert any(line.startswith(f"vidstyle: {stage}: 4 x ") for line in lines), ended.err
    spans = [event["name"] for event in json.loads((folder / "trace.json").read_text())]
    assert spans.count("solve") == spans.count("encode") == 4
    again = vidstyle(*command, "-y", "--json").events[-1]
    assert again["event"] == "profiled"
    assert {stage["stage"]: stage["spans"] for stage in again["stages"]}["solve"] == 4


def test_a_profile_of_a_folder_of_pictures_is_refused(folder: Path, vidstyle: Vidstyle) -> None:
    Path("pictures").mkdir()
    write_image(Path("pictures/one.png"))
    Path("painted").mkdir()
    ended = vidstyle("stylize", "pictures", "style.png", "-o", "painted", "--profile", "trace.json")
    assert ended.code == 2
    assert "--profile" in ended.err
