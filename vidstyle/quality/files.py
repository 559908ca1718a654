"""A result and its source as files: read side by side, at one size, one frame at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Motion
from vidstyle.media import Reading, probe, read
from vidstyle.motion import track

Streams = tuple[Iterator[Frame], Iterator[tuple[Frame, Motion]]]


@dataclass(frozen=True)
class Clip:
    """A result and the stretch of the source that it was made from.

    Attributes:
        stylized: a video or picture.
        source: what it was made from, of any size.
        start: seconds after the source's start at which the stretch begins.
        duration: its seconds; None goes on to the end.
        rate: pictures per second of a source of numbered pictures; None: 25.
    """

    stylized: Path
    source: Path
    start: Fraction | None = None
    duration: Fraction | None = None
    rate: Fraction | None = None

    def frames(self) -> int | None:
        """About how many frames there are to compare, None if unknown.

        Raises:
            InputError: a file cannot be read, or the two are plainly not of one length.
        """
        result, source = probe(self.stylized), probe(self.source, rate=self.rate)
        if result.is_picture != source.is_picture:
            kinds = ("picture", "video") if result.is_picture else ("video", "picture")
            raise InputError(
                f"is a {kinds[0]}, but the source is a {kinds[1]}",
                where=self.stylized,
                hint="Give the source that it was made from.",
            )
        made = result.frames_between()
        there = source.frames_between(self.start, self.duration)
        # Both may be estimates: only what is far off is refused before every frame has been looked at.
        if made is not None and there is not None and abs(made - there) > max(2, made // 10):
            raise InputError(
                f"has about {made} frames, and that stretch of the source {there}",
                where=self.stylized,
                hint="Give the --start and --duration that it was made with.",
            )
        return made

    @contextmanager
    def opened(self) -> Iterator[Streams]:
        """The result's frames, and the source's at the same size with their motion; closed afterwards."""
        info = probe(self.stylized).video
        with ExitStack() as open_files:
            stylized = read(self.stylized)
            source = read(
                self.source,
                start=self.start,
                duration=self.duration,
                size=(info.height, info.width),
                reading=Reading(rate=self.rate),
            )
            for frames in (stylized, source):
                open_files.enter_context(closing(frames))  # type: ignore[type-var]
            yield stylized, track(source)
