"""A render goes on with the memory that it began with, whatever is free by then: to the same pixels."""

from __future__ import annotations

from contextlib import chdir, closing
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import pytest
import torch
from blending import job

from vidstyle.features import load_features
from vidstyle.pipeline import FrameDone, Notice, Painter, SegmentClosed, render
from vidstyle.pipeline.room_record import NAME, in_kept_room
from vidstyle.pipeline.state import folder_of
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer
from vidstyle.synthesis.room import Room

GIGABYTE = 1 << 30


def of_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr("vidstyle.synthesis.room.free_on", lambda device: free)


def test_what_was_free_is_written_before_a_segment_closes_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_free(monkeypatch, 4 * GIGABYTE)
    room = Room(torch.device("cpu"))

    def events():
        yield FrameDone(0, 1, 0.1, True)
        assert (tmp_path / NAME).read_text() == str(4 * GIGABYTE)
        room.free = 3 * GIGABYTE  # it ran out
        room.notes.append("Smaller tiles.")
        yield FrameDone(1, 2, 0.1, False)
        assert (tmp_path / NAME).read_text() == str(3 * GIGABYTE)
        yield SegmentClosed(0, 0, 2)
        return 2

    found = list(in_kept_room(events(), room, tmp_path))
    assert [type(event) for event in found] == [FrameDone, Notice, FrameDone, SegmentClosed]
    assert room.notes == []


@pytest.mark.parametrize(("now", "expected"), [(40, 4), (3.5, 4), (1, 1)])
def test_what_an_earlier_run_wrote_counts_as_long_as_most_of_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: float, expected: int
) -> None:
    (tmp_path / NAME).write_text(str(4 * GIGABYTE))
    of_free(monkeypatch, int(now * GIGABYTE))
    room = Room(torch.device("cpu"))
    list(in_kept_room((event for event in ()), room, tmp_path))
    assert room.free == expected * GIGABYTE


def test_a_damaged_record_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / NAME).write_bytes(b"\xff\x00")
    of_free(monkeypatch, GIGABYTE)
    room = Room(torch.device("cpu"))
    list(in_kept_room((event for event in ()), room, tmp_path))
    assert room.free == GIGABYTE


def test_a_stopped_render_in_tiles_goes_on_in_tiles_with_more_memory_free(
    clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.preset("draft", first_steps=(1,), steps=1, min_steps=1, device="cpu")
    of = job(clip, style, Path("out.mp4"), settings=settings, duration=Fraction(1, 2))
    rooms: list[Room] = []

    def make(styles, settings, footage):
        network = load_features("builtin")
        stylizer = OptimisingStylizer(styles, settings, network)
        rooms.append(stylizer.room)
        return Painter(stylizer, network.fingerprint, stylizer.room)

    with chdir(tmp_path):
        of_free(monkeypatch, 1000)
        with closing(render(of, make_painter=make)) as events:
            before = list(takewhile(lambda event: not isinstance(event, SegmentClosed), events))
        notices = [event.text for event in before if isinstance(event, Notice)]
        assert notices.count("Memory is short: frames are painted in tiles of 128 pixels.") == 1
        assert (folder_of(of.output) / NAME).read_text() == "1000"
        of_free(monkeypatch, 4 * GIGABYTE)
        list(render(of, make_painter=make))
        assert [room.free for room in rooms] == [1000, 1000]
        assert of.output.exists()
        assert not folder_of(of.output).exists()
