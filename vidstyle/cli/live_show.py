"""A live picture on the screen and under the keys, or without a screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from vidstyle.live.stylizer import LiveStylizer
    from vidstyle.pipeline.live import LivePicture, LiveSession
    from vidstyle.pipeline.outlet import Outlet
    from vidstyle.pipeline.style_book import StyleBook

KEYS = (
    "q or Esc ends, space pauses, n and p turn to the next and previous style, + and - blend between styles "
    "(or change the strength of the only one), r records, s takes a snapshot, m mirrors, c compares, "
    "f shows figures"
)
STEP = 0.1  # of a blend or of the strength, for each press
QUICK = 0.02  # seconds to wait for a picture before keys are looked at: fifty times a second
STATUS = 10.0  # seconds between two lines without a window


@dataclass
class Show:
    """What the keys act on.

    Attributes:
        session: the picture.
        stylizer: its painter.
        book: its styles; None until the first picture.
        record: starts a recording.
        recording: the one that runs.
    """

    session: LiveSession
    stylizer: LiveStylizer
    record: Callable[[], Outlet]
    recording: Outlet | None = None
    book: StyleBook | None = None
    mirror: bool = False
    compare: bool = False
    figures: bool = True
    last: LivePicture | None = field(default=None, repr=False)

    def press(self, key: str) -> bool:
        """Do what a key asks for; False ends the show."""
        match key:
            case "q":
                return False
            case " ":
                self.session.paused = not self.session.paused
            case "m":
                self.mirror = not self.mirror
            case "c":
                self.compare = not self.compare
            case "f":
                self.figures = not self.figures
            case "s":
                self._snapshot()
            case "r":
                self._toggle_recording()
            case "n" | "p" if self.book is not None:
                self.book.turn(1 if key == "n" else -1)
            case "+" | "=" | "-" if self.book is not None:
                self._more(-STEP if key == "-" else STEP)
        return True

    def text(self) -> str:
        """What is written into the corner of the window."""
        lines = []
        if self.figures:
            counts = self.session.tally.counts(latency=False)
            lines.append(f"{counts.rate:.1f} fps  {counts.dropped} dropped")
            if self.book is not None and len(self.book) > 1:
                lines.append(f"style {self.book.place + 1:g} of {len(self.book)}")
        if self.recording is not None:
            lost = f", {self.recording.dropped} dropped" if self.recording.dropped else ""
            lines.append(f"REC{lost}")
        if self.session.paused:
            lines.append("paused")
        return "\n".join(lines)

    def _more(self, step: float) -> None:
        if self.book is not None and len(self.book) > 1:
            self.book.blend(step)
        else:
            strength = self.stylizer.settings.strength + step
            self.stylizer.dial(min(max(round(strength, 3), 0.0), 1.0))

    def _snapshot(self) -> None:
        from vidstyle.media import write_picture

        if self.last is not None:
            path = free_name(Path(time.strftime("vidstyle-%Y%m%d-%H%M%S.png")))
            write_picture(path, self.last.painted.pixels, {})
            say(f"snapshot {path}")

    def _toggle_recording(self) -> None:
        if self.recording is None:
            self.recording = self.record()
        else:
            self.session.stop_sending(self.recording)
            self.recording = None


def show(show: Show, open_book: Callable[[int], StyleBook], *, window: bool) -> None:
    """Show pictures until the source ends, its user has had enough, or something goes wrong.

    Args:
        show: what the keys act on.
        open_book: opens the styles for frames of so many rows.
        window: draw in a window and listen to its keys.
    """
    try:
        if window:
            _in_window(show, open_book)
        else:
            _without(show, open_book)
    finally:
        if show.book is not None:
            show.book.close()


def _in_window(show: Show, open_book: Callable[[int], StyleBook]) -> None:
    from vidstyle.cli.window import Window, drawn

    opened: Window | None = None
    session = show.session
    while not session.ended:
        picture = session.newest(QUICK)
        _tell(show)
        if picture is not None:
            show.last = picture
            if opened is None:
                opened = Window(picture.painted.pixels.shape[:2])
                show.book = open_book(picture.painted.height)
        if opened is None or show.last is None:
            continue
        painted, source = show.last.painted.bytes(), show.last.source.bytes()
        opened.show(drawn(painted, source, show.text(), mirror=show.mirror, compare=show.compare))
        key = opened.key()
        if picture is not None:
            session.shown(picture)
        if opened.closed or not show.press(key):
            break
    if opened is not None:
        opened.close()


def _without(show: Show, open_book: Callable[[int], StyleBook]) -> None:
    session, due = show.session, time.monotonic() + STATUS
    while not session.ended:
        picture = session.newest(0.2)
        _tell(show)
        if picture is not None and show.book is None:
            show.book = open_book(picture.painted.height)
        if time.monotonic() > due:
            due += STATUS
            counts = session.tally.counts(latency=False)
            say(f"{counts.painted} frames, {counts.rate:.1f} a second, {counts.dropped} dropped")


def _tell(show: Show) -> None:
    """Say what there is to know, and raise what went wrong with the styles."""
    for notice in show.session.notices():
        say(notice.text)
    if show.book is not None and show.book.error is not None:
        raise show.book.error


def say(text: str) -> None:
    """One line on standard error."""
    typer.echo(f"vidstyle: {text}", err=True)


def free_name(path: Path) -> Path:
    """The path, or, where it is taken, the first of name-2, name-3, ... that is not."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
