"""Frames of a video, one after the other: exact times, upright, damage told and survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.codec.context import CodecContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError, SettingsError
from vidstyle.frames import Frame, Pixels
from vidstyle.media.conversion import ToPixels, over_white
from vidstyle.media.deinterlace import deinterlaced
from vidstyle.media.demuxing import demuxed
from vidstyle.media.faults import DecodeFaults
from vidstyle.media.hardware import SOFTWARE, DecoderChoice, accelerated
from vidstyle.media.hdr import HdrChoice, is_hdr, tone_mapped
from vidstyle.media.info import SourceInfo
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.probe import describe, first_frame, hides_alpha
from vidstyle.media.seeking import STEPS_BACK, is_entry, seek
from vidstyle.media.sequence import RATE, gaps, is_sequence, pictures_of, read_sequence

if TYPE_CHECKING:
    from av.packet import Packet

# Codecs of which each packet is a frame to see; others hide some (VP8), or leave out what did not change.
_A_FRAME_A_PACKET = {"h264", "hevc", "av1", "vp9", "mpeg2video", "mjpeg", "prores", "ffv1", "png", "rawvideo"}


@dataclass(frozen=True)
class Reading:
    """How a source's pictures are taken.

    Attributes:
        alpha: its transparency is kept, on `Frame.alpha`; else it is laid over white.
        hdr: high dynamic range is kept as it is stored, or mapped to plain BT.709 pictures.
        rate: pictures per second of numbered pictures; None: 25.
        decoder: one that decodes this file (see `decoder_for`).
    """

    alpha: bool = False
    hdr: HdrChoice = "keep"
    rate: Fraction | None = None
    decoder: DecoderChoice = SOFTWARE


PLAIN = Reading()


def read(
    path: Path | str,
    *,
    start: Fraction | None = None,
    duration: Fraction | None = None,
    size: tuple[int, int] | None = None,
    faults: DecodeFaults | None = None,
    limits: Limits = DEFAULT,
    reading: Reading = PLAIN,
) -> Iterator[Frame]:
    """The frames of a video, or the one of a picture; closes the file when it ends or is closed.

    Interlaced frames come with both fields at one moment.

    Args:
        path: a video or picture, or the name of numbered pictures.
        start: seconds after the file's own start; the first frame is the first at or after it.
        duration: seconds; ends before the first frame at or after start + duration.
        size: (height, width) to scale to; by default that of the first frame.
        faults: filled in with what went wrong, complete when the iterator ends.
        limits: what the file may ask for.
        reading: how its pictures are taken.

    Yields:
        Frames with the source's own pts and time base, index from 0: pixels (H, W, 3) RGB, upright,
        uint8 for 8-bit sources, float32 in 0..1 for deeper ones.

    Raises:
        InputError: no readable video, no frame in the stretch, past one of the limits.
        SettingsError: a start, duration or size that is not positive.
    """
    path = Path(path)
    if (start is not None and start < 0) or (duration is not None and duration <= 0):
        raise SettingsError("lies outside the video", where="start/duration", hint="Give positive seconds.")
    if size is not None and min(size) < 1:
        raise SettingsError(f"is {size[1]}x{size[0]}", where="size", hint="Give positive sizes.")
    faults = DecodeFaults() if faults is None else faults
    if is_sequence(path):
        return _pictures(path, start, duration, size, faults, limits, reading)
    return _frames(path, start, duration, size, faults, limits, reading)


def _pictures(
    path: Path,
    start: Fraction | None,
    duration: Fraction | None,
    size: tuple[int, int] | None,
    faults: DecodeFaults,
    limits: Limits,
    reading: Reading,
) -> Iterator[Frame]:
    faults.gaps = gaps(pictures_of(path))
    rate, begin = reading.rate or RATE, start or Fraction(0)
    for frame, changed in read_sequence(path, rate, begin, duration, size, limits, alpha=reading.alpha):
        faults.scaled_frames += changed
        yield frame


def _frames(
    path: Path,
    start: Fraction | None,
    duration: Fraction | None,
    size: tuple[int, int] | None,
    faults: DecodeFaults,
    limits: Limits,
    reading: Reading,
) -> Iterator[Frame]:
    with opened(path, limits) as container:
        video = main_video(container, path, limits)
        first = first_frame(container, video, path, limits)
        info = describe(container, video, first, path)
    begin = info.start + (start or 0)
    end = None if duration is None else begin + duration
    convert = ToPixels(size or (info.video.height, info.video.width), info.video.orientation)
    index, shown_until = 0, begin
    for decoded, pts in _timed(
        _decoded_from(path, info, start, faults, limits, reading.decoder), info, faults
    ):
        seconds = pts * info.video.time_base
        shown_until = seconds + max(1 / info.video.rate, decoded.duration * info.video.time_base)
        if seconds < begin:
            continue
        if end is not None and seconds >= end:
            stretch = f"from {float(start or 0):g} s on for {float(duration or 0):g} s"
            hint = "Choose a longer duration."
            break
        limits.check_duration(seconds - begin, path)
        if (decoded.height, decoded.width) != (first.height, first.width):
            faults.scaled_frames += 1
        pixels, alpha = _taken(decoded, convert, info, reading)
        yield Frame(pixels, pts, info.video.time_base, index, alpha)
        index += 1
    else:
        faults.note_missing(info, shown_until, end)
        limits.check_errors(faults.broken_packets, faults.packets, path)
        stretch, hint = f"after {float(start or 0):g} s", "Choose an earlier start."
    if index == 0:
        raise InputError(f"has no frame {stretch}", where=path, hint=hint)


def _taken(
    decoded: VideoFrame, convert: ToPixels, info: SourceInfo, reading: Reading
) -> tuple[Pixels, Pixels | None]:
    """The colours of a frame and how opaque they are, as they are wanted."""
    colors = info.video.colors
    pixels, alpha = (
        convert.with_alpha(decoded, colors) if info.video.alpha else (convert(decoded, colors), None)
    )
    if reading.hdr == "tonemap" and is_hdr(colors):
        pixels = tone_mapped(pixels, colors)
    if alpha is not None and not reading.alpha:
        return over_white(pixels, alpha), None
    return pixels, alpha


def _decoded_from(
    path: Path,
    info: SourceInfo,
    start: Fraction | None,
    faults: DecodeFaults,
    limits: Limits,
    decoder: DecoderChoice,
) -> Iterator[VideoFrame]:
    """Decoded frames from at or before `start`; later ones only where the stream itself begins later."""
    timed = info.video.time_base != 1 / info.video.rate or info.container not in ("h264", "hevc", "m4v")
    attempts: tuple[Fraction | None, ...] = (*STEPS_BACK, None) if start and timed else (None,)
    # A filter for interlaced frames looks two frames back.
    target = info.start + (start or 0) - (2 / info.video.rate if info.video.interlaced else 0)
    for back in attempts:
        with opened(path, limits, accelerated(decoder)) as container:
            video = main_video(container, path, limits)
            if back is not None and not seek(container, video, target - back):
                continue
            mine = DecodeFaults()
            frames = deinterlaced(_decoded(container, video, path, mine, limits, info.video.frames or 0))
            head = next(frames, None)
            if back is not None and not is_entry(head, target):
                continue
            if head is None:
                faults.add(mine)
                return
            yield head
            try:
                yield from frames
            finally:
                if back is not None:  # frames before a keyframe that a seek led to are not lost
                    mine.lost_frames = 0
                faults.add(mine)
            return


def _decoded(
    container: InputContainer,
    video: VideoStream,
    path: Path,
    faults: DecodeFaults,
    limits: Limits,
    expected: int,
) -> Iterator[VideoFrame]:
    decoder = _decoder(video)
    wanted = seen = 0
    for packet in demuxed(container, video):
        # A flush packet is told by its size: real packets of Matroska may lack a dts.
        if packet is None or packet.size:
            faults.packets += 1
        if packet is None:
            faults.broken_packets += 1
            continue
        # What an edit list cuts off is decoded, since others build on it, and not shown.
        wanted += bool(packet.size) and not packet.is_discard
        try:
            frames = decoder.decode(cast("Packet[VideoStream]", packet) if packet.size else None)
        except MemoryError:  # one of FFmpeg's errors too, and not about the file
            raise
        except av.FFmpegError:
            faults.broken_packets += 1
            # Now, if it is sure: not after hours of painting.
            limits.check_errors(faults.broken_packets, faults.packets, path, max(expected, 1))
            continue
        for frame in frames:
            if frame.is_corrupt:
                faults.corrupt_frames += 1
            seen += 1
            yield frame
    if video.codec_context.codec.canonical_name in _A_FRAME_A_PACKET:
        faults.lost_frames += max(0, wanted - seen - faults.broken_packets)


def _decoder(video: VideoStream) -> VideoCodecContext:
    """The stream's own decoder, or the one that sees the transparency of VP8 and VP9."""
    context = video.codec_context
    if not hides_alpha(video):
        return context
    seeing = CodecContext.create("libvpx-vp9" if context.name == "vp9" else "libvpx", "r")
    if not isinstance(seeing, VideoCodecContext):
        raise TypeError(f"{seeing.name} is no video decoder")
    if context.extradata:
        seeing.extradata = context.extradata
    seeing.thread_type, seeing.options = context.thread_type, context.options
    return seeing


def _timed(
    frames: Iterator[VideoFrame], info: SourceInfo, faults: DecodeFaults
) -> Iterator[tuple[VideoFrame, int]]:
    """Frames with strictly increasing pts: those without time follow at the average rate."""
    step = max(1, round(1 / (info.video.rate * info.video.time_base)))
    last: int | None = None
    untimed = False
    for frame in frames:
        if frame.pts is None:
            untimed = untimed or last is None
            faults.repaired_times += not untimed
            pts = 0 if last is None else last + step
        elif last is not None and frame.pts <= last:
            faults.repaired_times += 1
            # Far enough for Matroska's milliseconds, near enough for the next true time to be after it.
            pts = last + max(1, step // 8)
        else:
            pts = frame.pts
        last = pts
        yield frame, pts
