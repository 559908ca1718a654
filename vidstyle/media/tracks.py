"""The streams beside the picture: which are copied, converted or left out, and their packets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from vidstyle.media.attached import can_attach
from vidstyle.media.codecs import container_format
from vidstyle.media.demuxing import demuxed
from vidstyle.media.kept_tags import stream_tags
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.sequence import is_pattern, is_sequence

Action = Literal["copy", "convert", "drop"]

# What a container's players expect where it cannot hold the source's own sound.
SOUND_CODECS = {"mp4": "aac", "mov": "aac", "matroska": "libopus", "webm": "libopus"}
# An AVI tells no times: only plain samples begin in it when they should.
SOUND_CODECS |= {"avi": "pcm_s16le", "mpegts": "aac"}
SUBTITLE_CODECS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
# Subtitles that are text, which each of the above can tell.
_TEXTS = {"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"}
# Names that people know better.
_KNOWN_AS = {"libopus": "opus", "srt": "subrip"}
# Into these FFmpeg writes what no player looks for.
_HEARD = {
    "avi": set[str](),
    "mpegts": {"aac", "mp3", "mp2", "ac3", "eac3", "opus", "dts"},
}
_SEEN = {"avi": set[str](), "mpegts": {"dvb_subtitle", "dvbsub", "dvb_teletext"}}
_PICTURES_ALONE = ("gif", "yuv4mpegpipe")


@dataclass(frozen=True)
class StreamPlan:
    """What becomes of one of the source's streams.

    Attributes:
        index: its number in the source.
        kind: "audio", "subtitle", "video", "data" or "attachment".
        codec: FFmpeg's name of its codec, "" where unknown.
        action: copied bit for bit, converted, or dropped.
        target: the codec that it is converted to, else "".
        reason: why it is not copied, else "".
    """

    index: int
    kind: str
    codec: str
    action: Action
    target: str = ""
    reason: str = ""

    def describe(self) -> str:
        """One line for people: "audio stream 2 (pcm_s16le) is converted to aac: .mp4 cannot hold it"."""
        done = {"copy": "is copied", "convert": f"is converted to {self.target}", "drop": "is left out"}
        codec = f" ({self.codec})" if self.codec else ""
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.kind} stream {self.index}{codec} {done[self.action]}{reason}"


def plan_streams(source: Path | str, output: Path | str, limits: Limits = DEFAULT) -> tuple[StreamPlan, ...]:
    """What will become of each stream of `source` beside the video that is read, in the order of the file.

    Sound is copied where the container can hold it, else converted (AAC in MP4, MOV and MPEG-TS, Opus in
    WebM and Matroska, plain samples in AVI); subtitles are copied, or converted if they are text; cover art
    goes into MP4 and Matroska, attachments into Matroska; further videos and data are dropped. The container
    is asked by writing a header into memory.

    Raises:
        InputError: the source cannot be read, or holds no video.
        OutputError: no such container.
    """
    source, output = Path(source), Path(output)
    suffix = output.suffix
    kind = _PICTURES_ALONE[0] if is_pattern(output) else container_format(suffix)
    if is_sequence(source):
        return ()
    with opened(source, limits) as container:
        video = main_video(container, source, limits)
        return tuple(
            _plan(stream, kind, suffix) for stream in container.streams if stream.index != video.index
        )


def _plan(stream: Stream, kind: str, suffix: str) -> StreamPlan:
    codec = "" if stream.codec_context is None else stream.codec_context.codec.canonical_name
    if kind in _PICTURES_ALONE:
        return StreamPlan(stream.index, stream.type, codec, "drop", reason="the output holds pictures alone")
    if isinstance(stream, AudioStream) and codec:
        if codec in _HEARD.get(kind, {codec}) and _can_hold(stream, kind):
            return StreamPlan(stream.index, "audio", codec, "copy")
        if not stream.codec_context.layout.nb_channels or not stream.codec_context.sample_rate:
            return StreamPlan(stream.index, "audio", codec, "drop", reason="no sound in it can be decoded")
        target = _KNOWN_AS.get(SOUND_CODECS[kind], SOUND_CODECS[kind])
        reason = "AVI tells no times" if kind == "avi" else f"{suffix} cannot hold it"
        return StreamPlan(stream.index, "audio", codec, "convert", target=target, reason=reason)
    if stream.type == "subtitle" and codec:
        if codec in _SEEN.get(kind, {codec}) and _can_hold(stream, kind):
            return StreamPlan(stream.index, "subtitle", codec, "copy")
        if codec in _TEXTS and kind in SUBTITLE_CODECS:
            return StreamPlan(
                stream.index,
                "subtitle",
                codec,
                "convert",
                target=SUBTITLE_CODECS[kind],
                reason=f"{suffix} cannot hold it",
            )
    attached = stream.type == "attachment" or bool(stream.disposition & Disposition.attached_pic)
    if attached and can_attach(stream, kind):
        return StreamPlan(stream.index, stream.type, codec, "copy")
    reason = f"{suffix} cannot hold it"
    if stream.type == "video" and not attached:
        reason = "one video stream is stylized"
    elif stream.type == "data":
        reason = "it is neither picture nor sound"
    elif not codec and not attached:
        reason = "its codec is unknown"
    return StreamPlan(stream.index, stream.type, codec, "drop", reason=reason)


def _can_hold(stream: Stream, kind: str) -> bool:
    """Whether a container takes a stream as it is: it refuses when its header is written."""
    try:
        with av.open(io.BytesIO(), "w", format=kind) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def copied_packets(
    container: InputContainer,
    targets: Mapping[int, Stream],
    begin: Fraction,
    end: Fraction | None,
    *,
    run_in: bool,
    overlap: bool,
) -> Iterator[Packet[Stream]]:
    """Packets of the source's streams for the output's, unchanged but for one common shift in time.

    Args:
        container: the opened source.
        targets: for the index of each source stream, the output's stream.
        begin: seconds of the source that become 0.
        end: seconds of the source at which the sound ends; None: with the source.
        run_in: keep what lies before `begin` too: the whole file is wanted, encoder's run-in included.
        overlap: keep the packet that `begin` lies in: the container can hide its first part.
    """
    sources = [container.streams[index] for index in targets]
    following: dict[int, int] = {}
    for packet in demuxed(container, *sources):
        if packet is None or packet.size == 0:
            continue
        base, index = packet.time_base, packet.stream.index
        pts = packet.pts if packet.pts is not None else following.get(index)
        if pts is None or not base:
            continue
        following[index] = pts + (packet.duration or 0)
        if end is not None and pts * base >= end:
            continue
        if packet.stream.type == "subtitle" and packet.duration:
            shown, until = seen_within(pts * base, packet.duration * base, begin, end)
            if until <= shown:
                continue
            pts = packet.dts = round(shown / base)
            packet.duration = round((until - shown) / base)
        late_enough = following[index] * base > begin if overlap else pts * base >= begin
        # What a decoder is told to skip is needed by it, and heard by nobody.
        if not (late_enough or (run_in and (overlap or packet.has_sidedata("skip_samples")))):
            continue
        shift = round(begin / base)
        packet.dts = (pts if packet.dts is None else packet.dts) - shift
        packet.pts = pts - shift
        packet.stream = targets[index]
        yield packet


def seen_within(
    shown: Fraction, length: Fraction, begin: Fraction, end: Fraction | None
) -> tuple[Fraction, Fraction]:
    """From and until when a line of subtitles is seen in a stretch: not at all where that is not later.

    Args:
        shown: seconds of the source.
        length: seconds.
        begin: of the stretch, seconds of the source.
        end: of the stretch; None: with the source.
    """
    until = shown + length
    return max(shown, begin), until if end is None else min(until, end)


def add_copy(container: OutputContainer, source: Stream) -> Stream:
    """Add a stream to the output that takes packets of `source` unchanged, with its tags and role."""
    stream = container.add_stream_from_template(source)
    stream.metadata.update(stream_tags(source.metadata, container.format.name))
    stream.disposition = source.disposition
    return stream


def moved_chapters(
    chapters: Sequence[Mapping[str, object]], begin: Fraction, end: Fraction | None
) -> list[dict[str, object]]:
    """The chapters that lie between `begin` and `end` (seconds), with `begin` become 0."""
    moved: list[dict[str, object]] = []
    for chapter in chapters:
        base = chapter["time_base"]
        first, last = chapter["start"], chapter["end"]
        if not isinstance(base, Fraction) or not isinstance(first, int) or not isinstance(last, int):
            continue
        shift = round(begin / base)
        stop = last - shift if end is None else min(last - shift, round((end - begin) / base))
        start = max(0, first - shift)
        if start < stop:
            moved.append({**chapter, "start": start, "end": stop})
    return moved
