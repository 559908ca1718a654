"""The progress bar of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, TaskID

from vidstyle.cli.drawing import drawing
from vidstyle.cli.pace import Pace, clock
from vidstyle.cli.plain import printable
from vidstyle.cli.progress import price_text, profile_lines, started_text, summary
from vidstyle.pipeline import events

if TYPE_CHECKING:
    from vidstyle.pipeline.events import Event


@contextmanager
def bar() -> Iterator[Bar]:
    """A bar on standard error, removed from the terminal when the block ends."""
    with drawing() as bars:
        yield Bar(bars)


class Bar:
    """One bar at a time: the download's, then the render's."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._total: int | None = None
        self._pace = Pace()

    def show(self, event: Event) -> None:
        """Move the bar, or say a line above it."""
        match event:
            case events.Started():
                self._total = event.frames
                self._say(started_text(event))
                self._begin("painting", event.frames)
                self._move(event.resumed_frames, self._frames(event.resumed_frames))
            case events.Notice():
                self._say(event.text)
            case events.FrameDone():
                self._pace.note(event.done)
                self._move(event.done, self._frames(event.done))
            case events.Priced():
                self._say(price_text(event))
            case events.Finished():
                self._say(summary(event))
            case events.Profiled():
                for line in profile_lines(event):
                    self._say(line)

    def fetch(self, done: int, total: int | None) -> None:
        """Move the download's bar."""
        if self._task is None:
            self._begin("fetching VGG-19", total)
        self._move(done, f"{done / 1e6:.0f} MB" + ("" if total is None else f" of {total / 1e6:.0f}"))

    def _begin(self, description: str, total: int | None) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(description, total=total, state="")

    def _move(self, done: int, state: str) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=done, state=state)

    def _frames(self, done: int) -> str:
        """ "12/120  0.42 frames/s  4:17 left": what fits beside a bar."""
        parts = [str(done) if self._total is None else f"{done}/{self._total}"]
        rate, left = self._pace.rate, self._pace.left(self._total)
        if rate is not None:
            parts.append(f"{rate:.2f} frames/s")
        if left is not None:
            parts.append(f"{clock(left)} left")
        return "  ".join(parts)

    def _say(self, text: str) -> None:
        # No markup: a file may be called "[bold].mp4".
        self._bars.console.print(printable(text), markup=False, soft_wrap=True)
