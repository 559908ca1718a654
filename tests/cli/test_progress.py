"""What is said while frames come: few lines, true figures, valid JSON."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from vidstyle.cli.pace import WINDOW, Pace, clock
from vidstyle.cli.progress import JsonLines, Lines, progress, summary
from vidstyle.pipeline.events import Event, Finished, FrameDone, Notice, SegmentClosed, Started


def a_render(output: Path, frames: int | None = 40, resumed: int = 0) -> list[Event]:
    count = frames or 40
    output.write_bytes(bytes(2_500_000))
    return [
        Started(frames, (48, 64), resumed),
        Notice("The sound is copied."),
        *(FrameDone(i, i + 1, 0.1, i == 0) for i in range(resumed, count)),
        SegmentClosed(0, resumed, count - resumed),
        Finished(output, count, (48, 64), 20.0, resumed),
    ]


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_the_pace_forgets_a_slow_first_frame_of_a_shot() -> None:
    clock_ = Clock()
    pace = Pace(clock_)
    pace.note(1)
    clock_.time = 100.0
    for done in range(2, WINDOW + 3):
        pace.note(done)
        clock_.time += 0.5
    assert pace.rate == pytest.approx(2.0)
    assert pace.left(WINDOW + 2 + 30) == pytest.approx(15.0)


def test_there_is_no_pace_before_a_frame_came() -> None:
    pace = Pace(Clock())
    assert pace.rate is None
    pace.note(0)
    assert pace.rate is None
    assert pace.left(10) is None


def test_frames_of_an_earlier_run_do_not_make_the_pace_faster() -> None:
    clock_ = Clock()
    pace = Pace(clock_)
    pace.note(1000)
    clock_.time = 2.0
    pace.note(1001)
    assert pace.rate == pytest.approx(0.5)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3725, "1:02:05")])
def test_times_left_read_like_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize("frames", [40, 3, 1, None])
def test_off_a_terminal_there_is_about_a_line_a_tenth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], frames: int | None
) -> None:
    with progress(json=False) as shown:
        for event in a_render(tmp_path / "o.mp4", frames):
            shown.show(event)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert all(line.startswith("vidstyle: ") for line in lines)
    assert sum(" frames a second" in line for line in lines) == {40: 10, 3: 2, 1: 0, None: 0}[frames]
    assert "The sound is copied." in err
    assert lines[-1].endswith(
        "o.mp4: "
        + ("1 frame" if frames == 1 else f"{frames or 40} frames")
        + " of 64x48, 2.5 MB, in 20.0 s "
        + f"({20 / (frames or 40):.2f} s a frame)"
    )


def test_a_resumed_render_says_where_it_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for event in a_render(tmp_path / "o.mp4", 40, resumed=30):
        Lines().show(event) if isinstance(event, Started) else None
    assert "40 frames of 64x48, going on after 30" in capsys.readouterr().err


def test_the_summary_divides_by_the_frames_of_this_run(tmp_path: Path) -> None:
    *_, finished = a_render(tmp_path / "o.mp4", 40, resumed=30)
    assert isinstance(finished, Finished)
    assert summary(finished).endswith("(2.00 s a frame)")


def test_a_render_with_nothing_left_to_paint_has_no_pace(tmp_path: Path) -> None:
    *_, finished = a_render(tmp_path / "o.mp4", 40, resumed=40)
    assert isinstance(finished, Finished)
    assert summary(finished).endswith("in 20.0 s")


def test_json_is_one_object_a_line_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = JsonLines()
    shown.fetch(10, None)
    for event in a_render(tmp_path / "o.mp4", 2):
        shown.show(event)
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    assert err == ""
    assert [event["event"] for event in told] == [
        *("fetching", "started", "notice", "frame_done", "frame_done", "segment_closed", "finished")
    ]
    assert told[1] == {"event": "started", "frames": 2, "size": [48, 64], "resumed_frames": 0}
    assert told[-1]["output"] == str(tmp_path / "o.mp4")


def test_a_download_says_a_line_a_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Lines()
    for done in range(1, 549):
        shown.fetch(done * 1_000_000, 548_000_000)
    lines = capsys.readouterr().err.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[-1] == "vidstyle: fetching VGG-19: 548 of 548 MB"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def drawn(render: list[Event]) -> str:
    with redirect_stderr(Terminal()) as terminal, progress(json=False) as shown:
        shown.fetch(5_000_000, 10_000_000)
        for event in render:
            shown.show(event)
    return terminal.getvalue()


@pytest.mark.usefixtures("environment")
def test_on_a_terminal_a_bar_counts_the_frames(tmp_path: Path) -> None:
    written = drawn(a_render(tmp_path / "[bold]o.mp4"))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    assert "painting" in text
    assert re.search(r"\d+/40 +[\d.]+ frames/s +0:\d\d left", text)
    assert "[bold]o.mp4: 40 frames of 64x48" in text  # no markup in names
    assert "\x1b[?25h" in written  # the cursor is given back


def test_no_color_takes_the_colours_away(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    colored = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    assert colored.search(drawn(a_render(tmp_path / "o.mp4")))
    environment.setenv("NO_COLOR", "1")
    assert not colored.search(drawn(a_render(tmp_path / "o.mp4")))


def test_a_dumb_terminal_gets_lines(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TERM", "dumb")
    written = drawn(a_render(tmp_path / "o.mp4"))
    assert "\x1b" not in written
    assert "vidstyle: 40 of 40 frames (100 %)" in written
