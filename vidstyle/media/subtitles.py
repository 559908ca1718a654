"""Text subtitles converted for a container that cannot hold the source's own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from vidstyle.media.kept_tags import stream_tags
from vidstyle.media.limits import Limits
from vidstyle.media.opening import opened
from vidstyle.media.tracks import SUBTITLE_CODECS, seen_within

_TICKS = Fraction(1, 1000)


def add_converted_subtitles(container: OutputContainer, source: Stream, kind: str) -> SubtitleStream:
    """Add a subtitle stream to the output in its container's own form, with the source's tags and role."""
    stream = container.add_stream(SUBTITLE_CODECS[kind])
    if not isinstance(stream, SubtitleStream) or not isinstance(source, SubtitleStream):
        raise TypeError(f"{SUBTITLE_CODECS[kind]} is no subtitle codec")
    source.codec_context.open(strict=False)  # the decoder writes the header that the encoder needs
    stream.codec_context.subtitle_header = source.codec_context.subtitle_header
    stream.time_base = _TICKS
    stream.metadata.update(stream_tags(source.metadata, kind))
    stream.disposition = source.disposition
    return stream


def converted_subtitles(
    path: Path, index: int, target: SubtitleStream, begin: Fraction, end: Fraction | None, limits: Limits
) -> Iterator[Packet[Stream]]:
    """Encoded packets of the source's subtitles `index` that are seen from `begin` on, which becomes 0."""
    with opened(path, limits) as container:
        stream = container.streams[index]
        if not isinstance(stream, SubtitleStream):
            raise TypeError(f"stream {index} holds no subtitles")
        for packet in container.demux(stream):
            if packet.size == 0 or packet.pts is None or not packet.time_base:
                continue
            base = packet.time_base
            shown, until = seen_within(packet.pts * base, (packet.duration or 0) * base, begin, end)
            if until <= shown:
                continue
            try:
                text = stream.codec_context.decode2(packet)
                made = None if text is None else target.codec_context.encode_subtitle(text)
            except av.FFmpegError:
                continue  # a damaged line is left out
            if made is None:
                continue
            made.pts = made.dts = round((shown - begin) / _TICKS)
            made.duration = round((until - shown) / _TICKS)
            made.time_base = _TICKS
            made.stream = target
            yield made
