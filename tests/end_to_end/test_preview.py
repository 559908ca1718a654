"""`vidstyle preview`, run as it is run."""

from __future__ import annotations

import inspect
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import Vidstyle
from tiny_media import count_frames, write_image

from vidstyle.cli.preview import preview
from vidstyle.cli.stylize import stylize
from vidstyle.media import probe, read, read_picture

pytestmark = pytest.mark.usefixtures("hasty")

DRAFT = ("-q", "draft", "--device", "cpu", "--thumbnail", "64")


def test_a_sheet_is_made_and_its_cost_told(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle(
        *("preview", "clip.mp4", "style.png", "-o", "sheet.png", "--vary", "strength=0,1", "--frames", "1"),
        *DRAFT,
    )
    assert ended.code == 0, ended.err
    assert ended.out == ""
    assert "2 frames of 64x48" in ended.err
    assert "the whole render at 64x48: " in ended.err
    assert "s a frame, " in ended.err and " in all" in ended.err
    assert "sheet.png: 2 painted pictures on " in ended.err
    height, width = read_picture("sheet.png").pixels.shape[:2]
    assert width > 3 * 64 and height > 48
    assert {path.name for path in folder.iterdir()} == {"clip.mp4", "style.png", "sheet.png"}

    again = vidstyle("preview", "clip.mp4", "style.png", "-o", "sheet.png")
    assert (again.code, "exists already" in again.err) == (4, True)


def test_what_was_given_holds_in_every_quality(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle(
        *("preview", "clip.mp4", "style.png", "-o", "sheet.png", "--vary", "quality=draft,standard"),
        *("--strength", "0", "--frames", "1", "--device", "cpu"),
    )
    assert ended.code == 0, ended.err
    source = list(read(folder / "clip.mp4"))[2].bytes()
    found = cv2.matchTemplate(read_picture("sheet.png").bytes(), source, cv2.TM_SQDIFF)
    assert (found < 64 * 48 * 3).sum() == 3  # the source, and both results


def test_json_tells_everything_as_stylize_does(folder: Path, vidstyle: Vidstyle) -> None:
    write_image(folder / "other.png", 7)
    ended = vidstyle(
        *("preview", "clip.mp4", "style.png", "other.png", "-o", "sheet.jpg", "--frames", "1", "--json"),
        *DRAFT,
    )
    assert ended.code == 0, ended.err
    events = ended.events
    assert [event["event"] for event in events] == [
        "started",
        "frame_done",
        "frame_done",
        "priced",
        "finished",
    ]
    assert events[3]["size"] == [48, 64]
    assert set(events[3]["price"]) == {"first", "later", "total"}
    assert events[-1]["output"] == "sheet.jpg"


def test_a_mistake_is_told_with_what_was_meant(folder: Path, vidstyle: Vidstyle) -> None:
    wrong = ("preview", "clip.mp4", "style.png", "-o", "sheet.png", "--vary")
    ended = vidstyle(*wrong, "strenght=0.3,1")
    assert ended.code == 2
    assert ended.err == ("vidstyle: error: --vary strenght: no such setting. Did you mean strength?\n")
    ended = vidstyle(*wrong, "strength=0.3,7", "--json")
    assert (ended.code, ended.events[-1]["event"], ended.events[-1]["exit_code"]) == (2, "failed", 2)
    assert vidstyle("preview", "missing.mp4", "style.png", "-o", "sheet.png").code == 3
    assert not (folder / "sheet.png").exists()


def test_a_clip_has_a_line_that_leaves_the_source_and_comes_to_the_result(
    folder: Path, vidstyle: Vidstyle
) -> None:
    ended = vidstyle(
        "preview", "clip.mp4", "style.png", "-o", "look.mkv", "--clip", "--codec", "ffv1", *DRAFT[:4]
    )
    assert ended.code == 0, ended.err
    assert count_frames(folder / "look.mkv") == 4
    source, shown = next(read(folder / "clip.mp4")).bytes(), next(read(folder / "look.mkv")).bytes()
    assert np.array_equal(shown[:, :60], source[:, :60])  # the line sets out at the right
    told = vidstyle("reproduce", "look.mkv").out
    assert "--compare wipe" in told and "--duration 2" in told


def test_a_clip_can_be_compared_in_other_ways(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle(
        *("preview", "clip.mp4", "style.png", "-o", "look.mp4", "--clip", "--compare", "side"),
        *("--start", "0.25", "--duration", "0.25", *DRAFT[:4]),
    )
    assert ended.code == 0, ended.err
    assert probe(folder / "look.mp4").video.width == 128
    assert count_frames(folder / "look.mp4") == 2


def test_what_is_for_a_sheet_is_refused_for_a_clip(folder: Path, vidstyle: Vidstyle) -> None:
    ended = vidstyle("preview", "clip.mp4", "style.png", "-o", "look.mp4", "--clip", "--frames", "2")
    assert (ended.code, "--frames: is for a sheet" in ended.err) == (2, True)
    ended = vidstyle("preview", "style.png", "style.png", "-o", "look.mp4", "--clip")
    assert (ended.code, "--clip: is for videos" in ended.err) == (2, True)


def test_a_sheet_that_is_stopped_is_not_said_to_go_on(
    folder: Path, vidstyle: Vidstyle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vidstyle.preview.make.painted", stopped)
    ended = vidstyle("preview", "clip.mp4", "style.png", "-o", "sheet.png", *DRAFT)
    assert ended.code == 130
    assert ended.err.splitlines()[-1] == "vidstyle: stopped."
    assert {path.name for path in folder.iterdir()} == {"clip.mp4", "style.png"}


def test_every_option_of_stylize_is_one_of_preview() -> None:
    own = set(inspect.signature(preview).parameters) - set(inspect.signature(stylize).parameters)
    assert own == {"vary", "frames", "thumbnail", "clip"}
    assert set(inspect.signature(stylize).parameters) <= set(inspect.signature(preview).parameters)
