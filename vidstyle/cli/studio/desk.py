"""What one visitor of the page tries out and renders: jobs from choices, and what to show of them."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any, Literal

from vidstyle.cli.pace import Pace
from vidstyle.cli.progress import progress_text, started_text, summary
from vidstyle.cli.studio.choices import Choices, Upload
from vidstyle.cli.studio.moments import Opened, frame_at, picture_file, rendered_frame
from vidstyle.cli.studio.worker import Worker
from vidstyle.errors import InputError, InterruptedRender, VidstyleError
from vidstyle.frames import Frame
from vidstyle.media import read_picture
from vidstyle.media.conversion import scaled
from vidstyle.pipeline import Event, Finished, FrameDone, Job, Notice, Started

DESKS = "desks"  # the folder of all visitors' folders, in the private one

Pair = tuple[str, str]


@dataclass(frozen=True)
class Shown:
    """What the page shows of something under way, or at its end.

    Attributes:
        text: a line for people.
        kind: whether it goes on, or how it ended.
        share: how much of it is done, 0..1; None while that is unknown.
        notices: what else the visitor should know.
        pair: names of two pictures to compare, before and after.
        caption: what the two are.
        moment: seconds of the clip at which the pair was taken; None leaves the slider where it is.
        output: the file that was rendered.
    """

    text: str
    kind: Literal["working", "done", "stopped", "failed"] = "working"
    share: float | None = None
    notices: tuple[str, ...] = ()
    pair: Pair | None = None
    caption: str = ""
    moment: float | None = None
    output: Path | None = None


Showing = Generator[Shown, None, None]


@dataclass(frozen=True)
class _Render:
    """A finished render: of which clip, where in it it begins, and whether it is a picture."""

    clip: Upload
    output: Path
    begin: Fraction
    still: bool


def _ends_shown(painting: Callable[..., Iterator[Shown]]) -> Callable[..., Showing]:
    """Show how it ended as the command line would say it, instead of raising."""

    @wraps(painting)
    def shown(self: Desk, *arguments: Any) -> Showing:
        self._busy = True
        try:
            yield from painting(self, *arguments)
        except InterruptedRender as error:
            yield Shown(self.plain(error), "stopped")
        except VidstyleError as error:
            yield Shown(self.plain(error), "failed")
        finally:
            self._busy = False

    return shown


class Desk:
    """One visitor's pictures and renders, in a folder that goes with the visitor.

    Args:
        root: the private folder of the page; uploads lie in it, and this desk's own folder.
        worker: paints, for all visitors.

    Attributes:
        clip: what was found in the clip that lies on it; None: no clip.
    """

    def __init__(self, root: Path, worker: Worker) -> None:
        self._root, self._worker = root, worker
        self._folder = Path(tempfile.mkdtemp(dir=root / DESKS))
        self.clip: Opened | None = None
        self._pictures = 0
        self._finished: _Render | None = None
        self._busy = self._cancelled = False

    def begin(self) -> None:
        """Something was asked for and may have to wait for its turn: `stop` is about it from here on."""
        self._cancelled = False

    def stop(self) -> None:
        """Stop what was asked for, be it under way or waiting for its turn."""
        self._cancelled = True
        if self._busy:
            self._worker.stop()

    def close(self) -> None:
        """The visitor is gone: stop, and remove the folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def plain(self, told: object) -> str:
        """A message with the visitor's own names of files, not where their copies lie."""
        folders = re.escape(str(self._root)) + r"(?:[\\/][^\\/\s]+)*[\\/]"
        return " ".join(re.sub(folders, "", str(told)).split())

    def look(self, choices: Choices, moment: float) -> Shown:
        """The clip at a moment beside what was rendered of it; beside itself where nothing was.

        Raises:
            VidstyleError: see `frame_at`.
        """
        clip = _clip_of(choices)
        before = frame_at(choices, clip, moment)
        after = self._rendered_at(clip, moment)
        if after is None:
            picture = self._written(before)
            caption = "The picture." if choices.still else f"The clip at {moment:.2f} s."
            return Shown("", "done", pair=(picture, picture), caption=f"{caption} *Try* shows it painted.")
        before = before.with_pixels(scaled(before.pixels, (after.height, after.width)))
        caption = f"Left: the clip at {moment:.2f} s. Right: what was rendered, *{self._output_name()}*."
        return Shown("", "done", pair=(self._written(before), self._written(after)), caption=caption)

    @_ends_shown
    def try_frame(self, choices: Choices, moment: float) -> Iterator[Shown]:
        """Paint one frame with the settings chosen."""
        before = self._next_picture()
        job = choices.job_of_picture(before, self._next_picture())
        yield Shown("painting one frame")
        picture_file(frame_at(choices, _clip_of(choices), moment), before)
        for event in self._events(job):
            match event:
                case FrameDone():
                    seconds = event.seconds
        where = "the picture" if choices.still else f"the clip at {moment:.2f} s"
        yield Shown(
            f"painted in {seconds:.1f} s",
            "done",
            pair=(str(job.source), str(job.output)),
            caption=f"Left: {where}. Right: painted with these settings.",
        )

    @_ends_shown
    def render(self, choices: Choices, moment: float) -> Iterator[Shown]:
        """Render the range; what a stopped render of the same choices finished is kept."""
        job = choices.job(self._place_of(choices))
        job.output.parent.mkdir(exist_ok=True)
        yield Shown("looking at the clip")
        total, notices, pace = None, tuple[str, ...](), Pace()
        for event in self._events(job):
            match event:
                case Notice():
                    notices += (self.plain(event.text),)
                case Started():
                    total = event.frames
                    yield Shown(f"{started_text(event)}: painting the first frame", notices=notices)
                case FrameDone():
                    pace.note(event.done)
                    share = None if total is None else min(1.0, event.done / total)
                    yield Shown(progress_text(event.done, total, pace), share=share, notices=notices)
                case Finished():
                    self._finished = _Render(
                        _clip_of(choices), job.output, job.start or Fraction(0), choices.still
                    )
                    yield self._finished_shown(event, choices, moment, notices)

    def _finished_shown(
        self, event: Finished, choices: Choices, moment: float, notices: tuple[str, ...]
    ) -> Shown:
        if self._rendered_at(_clip_of(choices), moment) is None:
            moment = choices.begin
        seen = self.look(choices, moment)
        return Shown(
            self.plain(summary(event)),
            "done",
            notices=notices,
            pair=seen.pair,
            caption=seen.caption,
            moment=moment,
            output=event.output,
        )

    def _events(self, job: Job) -> Iterator[Event]:
        if self._cancelled:
            raise InterruptedRender("stopped before its turn came")
        with closing(self._worker.run(job)) as events:
            yield from events

    def _rendered_at(self, clip: Upload, moment: float) -> Frame | None:
        done = self._finished
        if done is None or done.clip != clip:
            return None
        if done.still:
            return read_picture(done.output)
        return rendered_frame(done.output, done.begin, Fraction(str(moment)))

    def _output_name(self) -> str:
        return "" if self._finished is None else self._finished.output.name

    def _place_of(self, choices: Choices) -> Path:
        """The file to render to: the same for the same choices, so that a stopped render goes on."""
        clip, styles = _clip_of(choices), choices.styles
        asked = repr((choices.command(), clip.path, [style.path for style in styles]))
        folder = self._folder / hashlib.sha256(asked.encode()).hexdigest()[:16]
        return folder / choices.output_name(clip.path.name)

    def _written(self, frame: Frame) -> str:
        return picture_file(frame, self._next_picture())

    def _next_picture(self) -> Path:
        """A name that was not there before: browsers keep what they fetched."""
        self._pictures += 1
        return self._folder / f"picture-{self._pictures}.png"


def _clip_of(choices: Choices) -> Upload:
    if choices.clip is None:
        raise InputError("no clip yet", hint="Drop a video or a picture on 1.")
    return choices.clip
