"""Progress on standard error, or as JSON lines on standard output, from the events of a render."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

from vidstyle.cli.pace import Pace, clock
from vidstyle.cli.plain import as_json, print_json, printable

if TYPE_CHECKING:
    from vidstyle.pipeline.events import Event, Finished, Priced, Profiled, Started


class Progress(Protocol):
    """Shows how far a render, or a download before it, has come."""

    def show(self, event: Event) -> None:
        """Something happened in the render."""
        ...

    def fetch(self, done: int, total: int | None) -> None:
        """`done` of `total` bytes of VGG-19's weights (None if unknown) are here."""
        ...


@contextmanager
def progress(*, json: bool) -> Iterator[Progress]:
    """JSON lines if asked for; else a bar where standard error is a terminal, and lines elsewhere."""
    if json:
        yield JsonLines()
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from vidstyle.cli.bar import bar

        with bar() as shown:
            yield shown
    else:
        yield Lines()


class JsonLines:
    """Each event as one JSON object a line: {"event": "frame_done", "index": 3, ...}."""

    def show(self, event: Event) -> None:
        """The event's own fields, after its name."""
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
        print_json({"event": name, **as_json(event)})

    def fetch(self, done: int, total: int | None) -> None:
        """{"event": "fetching", "bytes": ..., "total": ...}."""
        print_json({"event": "fetching", "bytes": done, "total": total})


class Lines:
    """A line about every tenth of the way, for logs and pipes."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._pace = Pace()
        self._next_frame = 0.0
        self._next_byte = 0.0

    def show(self, event: Event) -> None:
        """Say what is worth a line."""
        from vidstyle.pipeline import events

        match event:
            case events.Started():
                self._total = event.frames
                self._next_frame = event.resumed_frames + self._step
                self._say(started_text(event))
            case events.Notice():
                self._say(event.text)
            case events.FrameDone():
                self._advance(event.done)
            case events.Priced():
                self._say(price_text(event))
            case events.Finished():
                self._say(summary(event))
            case events.Profiled():
                for line in profile_lines(event):
                    self._say(line)

    def fetch(self, done: int, total: int | None) -> None:
        """Say a line when another tenth (50 MB, if the total is unknown) is here."""
        if done < self._next_byte and done != total:
            return
        self._next_byte = done + (50e6 if total is None else total / 10)
        whole = "" if total is None else f" of {total / 1e6:.0f}"
        self._say(f"fetching VGG-19: {done / 1e6:.0f}{whole} MB")

    @property
    def _step(self) -> float:
        return 50.0 if self._total is None else max(1.0, self._total / 10)

    def _advance(self, done: int) -> None:
        self._pace.note(done)
        if done >= self._next_frame:
            self._next_frame += self._step
            self._say(progress_text(done, self._total, self._pace))

    def _say(self, text: str) -> None:
        typer.echo(f"vidstyle: {printable(text)}", err=True)


def started_text(event: Started) -> str:
    """ "120 frames of 480x270", and how many of them an earlier run left."""
    height, width = event.size
    text = f"{count(event.frames)} of {width}x{height}"
    return f"{text}, going on after {event.resumed_frames}" if event.resumed_frames else text


def count(frames: int | None) -> str:
    """ "1 frame", "120 frames", "frames"."""
    if frames is None:
        return "frames"
    return f"{frames} frame" + ("" if frames == 1 else "s")


def progress_text(done: int, total: int | None, pace: Pace) -> str:
    """ "12 of 120 frames (10 %), 0.42 frames a second, 4:17 left", as far as it is known."""
    parts = [count(done) if total is None else f"{done} of {count(total)} ({100 * done // total} %)"]
    if pace.rate is not None:
        parts.append(f"{pace.rate:.2f} frames a second")
    left = pace.left(total)
    if left is not None:
        parts.append(f"{clock(left)} left")
    return ", ".join(parts)


def summary(event: Finished) -> str:
    """What was made: file, size, frames, time, time a frame."""
    from vidstyle.media.numbered import files_of

    height, width = event.size
    made = event.frames - event.resumed_frames
    pace = f" ({event.seconds / made:.2f} s a frame)" if made > 0 else ""
    size = sum(file.stat().st_size for file in files_of(event.output, event.frames))
    return (
        f"{event.output}: {count(event.frames)} of {width}x{height}, {weight(size)}, "
        f"in {event.seconds:.1f} s{pace}"
    )


def profile_lines(event: Profiled) -> Iterator[str]:
    """A line for each stage: "flow: 12 x 60.1 ms, 0.7 s in all; waited 0.1 s for input, 5.2 s for room"."""
    for stage in event.stages:
        each = 1000 * stage.seconds / max(1, stage.spans)
        yield (
            f"{stage.stage}: {stage.spans} x {each:.1f} ms, {stage.seconds:.1f} s in all; waited "
            f"{stage.input_seconds:.1f} s for input, {stage.room_seconds:.1f} s for room"
        )
    yield f"{event.trace}: open it in chrome://tracing or ui.perfetto.dev"


def price_text(event: Priced) -> str:
    """ "strength 0.3 at 1920x1080: 0.64 s a frame, 4.3 s for the first of a shot, 1.2 min in all"."""
    height, width = event.size
    return f"{event.label or 'the whole render'} at {width}x{height}: {event.price.full()}"


def weight(size: int) -> str:
    """Bytes for people: "39.6 kB", "2.5 MB"."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
