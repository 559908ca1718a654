"""Lossless segments encoded anew, for formats whose files cannot be joined by packet copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.container import OutputContainer
from av.filter.graph import Graph
from av.packet import Packet
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.frames import Frame
from vidstyle.media.codecs import Encoding, VideoShape, written_colors
from vidstyle.media.conversion import FromPixels
from vidstyle.media.decode import Reading, read
from vidstyle.media.delivery import TIMELESS
from vidstyle.media.encoding import open_encoder
from vidstyle.media.limits import OWN
from vidstyle.media.segments import Joined

# What a GIF counts in.
_GIF_TICKS = Fraction(1, 100)
_RGB = written_colors(VideoShape(16, 16), Encoding("ffv1"))


def frames_of(segments: Sequence[Path]) -> Iterator[Frame]:
    """The frames of all segments, with their transparency if they have any."""
    for path in segments:
        yield from read(path, limits=OWN, reading=Reading(alpha=True))


def add_encoded(
    container: OutputContainer, shape: VideoShape, encoding: Encoding, suffix: str
) -> VideoStream:
    """Add a video stream to the output and open its encoder, with the ticks that the container counts in."""
    stream = open_encoder(container, ticking(shape, container.format.name), encoding, suffix)
    if encoding.pix_fmt == "yuva420p":
        stream.metadata["alpha_mode"] = "1"  # how players know that there is transparency
    return stream


def ticking(shape: VideoShape, kind: str) -> VideoShape:
    """The shape with the time base that a container needs."""
    if kind in TIMELESS:
        return replace(shape, time_base=1 / shape.rate)
    return replace(shape, time_base=_GIF_TICKS) if kind == "gif" else shape


def encoded_packets(
    joined: Joined,
    target: VideoStream,
    encoding: Encoding,
    shape: VideoShape,
    begin: Fraction,
    kind: str,
) -> Iterator[Packet[VideoStream]]:
    """The frames of joined segments as packets of `target`; `begin` (seconds) becomes 0."""
    shape = ticking(shape, kind)
    timed = _timed(joined, encoding, shape, begin, kind)
    pictures = _with_palettes(timed) if kind == "gif" else timed
    last = round((joined.pts[-1] * joined.time_base - begin) / shape.time_base)
    length = max(1, round(joined.length(len(joined.pts) - 1) * joined.time_base / shape.time_base))
    for picture in chain(pictures, (None,)):
        for packet in target.encode(picture):
            if packet.pts == last:  # of the others, the next one's time tells
                packet.duration = length
            yield packet


def _timed(
    joined: Joined, encoding: Encoding, shape: VideoShape, begin: Fraction, kind: str
) -> Iterator[VideoFrame]:
    pix_fmt, colors = (
        ("rgba", _RGB) if kind == "gif" else (encoding.pixel_format, written_colors(shape, encoding))
    )
    convert = FromPixels(pix_fmt, colors)
    for frame in frames_of(joined.paths):
        picture = convert(frame.pixels, frame.alpha)
        picture.pts, picture.time_base = round((frame.seconds - begin) / shape.time_base), shape.time_base
        yield picture


def _with_palettes(frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """Frames of RGBA, each in the 256 colours that suit it best."""
    graph: Graph | None = None
    for frame in frames:
        graph = graph or _palettes(frame)
        graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _palettes(first: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=first.width, height=first.height, format=VideoFormat("rgba"), time_base=first.time_base
    )
    split, palette = graph.add("split"), graph.add("palettegen", "stats_mode=single:reserve_transparent=1")
    # Error diffusion: of all dithers, the least to be seen in paint.
    use, sink = (
        graph.add("paletteuse", "new=1:dither=sierra2_4a:alpha_threshold=128"),
        graph.add("buffersink"),
    )
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        if isinstance(frame, VideoFrame):
            frame.pict_type = 0
            yield frame
