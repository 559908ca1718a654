"""`vidstyle live` and `stylize --quality live`, as commands."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from commands import Vidstyle, spawned
from tiny_media import count_frames, write_clip

import av  # isort: skip

SOURCE = "lavfi:testsrc2=size=64x48:rate=15:duration={},realtime"


def times_of(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def test_a_file_goes_through_the_live_network_and_tells_how(
    folder: Path, vidstyle: Vidstyle, live_model: Path
) -> None:
    command = ["stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--quality", "live"]
    command += ["--steady", "0.5", "--model", str(live_model)]
    ended = vidstyle(*command)
    assert ended.code == 0, ended.err
    assert count_frames(folder / "out.mp4") == 4
    first = (folder / "out.mp4").read_bytes()
    told = vidstyle("reproduce", "out.mp4").out
    assert f"--steady 0.5 --model {live_model}" in told
    (folder / "out.mp4").unlink()
    assert vidstyle(*command).code == 0
    assert (folder / "out.mp4").read_bytes() == first


def test_lessons_before_the_first_frame_are_told_and_reproduced(folder: Path, vidstyle: Vidstyle) -> None:
    command = ["stylize", "clip.mp4", "style.png", "-o", "out.mp4", "--quality", "live"]
    assert vidstyle(*command, "--practice", "2").code == 0
    assert "--practice 2" in vidstyle("reproduce", "out.mp4").out
    practised = (folder / "out.mp4").read_bytes()
    assert vidstyle(*command, "--practice", "0", "-y").code == 0
    assert "--practice 0" in vidstyle("reproduce", "out.mp4").out
    assert (folder / "out.mp4").read_bytes() != practised


def test_a_live_source_waits_for_no_lessons(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidstyle.pipeline.practice.practised", lambda *_, **__: pytest.fail("waited"))
    command = ["live", "style.png", "--input", SOURCE.format(1), "--no-window", "--record", "out.mkv"]
    ended = vidstyle(*command)
    assert ended.code == 0, ended.err
    assert 1 <= len(times_of(folder / "out.mkv")) <= 15


def test_a_batch_may_hold_live_jobs(folder: Path, vidstyle: Vidstyle, live_model: Path) -> None:
    (folder / "jobs.toml").write_text(
        f'[[jobs]]\ninput = "clip.mp4"\nstyles = ["style.png"]\noutput = "live.mp4"\nquality = "live"\n'
        f'steady = 0.3\npractice = 3\nmodel = "{live_model}"\n'
    )
    ended = vidstyle("batch", "jobs.toml")
    assert ended.code == 0, ended.err
    assert count_frames(folder / "live.mp4") == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--quality", "live", "--steps", "9"), "steps: means nothing with quality live"),
        (("--quality", "draft", "--steady", "0.2"), "steady: means nothing with quality draft"),
        (("--quality", "live", "--steady", "2"), "steady: is 2"),
        (("--quality", "draft", "--practice", "9"), "practice: means nothing with quality draft"),
        (("--quality", "live", "--practice", "-1"), "practice: is -1"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_without_a_meaning_are_refused(vidstyle: Vidstyle, given: tuple[str, ...], said: str) -> None:
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4", *given)
    assert ended.code == 2
    assert said in ended.err


def test_a_live_source_is_painted_and_recorded(folder: Path, vidstyle: Vidstyle, live_model: Path) -> None:
    command = ["live", "style.png", "--input", SOURCE.format(1), "--no-window", "--record", "out.mkv"]
    ended = vidstyle(*command, "--model", str(live_model))
    assert ended.code == 0, ended.err
    assert ended.out == ""
    assert "a second), " in ended.err
    assert ended.err.endswith("vidstyle: recorded out.mkv\n")
    times = times_of(folder / "out.mkv")
    assert 2 <= len(times) <= 15
    assert all(abs(moment * 15 - round(moment * 15)) <= Fraction(15, 1000) for moment in times)
    again = vidstyle(*command, "--model", str(live_model))
    assert (again.code, "exists already" in again.err) == (4, True)


@pytest.mark.parametrize(
    ("asked", "size"),
    [((), (320, 180)), (("--size", "400x240"), (400, 240)), (("--size", "640"), (640, 360))],
)
def test_a_large_source_is_painted_at_the_size_asked_for_or_that_keeps_up(
    folder: Path,
    vidstyle: Vidstyle,
    live_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr("vidstyle.pipeline.real_time.longest_side", lambda *_: 320)
    source = "lavfi:testsrc2=size=640x360:rate=5:duration=1,realtime"
    command = ["live", "style.png", "--input", source, "--no-window", "--record", "out.mkv", *asked]
    ended = vidstyle(*command, "--model", str(live_model))
    assert ended.code == 0, ended.err
    with av.open(str(folder / "out.mkv")) as container:
        shape = container.streams.video[0]
        assert (shape.width, shape.height) == size
    assert ("at 320x180, about what this machine paints in real time" in ended.err) == (not asked)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "STYLE: names no picture"),
        (("style.png", "--input", "clip.mp4", "--no-window"), 2, "leaves nothing to be seen"),
        (("style.png", "--input", "gone.mp4", "--no-window", "-o", "-"), 3, "gone.mp4: does not exist"),
        (("style.png", "--camera", "97", "--no-window", "-o", "-"), 3, "camera 97: is not there"),
        (("style.png", "--input", "clip.mp4"), 2, "--no-window"),  # no display
        (("style.png", "--input", "clip.mp4", "--no-window", "--record", "out.txt"), 4, "no video container"),
        (("style.png", "--input", "clip.mp4", "--no-window", "-o", "ftp://host/a"), 4, "unknown kind"),
        (("gone.png", "--input", "clip.mp4", "--no-window", "-o", "a.mkv"), 3, "gone.png: does not exist"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_is_told_at_once(
    vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    ended = vidstyle("live", *arguments)
    assert ended.code == code, ended.err
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_display_that_cannot_be_reached_is_told(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    ended = vidstyle("live", "style.png", "--input", "clip.mp4")
    assert ended.code == 2
    assert "cannot be opened on display ':4711'. Add --no-window" in ended.err


def test_cameras_are_listed(vidstyle: Vidstyle) -> None:
    ended = vidstyle("live", "--list-cameras")
    assert ended.code == 0
    assert ended.out or "no camera found" in ended.err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither of these signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_recording_whole(folder: Path, live_model: Path, number: int, code: int) -> None:
    process = spawned(
        *("live", "style.png", "--input", SOURCE.format(600), "--no-window", "--record", "out.mp4"),
        *("--model", live_model),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    part = folder / ".out.part.mp4"
    until = time.monotonic() + 60
    while not part.exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert out == ""
    assert err.splitlines()[-1] == "vidstyle: recorded out.mp4"
    assert len(times_of(folder / "out.mp4")) >= 3
    assert not part.exists()


@pytest.mark.slow
def test_standard_output_is_a_stream_that_goes_on_in_a_pipe(folder: Path, live_model: Path) -> None:
    write_clip(folder / "long.mp4", (16,))
    command = [
        sys.executable,
        "-m",
        "vidstyle",
        "live",
        "style.png",
        "--no-window",
        "--model",
        str(live_model),
    ]
    first = subprocess.Popen([*command, "--input", "long.mp4", "-o", "-"], stdout=subprocess.PIPE)
    second = subprocess.run([*command, "--input", "-", "-o", "out.mkv"], stdin=first.stdout, check=False)
    assert first.stdout is not None
    first.stdout.close()
    assert (first.wait(60), second.returncode) == (0, 0)
    assert count_frames(folder / "out.mkv") >= 3


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_it_quietly(folder: Path, live_model: Path) -> None:
    process = spawned(
        *("live", "style.png", "--input", SOURCE.format(600), "--no-window", "-o", "-"),
        *("--model", live_model),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.buffer.read(500)
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert process.returncode == 141
    assert "Traceback" not in err
    assert "bug" not in err
