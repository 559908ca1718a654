"""What a file holds, told without decoding more than its first frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.errors import InputError, SettingsError
from vidstyle.media.colors import Colors, colors_of
from vidstyle.media.conversion import depth, has_alpha
from vidstyle.media.demuxing import demuxed
from vidstyle.media.exif import exif_orientation
from vidstyle.media.hdr import mastering_of
from vidstyle.media.info import SourceInfo, StreamInfo, VideoInfo
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.orientation import orientation_of
from vidstyle.written import read_time

# Sound that starts less than this before the picture is the encoder's run-in (1024 samples of AAC at 8 kHz
# are 0.128 s), not part of the programme.
RUN_IN = Fraction(3, 20)
_FALLBACK_RATE = Fraction(25)
# Frames a second above which an estimate is the clock of the codec: H.264 of a varying rate counts in ticks.
_FASTEST = 300


def probe_file(path: Path, limits: Limits = DEFAULT) -> SourceInfo:
    """What a file holds; decodes no more than its first frame.

    Raises:
        InputError: missing, empty, corrupt, without video or without a frame, or too large.
    """
    with opened(path, limits) as container:
        video = main_video(container, path, limits)
        first = first_frame(container, video, path, limits)
        return describe(container, video, first, path)


def first_frame(
    container: InputContainer, video: VideoStream, path: Path, limits: Limits = DEFAULT
) -> VideoFrame:
    """The first frame that decodes.

    Raises:
        InputError: none does.
    """
    cause: av.FFmpegError | None = None
    for packet in demuxed(container, video):
        try:
            frames = [] if packet is None else video.codec_context.decode(packet)
        except MemoryError:  # one of FFmpeg's errors too, and not about the file
            raise
        except av.FFmpegError as error:
            cause = cause or error
            continue
        if frames:
            limits.check_pixels(frames[0].height, frames[0].width, path)
            return frames[0]
    raise InputError(
        "holds no frame that can be decoded", where=path, hint="It may be damaged or cut short."
    ) from cause


def describe(container: InputContainer, video: VideoStream, first: VideoFrame, path: Path) -> SourceInfo:
    """The facts of an opened file, given the first frame of its video."""
    others = [s for s in container.streams if s.index != video.index]
    rate = _rate(video)
    picture = is_picture(container)
    duration = None if picture else _duration(container, video)
    frames = 1 if picture else video.frames or (None if duration is None else max(1, round(duration * rate)))
    start, shown = _start(container, video, first)
    if duration is not None:
        duration += shown - start
    return SourceInfo(
        path=path,
        container=container.format.name,
        duration=duration,
        start=start,
        is_picture=picture,
        video=_video_info(container, video, first, rate=rate, frames=frames, picture=picture, path=path),
        audio=tuple(_stream_info(s) for s in others if s.type == "audio"),
        others=tuple(_stream_info(s) for s in others if s.type != "audio"),
        metadata={key.lower(): value for key, value in container.metadata.items()},
    )


def _rate(video: VideoStream) -> Fraction:
    """Frames a second, on average: counted by the file, or else the first estimate that makes sense."""
    if video.frames and video.average_rate:
        return video.average_rate
    estimates = (video.average_rate, video.guessed_rate, video.base_rate)
    return next((rate for rate in estimates if rate and rate <= _FASTEST), _FALLBACK_RATE)


def is_picture(container: InputContainer) -> bool:
    """A still picture, told by its format."""
    if container.format.name.endswith("_pipe"):
        return container.format.name != "yuv4mpegpipe"
    return container.metadata.get("major_brand", "") in ("avif", "heic", "mif1")


def _video_info(
    container: InputContainer,
    video: VideoStream,
    first: VideoFrame,
    *,
    rate: Fraction,
    frames: int | None,
    picture: bool,
    path: Path,
) -> VideoInfo:
    noted = picture and container.format.name.endswith("_pipe")
    orientation = exif_orientation(path) if noted else orientation_of(first)
    height, width = first.height, first.width
    ratio = video.sample_aspect_ratio or Fraction(1)
    if orientation.swaps_sides:
        height, width, ratio = width, height, 1 / ratio
    return VideoInfo(
        stream_index=video.index,
        codec=video.codec_context.codec.canonical_name,
        width=width,
        height=height,
        rotation=orientation.rotation,
        flipped=orientation.flipped,
        sample_aspect_ratio=ratio,
        rate=rate,
        time_base=time_base_of(video, first, rate),
        frames=frames,
        pix_fmt=first.format.name,
        bit_depth=depth(first.format),
        colors=colors_of_frame(first, video, picture=picture, path=path),
        alpha=has_alpha(first.format) or hides_alpha(video),
        interlaced=bool(first.interlaced_frame) and not picture,
        mastering=mastering_of(first),
    )


def hides_alpha(video: VideoStream) -> bool:
    """VP8 and VP9 carry transparency beside the picture, where FFmpeg's own decoders do not look."""
    tags = {key.lower(): value for key, value in video.metadata.items()}
    return video.codec_context.codec.canonical_name in ("vp8", "vp9") and tags.get("alpha_mode") == "1"


def time_base_of(video: VideoStream, first: VideoFrame, rate: Fraction) -> Fraction:
    """Seconds per tick of the frames' pts; one frame where the stream has no times (raw H.264)."""
    if first.pts is None or not video.time_base:
        return 1 / rate
    return first.time_base or video.time_base


def colors_of_frame(frame: VideoFrame, video: VideoStream, *, picture: bool, path: Path) -> Colors:
    """The colours of a decoded frame, by its own tags or else by its stream's.

    Raises:
        InputError: colours that cannot be converted.
    """
    context = video.codec_context
    try:
        return colors_of(
            frame.format.name,
            frame.height,
            frame.width,
            matrix=_either(frame.colorspace, context.colorspace),
            color_range=int(frame.color_range) or int(context.color_range),
            primaries=_either(frame.color_primaries, context.color_primaries),
            transfer=_either(frame.color_trc, context.color_trc),
            picture=picture,
        )
    except InputError as error:
        raise InputError(error.what, where=path, hint=error.hint) from error


def _either(tag: int, fallback: int) -> int:
    return int(fallback) if int(tag) == 2 else int(tag)


def _start(container: InputContainer, video: VideoStream, first: VideoFrame) -> tuple[Fraction, Fraction]:
    """When the programme begins, and when its picture does: sound may lead by more than its run-in."""
    picture = Fraction(0)
    if first.pts is not None and first.time_base:
        picture = first.pts * first.time_base
    sounds = [
        s.start_time * s.time_base
        for s in container.streams.audio
        if s.start_time is not None and s.time_base
    ]
    earliest = min(sounds, default=picture)
    return (earliest if earliest < picture - RUN_IN else picture), picture


def _duration(container: InputContainer, video: VideoStream) -> Fraction | None:
    if video.duration and video.time_base and video.duration > 0:
        return video.duration * video.time_base
    if not container.duration or container.duration < 0:
        return None
    whole = Fraction(container.duration, av.time_base)
    end = _tagged_end(video)
    if end is None or end > whole:
        return whole
    begin = video.start_time * video.time_base if video.start_time and video.time_base else Fraction(0)
    return end - begin if end > begin else whole


def _tagged_end(video: VideoStream) -> Fraction | None:
    """When a track of Matroska ends, seconds: the file itself tells only how long its longest one is."""
    told = (text for key, text in video.metadata.items() if key.upper().startswith("DURATION"))
    try:
        return read_time(next(told, None), "DURATION")
    except SettingsError:  # whatever somebody wrote there
        return None


def _stream_info(stream: Stream) -> StreamInfo:
    context = stream.codec_context
    details = ""
    if context is None:  # a codec that is unknown here
        details = ""
    elif stream.type == "audio":
        details = f"{context.sample_rate} Hz, {context.layout.name}"  # type: ignore[attr-defined]
    elif stream.type == "video":
        details = f"{context.width}x{context.height}"  # type: ignore[attr-defined]
    return StreamInfo(
        index=stream.index,
        kind=stream.type,
        codec="" if context is None else context.codec.canonical_name,
        language=stream.language or "",
        details=details,
    )
