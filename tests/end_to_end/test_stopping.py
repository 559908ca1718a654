"""Ctrl-C and SIGTERM: nothing broken under the final name, and the same command goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Vidstyle, hasten, spawned
from tiny_media import count_frames, write_clip

pytestmark = pytest.mark.usefixtures("hasty")

# A signal has time to arrive in the first and in the third; the first is closed by the end of the second.
SHOTS = (16, 3, 16)
COMMAND = ("stylize", "cut.mp4", "style.png", "-o", "out.mp4", "--quality", "draft", "--steps", "1", "--json")


def stopped_at(event: str, with_signal: int) -> tuple[int, str]:
    """Run the command, stop it as soon as it tells of an event; its exit code and what it said."""
    process = spawned(*COMMAND, before=hasten, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    for told in map(json.loads, process.stdout):
        if told["event"] == event:
            process.send_signal(with_signal)
            break
    _, err = process.communicate(timeout=120)
    return process.returncode, err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither of these signals")
def test_a_stopped_render_goes_on_and_ends_as_if_never_stopped(folder: Path, vidstyle: Vidstyle) -> None:
    write_clip(folder / "cut.mp4", SHOTS)
    output = folder / "out.mp4"

    assert stopped_at("frame_done", signal.SIGTERM) == (143, "")  # before a segment is finished
    assert not output.exists()
    assert [path.name for path in folder.iterdir() if "state" in path.name] == []

    assert stopped_at("segment_closed", signal.SIGINT) == (130, "")  # in the third shot
    assert not output.exists()

    resumed = vidstyle(*COMMAND)
    assert resumed.code == 0, resumed.err
    started = next(event for event in resumed.events if event["event"] == "started")
    assert SHOTS[0] <= started["resumed_frames"] < sum(SHOTS)
    assert count_frames(output) == sum(SHOTS)
    assert sorted(path.name for path in folder.iterdir()) == ["clip.mp4", "cut.mp4", "out.mp4", "style.png"]
    as_resumed = output.read_bytes()

    output.unlink()
    assert vidstyle(*COMMAND).code == 0
    assert output.read_bytes() == as_resumed


def test_ctrl_c_tells_how_to_go_on(folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(job: object, **_: object) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("vidstyle.pipeline.render", interrupted)
    ended = vidstyle("stylize", "clip.mp4", "style.png", "-o", "out.mp4")
    assert ended.code == 130
    assert ended.err == "vidstyle: stopped; the same command goes on from here.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM handlers to speak of")
def test_signal_handlers_are_put_back(vidstyle: Vidstyle) -> None:
    before = signal.getsignal(signal.SIGTERM)
    vidstyle("--version")
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits on the size of files")
@pytest.mark.parametrize(("source", "output"), [("clip.mp4", "out.mp4"), ("style.png", "out.png")])
def test_no_space_is_told_and_the_same_command_goes_on_once_there_is_room(
    folder: Path, vidstyle: Vidstyle, source: str, output: str
) -> None:
    import resource

    command = ("stylize", source, "style.png", "-o", output, "--quality", "draft")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))  # the system then says EFBIG
    try:
        ended = vidstyle(*command)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ended.code == 4, ended.err
    assert "no space left" in ended.err.splitlines()[-1]
    assert sorted(path.name for path in folder.iterdir()) == ["clip.mp4", "style.png"]
    assert vidstyle(*command).code == 0
