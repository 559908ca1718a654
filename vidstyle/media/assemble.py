"""The whole output: the rendered segments as one video, with the source's sound, chapters and tags."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from vidstyle.errors import OutputError
from vidstyle.media.atomic import replacing
from vidstyle.media.attached import add_attached
from vidstyle.media.codecs import Encoding, VideoShape, container_format
from vidstyle.media.delivery import Delivery
from vidstyle.media.encoded import add_encoded, encoded_packets, ticking
from vidstyle.media.encoding import raw_options, write_header
from vidstyle.media.kept_tags import kept_tags
from vidstyle.media.limits import DEFAULT, OWN, Limits
from vidstyle.media.metadata import muxer_flags
from vidstyle.media.opening import main_video, opened, source_url
from vidstyle.media.probe import RUN_IN
from vidstyle.media.segments import Joined, join, joined_packets
from vidstyle.media.sequence import is_sequence
from vidstyle.media.sound import add_conversion, converted_packets
from vidstyle.media.source import probe
from vidstyle.media.subtitles import add_converted_subtitles, converted_subtitles
from vidstyle.media.times import standing
from vidstyle.media.tracks import (
    StreamPlan,
    add_copy,
    copied_packets,
    moved_chapters,
    plan_streams,
)
from vidstyle.media.writer import muxer_options

# Edit lists and Matroska count in milliseconds: a last frame as long as the others can seem shorter.
_ROUNDING = Fraction(1, 999)

Packets: TypeAlias = "Iterator[Packet[Stream]]"  # a string: Packet is generic in its stub alone


def assemble(
    segments: Sequence[Path],
    output: Path | str,
    *,
    source: Path | str,
    start: Fraction | None = None,
    duration: Fraction | None = None,
    metadata: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
    delivery: Delivery | None = None,
    shape: VideoShape | None = None,
) -> int:
    """Join segments, add the source's sound, and put the file in its place whole.

    The segments are joined by packet copy, or encoded anew where `delivery` says so.

    The segments' pts are the source's own (as `read` gives them). One shift in time applies to all streams:
    the programme's start (or, with `start`, the first frame) becomes 0. What becomes of each stream of the
    source is told by `plan_streams(source, output)`.

    Args:
        segments: closed files of one video, in order, written by `VideoWriter` with one shape and encoding.
        output: the file; its suffix tells the container. It is replaced if it exists.
        source: where sound, subtitles, chapters and tags come from.
        start: seconds after the source's start at which the segments begin.
        duration: seconds of sound to keep.
        metadata: tags to write besides the source's ("comment" is known to every container).
        limits: what the source may ask for.
        delivery: how the pictures are written; by packet copy if not given.
        shape: of the frames; needed to encode them, and for containers without times.

    Returns:
        How many packets of the source's other streams were left out, since they are damaged.

    Raises:
        InputError: a segment or the source cannot be read, or the segments are not of one kind.
        OutputError: it cannot be written, or not all frames arrived in it.
    """
    output, source = Path(output), Path(source)
    kind = container_format(output.suffix)
    joined = join(segments)
    plans = plan_streams(source, output, limits)
    with ExitStack() as stack:
        part = stack.enter_context(replacing(output))
        original = None if is_sequence(source) else stack.enter_context(opened(source, limits))
        # AVI tells no times: it begins with its first picture, and its sound is cut to that.
        begin = joined.first if kind == "avi" else _begin(source, joined, start, limits)
        end = begin + (limits.max_duration if duration is None else duration)
        tags = {**kept_tags({} if original is None else original.metadata), **(metadata or {})}
        options = {**muxer_options(kind, joined.time_base), **raw_options(kind)}
        if kind in ("mp4", "mov"):
            options["movflags"] += muxer_flags(tags)
        with av.open(source_url(part), "w", format=kind, options=options) as container:
            container.metadata.update(tags)
            video = None if original is None else main_video(original, source, limits)
            if original is not None:
                joined = _ending(joined, source, end, limits)
            if delivery is None or delivery.copied or shape is None:
                streams = [_video_packets(container, joined, video, begin, shape)]
            else:
                streams = [_encoded(container, joined, video, begin, delivery.encoding, shape, output.suffix)]
            if original is not None:
                chapters: list[Any] = moved_chapters(original.chapters(), begin, end)
                container.set_chapters(chapters)
                streams += _other_packets(
                    container, plans, original, source, begin, end, limits, trimmed=bool(start)
                )
            write_header(container, "these streams", output.suffix)
            damaged = _mux(container, heapq.merge(*streams, key=_seconds))
        _count(part, len(joined.pts), output)
    return damaged


def _ending(joined: Joined, source: Path, end: Fraction, limits: Limits) -> Joined:
    """Joined segments whose last frame stands as long as the source's does, or until `end` (seconds)."""
    shown_at = joined.pts[-1] * joined.time_base
    length = standing(source, shown_at, limits)
    if length is None or abs(length - 1 / joined.rate) < _ROUNDING:
        return joined
    return replace(joined, last=max(1, round(min(length, end - shown_at) / joined.time_base)))


def _mux(container: OutputContainer, packets: Packets) -> int:
    """Write packets; those of other streams than the picture that no container takes are left out.

    Returns:
        How many: their times go backwards, or what they hold is not what their codec writes.
    """
    damaged = 0
    for packet in packets:
        try:
            container.mux(packet)
        except (av.error.InvalidDataError, av.error.ArgumentError):
            if packet.stream.type == "video":
                raise
            damaged += 1
    return damaged


def _begin(source: Path, joined: Joined, start: Fraction | None, limits: Limits) -> Fraction:
    """Seconds of the source that become 0."""
    if is_sequence(source):
        return joined.first
    wanted = probe(source, limits).start + (start or 0)
    # A picture at 0 rather than a sliver of sound before it.
    return joined.first if abs(joined.first - wanted) < RUN_IN else wanted


def _video_packets(
    container: OutputContainer,
    joined: Joined,
    original: VideoStream | None,
    begin: Fraction,
    shape: VideoShape | None,
) -> Packets:
    with opened(joined.paths[0], OWN) as segment:
        # opaque: by the decoder that was found; by name, PyAV looks for an encoder called libdav1d.
        stream = container.add_stream_from_template(main_video(segment, joined.paths[0], OWN), opaque=True)
    if shape is not None:
        stream.time_base = ticking(shape, container.format.name).time_base
    if container.format.name in ("mp4", "mov") and stream.codec_context.codec.canonical_name == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # the one name of two that Apple's players know
    # Else Matroska would hold the ticks of H.264's clock as its frame rate.
    stream.codec_context.framerate = joined.rate if shape is None else shape.rate
    if shape is not None:  # a segment tells it beside the codec's parameters, which are all that is copied
        stream.codec_context.sample_aspect_ratio = shape.sample_aspect_ratio
    _describe(stream, original)
    return joined_packets(joined, stream, begin, by_decoding=container.format.name in ("mp4", "mov"))


def _encoded(
    container: OutputContainer,
    joined: Joined,
    original: VideoStream | None,
    begin: Fraction,
    encoding: Encoding,
    shape: VideoShape,
    suffix: str,
) -> Packets:
    stream = add_encoded(container, shape, encoding, suffix)
    _describe(stream, original)
    packets = encoded_packets(joined, stream, encoding, shape, begin, container.format.name)
    return cast(Packets, packets)


def _describe(stream: Stream, original: VideoStream | None) -> None:
    """Give the output's picture the tags of the source's."""
    tags = {} if original is None else kept_tags(original.metadata)
    tags.pop("alpha_mode", None)  # the encoder knows
    stream.metadata.update(tags)
    stream.disposition = Disposition.default


def _other_packets(
    container: OutputContainer,
    plans: Sequence[StreamPlan],
    original: InputContainer,
    source: Path,
    begin: Fraction,
    end: Fraction | None,
    limits: Limits,
    *,
    trimmed: bool,
) -> list[Packets]:
    targets: dict[int, Stream] = {}
    converted: list[Packets] = []
    kind = container.format.name
    for plan in plans:
        stream = original.streams[plan.index]
        if plan.action == "copy" and plan.kind in ("video", "attachment"):
            converted.append(add_attached(container, original, stream))
        elif plan.action == "copy":
            targets[plan.index] = add_copy(container, stream)
        elif plan.action == "convert" and isinstance(stream, AudioStream):
            target = add_conversion(container, stream, kind)
            converted.append(converted_packets(source, plan.index, target, begin, end, limits))
        elif plan.action == "convert":
            text = add_converted_subtitles(container, stream, kind)
            converted.append(converted_subtitles(source, plan.index, text, begin, end, limits))
    # Only MP4 and MOV can start in the middle of a packet (by an edit list).
    overlap = kind in ("mp4", "mov")
    if not targets:
        return converted
    copied = copied_packets(original, targets, begin, end, run_in=not trimmed, overlap=overlap)
    return [copied, *converted]


def _seconds(packet: Packet[Stream]) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _count(part: Path, frames: int, output: Path) -> None:
    """Refuse a file that does not hold every frame: a short file that plays is the worst kind."""
    with opened(part, OWN) as container:
        held = sum(1 for packet in container.demux(main_video(container, part, OWN)) if packet.size)
    if held != frames:
        raise OutputError(
            f"holds {held} of {frames} frames after writing", where=output, hint="Report this, please."
        )
