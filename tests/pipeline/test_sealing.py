"""Segments are closed while the next ones are painted."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from blending import Blending, blend, job
from clips import FRAMES

from vidstyle.errors import OutputError
from vidstyle.media import VideoWriter
from vidstyle.pipeline import FrameDone, SegmentClosed, render
from vidstyle.pipeline.segments import Shelf

SHORT = 6  # frames


class Patient(VideoWriter):
    """Is not closed before the first frame of the next segment is painted."""

    painted = threading.Event()

    def __exit__(self, *raised):
        assert self.painted.wait(20), "closing held up the painter"
        super().__exit__(*raised)


class Telling(Blending):
    """Tells of each frame of the second segment, and after."""

    def next(self, frame, motion):
        if frame.index >= SHORT:
            Patient.painted.set()
        return super().next(frame, motion)


def short(clip: Path, style: Path, output: Path):
    return replace(job(clip, style, output), segment_frames=SHORT)


def test_the_next_segment_is_painted_before_the_last_is_closed(clip, style, tmp_path, monkeypatch):
    monkeypatch.setattr("vidstyle.pipeline.paint.VideoWriter", Patient)
    events = list(render(short(clip, style, tmp_path / "out.mp4"), make_painter=blend(Telling())))
    assert [event.number for event in events if isinstance(event, SegmentClosed)] == list(range(8))
    done = [event.done for event in events if isinstance(event, FrameDone)]
    assert done == list(range(1, FRAMES + 1)), "each frame counts once, closed or not"


def test_what_a_segment_leaves_is_written_while_the_next_one_is_painted(clip, style, tmp_path, monkeypatch):
    written = {}
    put = Shelf.put_carry

    def watched(shelf, number, carry):
        written[number] = threading.current_thread()
        put(shelf, number, carry)

    monkeypatch.setattr(Shelf, "put_carry", watched)
    list(render(short(clip, style, tmp_path / "out.mp4"), make_painter=blend(Blending())))
    assert list(written) == [0, 1, 2, 4, 5, 6]  # 3 ends at the cut, 7 with the clip
    assert threading.main_thread() not in written.values()


def test_a_render_that_is_stopped_keeps_the_segment_that_was_being_closed(clip, style, tmp_path):
    of = short(clip, style, tmp_path / "out.mp4")
    with closing(render(of, make_painter=blend(Blending()))) as events:
        for event in events:
            if isinstance(event, FrameDone) and event.index == SHORT:
                break  # the first of the second segment: nobody has heard yet that the first is closed
    again = Blending()
    list(render(of, make_painter=blend(again)))
    assert again.calls[:2] == [("restore", -1), ("next", SHORT)]


def test_what_goes_wrong_while_a_segment_is_closed_ends_the_render(clip, style, tmp_path, monkeypatch):
    class Failing(VideoWriter):
        def __exit__(self, *raised):
            super().__exit__(*raised)
            raise OutputError("no space left", where=self.path)

    monkeypatch.setattr("vidstyle.pipeline.paint.VideoWriter", Failing)
    with pytest.raises(OutputError, match="no space left"):
        list(render(short(clip, style, tmp_path / "out.mp4"), make_painter=blend(Blending())))
    assert not (tmp_path / "out.mp4").exists()
