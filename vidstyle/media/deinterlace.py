"""Interlaced frames made whole, by FFmpeg's bwdif."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter.graph import Graph
from av.video.frame import VideoFrame

Kind = tuple[int, int, str]


def deinterlaced(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """Frames with both fields at one moment, the first's; those that are whole come through unchanged.

    What comes out for a frame depends on it, the one before and the one after: reading may begin two
    frames early, and gives the same from there on. The filter starts at the first interlaced frame.
    """
    filtering: _Filtering | None = None
    before: VideoFrame | None = None
    for frame in frames:
        if filtering is not None and filtering.kind != _kind(frame):
            yield from filtering.rest()
            filtering = before = None
        if filtering is None and frame.interlaced_frame:
            filtering = _Filtering(frame)
            if before is not None and _kind(before) == filtering.kind:
                filtering.add(before)
                filtering.skip = 1  # it has come out already
        if filtering is None:
            yield frame
            before = frame
        else:
            yield from filtering.add(frame)
    if filtering is not None:
        yield from filtering.rest()


class _Filtering:
    """A filter that runs over frames of one size and format."""

    def __init__(self, first: VideoFrame) -> None:
        self.kind, self.skip = _kind(first), 0
        self._graph = Graph()
        source = self._graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=first.time_base
        )
        bwdif = self._graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        sink = self._graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        self._graph.configure()
        self._times: list[tuple[int | None, Fraction | None, int]] = []

    def add(self, frame: VideoFrame) -> list[VideoFrame]:
        self._times.append((frame.pts, frame.time_base, frame.duration))  # pushing empties the frame
        self._graph.push(frame)
        return self._ready()

    def rest(self) -> list[VideoFrame]:
        self._graph.push(None)
        return self._ready()

    def _ready(self) -> list[VideoFrame]:
        done: list[VideoFrame] = []
        while True:
            try:
                made = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return done
            if not isinstance(made, VideoFrame):
                continue
            # The filter counts in half ticks, and knows nothing of frames without time.
            made.pts, time_base, made.duration = self._times.pop(0)
            if time_base is not None:
                made.time_base = time_base
            if self.skip:
                self.skip -= 1
            else:
                done.append(made)


def _kind(frame: VideoFrame) -> Kind:
    return frame.width, frame.height, frame.format.name
