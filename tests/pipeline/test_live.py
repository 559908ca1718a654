"""A live picture: newest frame only, times of the capture, sources that come, go, change and die."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from live_media import SIZE, Inverting, Keeping, blob, free_port, transport_stream, write_uneven, y4m

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media.live_source import LiveSource, source_of
from vidstyle.media.recording import Recording
from vidstyle.pipeline import live
from vidstyle.pipeline.latest import Latest
from vidstyle.pipeline.live import LiveSession

MOMENT = 0.02


def session_of(source: LiveSource | str, wait: float = 0.0, **options: object) -> LiveSession:
    source = source_of(source) if isinstance(source, str) else source
    return LiveSession(source, Inverting(wait), size=lambda whole: whole, **options)


def watch(session: LiveSession, seconds: float = 60.0) -> list[Frame]:
    """What a window would have shown until the source ended."""
    seen, until = [], time.monotonic() + seconds
    while not session.ended:
        picture = session.newest(MOMENT)
        if picture is not None:
            seen.append(picture.painted)
            session.shown(picture)
        assert time.monotonic() < until, "it never ended"
    return seen


def pattern(rate: int, seconds: float) -> str:
    return f"lavfi:testsrc2=size=64x48:rate={rate}:duration={seconds},realtime"


def feeding(path: Path, pieces: Iterable[bytes], pause: Callable[[int], object]) -> threading.Thread:
    """Write into a named pipe from a thread, pausing after each numbered piece, and close it at the end."""

    def feed() -> None:
        with path.open("wb", buffering=0) as pipe:
            for number, piece in enumerate(pieces):
                pipe.write(piece)
                pause(number)

    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    return thread


def until_painted(session: LiveSession, most: int = 1000) -> Callable[[int], None]:
    """A pause until what was written, `most` frames, is painted: none is lost, on however busy a machine."""

    def pause(number: int) -> None:
        until = time.monotonic() + 20
        while min(number, most) > session.tally.counts(latency=False).painted and time.monotonic() < until:
            time.sleep(0.002)

    return pause


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def times_of(path: Path) -> list[Fraction]:
    from clips import times_of

    return times_of(path)


def test_a_source_slower_than_the_painter_is_recorded_frame_by_frame(pipe: Path, tmp_path: Path) -> None:
    session = session_of(str(pipe))
    session.send_to("record", lambda shape: Recording(tmp_path / "out.mp4", shape))
    feeding(pipe, y4m(16), until_painted(session))
    with session:
        watch(session)
    counts = session.tally.counts()
    assert (counts.painted, counts.dropped) == (16, 0)
    assert times_of(tmp_path / "out.mp4") == [Fraction(n, 20) for n in range(16)]


def test_a_source_faster_than_the_painter_loses_frames_and_gains_no_delay(tmp_path: Path) -> None:
    session = session_of(pattern(50, 1.2), wait=0.09)
    session.send_to("record", lambda shape: Recording(tmp_path / "out.mp4", shape))
    with session:
        watch(session)
    counts = session.tally.counts()
    assert counts.painted + counts.dropped == 60
    assert counts.dropped > 30
    # Had the frames waited in line, the last would be shown after sixty times the painter's 0.09 s.
    assert np.median(session.tally.latencies("window")[-4:]) < 1
    times = times_of(tmp_path / "out.mp4")  # uneven, as the frames were captured
    assert len(times) == counts.painted
    assert all((time * 50).denominator == 1 for time in times)
    assert max(b - a for a, b in pairwise(times)) >= Fraction(3, 50)


def test_a_file_plays_in_real_time_with_its_own_times(tmp_path: Path) -> None:
    ticks = (0, 24, 55, 120, 130, 200, 300, 420)  # up to 0.7 s
    clip = write_uneven(tmp_path / "clip.mp4", ticks)
    began = time.monotonic()
    with session_of(str(clip)) as session:
        session.send_to("record", lambda shape: Recording(tmp_path / "out.mp4", shape))
        watch(session)
    assert time.monotonic() - began >= 0.7
    kept = [round(moment * 600) for moment in times_of(tmp_path / "out.mp4")]
    # A busy machine may miss one of two that are 17 ms apart, or the first: the recording then begins later.
    assert any(set(kept) <= {tick - first for tick in ticks} for first in ticks[:2])
    assert len(kept) >= len(ticks) - 2


def test_pictures_are_painted_and_whole(tmp_path: Path) -> None:
    clip = write_uneven(tmp_path / "clip.mp4", (0, 60, 120))
    with session_of(str(clip)) as session:
        seen = watch(session)
    assert np.abs(seen[0].pixels.astype(int) - (255 - blob(0))).mean() < 8


def test_a_named_pipe_is_taken_as_it_comes(pipe: Path) -> None:
    feeding(pipe, y4m(12), lambda _: None)
    with session_of(str(pipe), wait=0.03) as session:
        watch(session)
    counts = session.tally.counts()
    assert counts.painted + counts.dropped == 12
    assert counts.dropped > 0


def test_a_writer_that_dies_half_way_leaves_a_whole_recording(pipe: Path, tmp_path: Path) -> None:
    pieces = list(y4m(8))
    pieces[-1] = pieces[-1][: len(pieces[-1]) // 2]
    session = session_of(str(pipe))
    session.send_to("record", lambda shape: Recording(tmp_path / "out.mp4", shape))
    feeding(pipe, pieces, until_painted(session, 7))
    with session:
        watch(session)
    assert len(times_of(tmp_path / "out.mp4")) == session.tally.counts().painted == 7
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_a_source_that_changes_its_size_goes_on_filling_the_picture(pipe: Path) -> None:
    pieces = [*transport_stream(20), *transport_stream(12, (96, 96), first=20)]
    feeding(pipe, pieces, lambda _: time.sleep(0.03))
    with session_of(str(pipe)) as session:
        seen = watch(session)
    assert {frame.pixels.shape[:2] for frame in seen} == {SIZE}
    assert seen[-1].seconds > Fraction(18, 20)
    bright = [(frame.pixels.min(-1) < 100).sum() for frame in seen]  # the square, in the negative
    assert bright[-1] > 0.3 * bright[0]


def serving(port: int, stretches: int) -> threading.Thread:
    """A sender that is there, gone, and there again: each who comes gets 25 frames."""
    server = socket.create_server(("127.0.0.1", port))

    def serve() -> None:
        with server:
            for stretch in range(stretches):
                caller, _ = server.accept()
                with caller:
                    for piece in transport_stream(25, first=100 * stretch):
                        caller.sendall(piece)
                        time.sleep(0.03)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


@pytest.mark.slow
def test_a_lost_stream_is_tried_again_and_its_recordings_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AGAIN", 0.2)
    port, names = free_port(), iter(["one.mp4", "two.mp4"])
    serving(port, 2)
    told, times = [], []
    session = session_of(f"tcp://127.0.0.1:{port}", retry=0.5)
    with pytest.raises(InputError, match="did not come back"), session:
        session.send_to("record", lambda shape: Recording(tmp_path / next(names), shape))
        while not session.ended:
            picture = session.newest(MOMENT)
            times += [] if picture is None else [picture.painted.seconds]
            told += [notice.text for notice in session.notices()]
    name = f"tcp://127.0.0.1:{port}"
    assert told[:2] == [f"{name} was lost; trying again.", f"{name} is back."]
    assert times == sorted(set(times))  # of one clock, whatever the second stretch says
    for recorded in ("one.mp4", "two.mp4"):
        kept = times_of(tmp_path / recorded)
        assert kept[0] == 0
        assert len(kept) >= 4


def test_a_slow_way_out_neither_stops_the_picture_nor_fills_the_memory(pipe: Path) -> None:
    slow, quick = Keeping(wait=0.08), Keeping()
    session = session_of(str(pipe))
    outlets = [session.send_to("slow", slow), session.send_to("quick", quick)]
    feeding(pipe, y4m(40), until_painted(session))
    with session:
        watch(session)
    assert session.tally.counts().painted == 40
    assert [outlet.dropped for outlet in outlets] == [40 - len(slow.frames), 40 - len(quick.frames)]
    assert len(slow.frames) < 30
    assert len(quick.frames) > len(slow.frames)
    assert slow.closed == quick.closed == 1


def test_a_way_out_that_fails_is_told() -> None:
    class Failing(Keeping):
        def add(self, frame: Frame) -> None:
            raise InputError("broke")

    session = session_of(pattern(20, 5))
    with pytest.raises(InputError, match="broke"), session:
        session.send_to("failing", Failing())
        watch(session)


def test_a_fault_of_the_painter_is_told() -> None:
    session = session_of(pattern(20, 5))
    session._stylizer.start = lambda frame: 1 / 0  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError), session:
        watch(session)


def test_while_paused_nothing_is_painted_and_nothing_counts_as_dropped() -> None:
    session = session_of(pattern(30, 0.6))
    session.paused = True
    with session:
        assert watch(session) == []
    assert session.tally.counts().painted == session.tally.counts().dropped == 0


def test_no_more_frames_are_painted_than_asked_for() -> None:
    with session_of(pattern(40, 1.0), most_rate=10) as session:
        seen = watch(session)
    assert 9 <= len(seen) <= 11
    assert session.tally.counts().dropped == 0
    assert session.shape is not None
    assert session.shape.rate == 10


def test_ending_early_waits_for_nothing_and_closes_everything() -> None:
    rate, seconds = 20, 600
    kept = Keeping()
    session = session_of(pattern(rate, seconds))
    with session:
        session.send_to("kept", kept)
        while not kept.frames:
            session.newest(0.1)
    assert kept.closed == 1
    counts = session.tally.counts()
    assert counts.painted + counts.dropped < rate * seconds / 10, "the source was played to its end"
    for thread in session._threads:
        thread.join(60)  # a capture that was between two frames sees that it was stopped at the next
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: "lavfi:no_such_filter", "cannot be opened"),
        (lambda folder: f"tcp://127.0.0.1:{free_port()}", "cannot be opened"),
        (lambda folder: str(folder / "text.mp4"), "no video or picture"),
    ],
)
def test_a_source_that_was_never_there_is_an_error_at_once(
    tmp_path: Path, make: Callable[[Path], str], said: str
) -> None:
    (tmp_path / "text.mp4").write_text("no video at all, only text")
    session = session_of(make(tmp_path))
    with pytest.raises(InputError, match=said), session:
        watch(session, 20)


def test_only_the_newest_item_is_handed_over() -> None:
    slot: Latest[int] = Latest()
    assert [slot.put(number) for number in (1, 2, 3)] == [False, True, True]
    slot.close()
    assert not slot.done
    assert (slot.take(0), slot.take(0)) == (3, None)
    assert slot.done
