"""What a visitor tries and renders, painted by the page's own process, without a browser."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from forked import workers_forked

import av  # isort: skip

from vidstyle.cli.studio.choices import Choices, Upload
from vidstyle.cli.studio.desk import DESKS, Desk, Shown
from vidstyle.cli.studio.worker import Worker
from vidstyle.media import read, read_picture
from vidstyle.settings import PRESETS

RATE, SHOTS = 8, (3, 120)  # the second shot takes long enough to be stopped in it


def texture(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(small, (64, 48), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    worker = Worker(cores=1)
    with workers_forked():
        yield worker
    worker.close()


@pytest.fixture(autouse=True)
def few_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """A style is practised as ever, in less time."""
    monkeypatch.setitem(PRESETS, "live", replace(PRESETS["live"], practice=4))


@pytest.fixture(scope="module")
def choices(tmp_path_factory: pytest.TempPathFactory) -> Choices:
    """A clip of two shots and a style, where uploads lie; painted losslessly."""
    uploads = tmp_path_factory.mktemp("page") / "uploads"
    uploads.mkdir()
    (uploads.parent / DESKS).mkdir()
    with av.open(str(uploads / "clip.mp4"), "w") as out:
        video = out.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        pictures = [np.roll(texture(shot), 2 * at, 1) for shot in (0, 1) for at in range(SHOTS[shot])]
        for index, pixels in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    cv2.imwrite(str(uploads / "style.png"), texture(2))
    clip, style = Upload(uploads / "clip.mp4", "clip.mp4"), Upload(uploads / "style.png", "style.png")
    return Choices(clip, False, (style,), "live", suffix=".mkv", codec="ffv1")


@pytest.fixture
def desk(choices: Choices, worker: Worker) -> Iterator[Desk]:
    assert choices.clip is not None
    desk = Desk(choices.clip.path.parents[1], worker)
    desk.begin()
    yield desk
    desk.close()


def only(shown: list[Shown], kind: str) -> Shown:
    assert [each.kind for each in shown[:-1]] == ["working"] * (len(shown) - 1)
    assert shown[-1].kind == kind, shown[-1].text
    return shown[-1]


def with_(choices: Choices, **changes: object) -> Choices:
    return replace(choices, **changes)  # type: ignore[arg-type]


def test_the_frame_tried_is_the_one_that_a_render_from_there_begins_with(
    desk: Desk, choices: Choices
) -> None:
    tried = only(list(desk.try_frame(choices, 0.5)), "done")
    assert tried.pair is not None
    short = with_(choices, begin=0.5, end=0.75)
    rendered = only(list(desk.render(short, 0.5)), "done")
    assert rendered.output is not None
    assert rendered.output.name == "clip-stylized.mkv"
    first, second = (frame.pixels for frame in read(rendered.output))
    assert np.abs(read_picture(tried.pair[1]).pixels.astype(int) - first).max() <= 1
    assert np.abs(read_picture(tried.pair[0]).pixels.astype(int) - first).mean() > 5

    beside = desk.look(short, 0.6)  # its second frame, compared with the clip's
    assert beside.pair is not None
    np.testing.assert_array_equal(read_picture(beside.pair[1]).pixels, second)
    behind = desk.look(short, 2.0)
    assert behind.pair is not None
    assert behind.pair[0] == behind.pair[1], "nothing was rendered there"


def test_a_render_that_was_stopped_goes_on(desk: Desk, choices: Choices) -> None:
    shown: list[Shown] = []
    for each in desk.render(choices, 0.0):
        shown.append(each)
        if each.text.startswith("5 of 123 frames"):
            threading.Thread(target=desk.stop).start()
    assert only(shown, "stopped").text == "stopped. The same settings go on from here."
    shares = [each.share for each in shown if each.share is not None]
    assert shares == sorted(shares)

    desk.begin()
    shown = list(desk.render(choices, 0.0))
    assert any("going on after 3" in each.text for each in shown)
    done = only(shown, "done")
    assert done.output is not None
    assert len(list(read(done.output))) == sum(SHOTS)
    assert done.text.startswith("clip-stylized.mkv: 123 frames of 64x48")


def test_what_was_stopped_before_its_turn_does_not_begin(desk: Desk, choices: Choices) -> None:
    desk.stop()
    assert only(list(desk.render(choices, 0.0)), "stopped").text == "stopped before its turn came"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_that_dies_is_told_and_replaced(desk: Desk, choices: Choices, worker: Worker) -> None:
    shown: list[Shown] = []
    for each in desk.render(choices, 0.0):
        shown.append(each)
        if each.share and len(shown) < 5 and worker._crew is not None:
            os.kill(worker._crew.process.pid or 0, signal.SIGKILL)
    assert "was ended by SIGKILL" in only(shown, "failed").text
    assert only(list(desk.try_frame(choices, 0.0)), "done")


def test_errors_are_one_line_with_the_files_own_names(desk: Desk, choices: Choices) -> None:
    assert choices.clip is not None
    text = choices.clip.path.with_name("diary.png")
    text.write_text("Dear diary,\n")
    told = only(list(desk.try_frame(with_(choices, styles=(Upload(text, "diary.png"),)), 0.0)), "failed").text
    assert told.startswith("diary.png: ")
    assert "uploads" not in told
    told = only(list(desk.render(with_(choices, codec="h264000"), 0.0)), "failed").text
    assert "h264000" in told
    told = only(list(desk.render(with_(choices, suffix=".webm"), 0.0)), "failed").text
    assert told == "a .webm file cannot hold ffv1. Use .mkv, which holds nearly everything."


def test_a_still_is_painted_too(desk: Desk, choices: Choices) -> None:
    # Not in the quality of the clip: what takes time is the practice, which other tests are about.
    still = with_(choices, clip=choices.styles[0], still=True, quality="draft")
    done = only(list(desk.render(still, 0.0)), "done")
    assert done.output is not None
    assert done.output.name == "style-stylized.png"
    beside = desk.look(still, 0.0)
    assert beside.pair is not None
    np.testing.assert_array_equal(read_picture(beside.pair[1]).pixels, read_picture(done.output).pixels)


def test_a_visitor_who_leaves_takes_everything_along(choices: Choices, worker: Worker) -> None:
    assert choices.clip is not None
    root = choices.clip.path.parents[1]
    desk = Desk(root, worker)
    desk.look(choices, 0.0)
    assert len(list((root / DESKS).rglob("*.png"))) == 1
    desk.close()
    assert list((root / DESKS).iterdir()) == []
