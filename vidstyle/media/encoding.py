"""Opening encoders and containers, so that a mistake shows before any work is done."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction

import av
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media.atomic import is_out_of_space
from vidstyle.media.codecs import (
    CONTAINERS,
    THREADS,
    Encoding,
    VideoShape,
    codable_size,
    container_format,
    encoder_options,
    family_of,
    pixel_format_of,
    suggest,
    written_colors,
)
from vidstyle.media.colors import Colors
from vidstyle.media.priority import ordinary_priority

# Threads for pictures of more pixels. The size alone decides, and never the machine: other numbers make other
# bytes. Small pictures are done in time by fewer, and each takes memory.
THREADS_OF_LARGE, LARGE = 8, 1280 * 720
# SVT-AV1 writes its banner to stderr, past every log level of FFmpeg.
os.environ.setdefault("SVT_LOG", "1")
_X264_WORDS = {
    "preset": [
        *("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"),
        "placebo",
    ],
    "tune": [
        *("film", "animation", "grain", "stillimage", "psnr", "ssim", "fastdecode", "zerolatency"),
        "touhou",
    ],
}


def check_encoding(encoding: Encoding, height: int, width: int, rate: Fraction, suffix: str) -> None:
    """Open the encoder and write a header for the container, so that a mistake shows before any work.

    Args:
        encoding: what is to be checked.
        height: lines.
        width: columns.
        rate: frames per second.
        suffix: of the output's name, with its dot (".mp4").

    Raises:
        SettingsError: unknown codec or option, or a value or size that the encoder refuses.
        OutputError: no such container, or it cannot hold the codec.
    """
    kind = container_format(suffix)
    container = av.open(io.BytesIO(), "w", format=kind, options=raw_options(kind))
    try:
        time_base = Fraction(1, 100) if kind == "gif" else 1 / rate
        shape = VideoShape(width, height, time_base=time_base, rate=rate)
        open_encoder(container, shape, encoding, suffix)
        write_header(container, encoding.codec, suffix)
    finally:
        with suppress(av.FFmpegError):  # a GIF without a frame
            container.close()


def open_encoder(
    container: OutputContainer, shape: VideoShape, encoding: Encoding, suffix: str
) -> VideoStream:
    """Add the video stream to a container and open its encoder.

    Raises:
        SettingsError: unknown codec or option, or a value or size that the encoder refuses.
        OutputError: the container cannot hold the codec.
    """
    family, pixels = family_of(encoding.codec), pixel_format_of(encoding)
    height, width = codable_size(shape.height, shape.width, encoding)
    if (height, width) != (shape.height, shape.width):
        raise SettingsError(
            f"{shape.width}x{shape.height} does not suit {pixels.name}",
            where="size",
            hint=f"Use {width}x{height}, or another pixel format.",
        )
    options = encoder_options(encoding, family, shape.mastering)
    if family.encoder == "libx264":
        _check_words(encoding.codec, options)
    try:
        stream = container.add_stream(family.encoder, rate=shape.rate, options=dict(options))
    except (av.FFmpegError, ValueError) as error:
        raise _cannot_hold(suffix, encoding.codec) from error
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{family.encoder} is no video encoder")
    _describe(stream.codec_context, shape, pixels.name, written_colors(shape, encoding))
    stream.time_base = shape.time_base
    if family.tag and CONTAINERS.get(suffix.lower()) in ("mp4", "mov"):
        stream.codec_context.codec_tag = family.tag
    _open(stream.codec_context, encoding, options)
    return stream


def _check_words(codec: str, options: Mapping[str, str]) -> None:
    """Refuse what x264 itself would complain of, straight to standard error.

    Raises:
        SettingsError: it has no such preset or tune.
    """
    for name, known in _X264_WORDS.items():
        words = re.split(r"[,./+-]", options[name]) if name in options else []
        for word in words:
            if word not in known and not (name == "preset" and re.fullmatch("[0-9]", word)):
                raise SettingsError(f"has no {name} {word!r}", where=codec, hint=suggest(word, known))


def write_header(container: OutputContainer, what: str, suffix: str) -> None:
    """Write the container's header, which is where it refuses a codec that it cannot hold.

    Raises:
        OutputError: the container refuses.
    """
    try:
        container.start_encoding()
    except (av.FFmpegError, ValueError) as error:
        if is_out_of_space(error):
            raise
        raise _cannot_hold(suffix, what) from error


def _cannot_hold(suffix: str, what: str) -> OutputError:
    return OutputError(f"a {suffix} file cannot hold {what}", hint="Use .mkv, which holds nearly everything.")


def raw_options(kind: str) -> dict[str, str]:
    """Options that a container of raw video needs to take more than 8 bits."""
    return {"strict": "-1"} if kind == "yuv4mpegpipe" else {}


def _describe(context: VideoCodecContext, shape: VideoShape, pix_fmt: str, colors: Colors) -> None:
    context.width, context.height, context.pix_fmt = shape.width, shape.height, pix_fmt
    # On the codec, not only on the stream: else frames of a variable rate collide.
    context.time_base = shape.time_base
    context.framerate = shape.rate
    context.sample_aspect_ratio = shape.sample_aspect_ratio
    context.color_range, context.colorspace = colors.range_tag, colors.matrix_tag
    context.color_primaries, context.color_trc = colors.primaries, colors.transfer
    context.thread_count = THREADS_OF_LARGE if shape.width * shape.height > LARGE else THREADS


def _open(context: VideoCodecContext, encoding: Encoding, options: Mapping[str, str]) -> None:
    try:
        with ordinary_priority():
            context.open()
    except (av.FFmpegError, ValueError) as error:
        given = ", ".join(f"{name}={value}" for name, value in options.items())
        raise SettingsError(
            f"the encoder refuses {context.width}x{context.height} {context.pix_fmt} with {given}",
            where=encoding.codec,
            hint="Check the size, the preset and the options.",
        ) from error
    # FFmpeg ignores options that it does not know, and leaves them here.
    unknown = [name for name in context.options if name in options]
    if unknown:
        known = [o.name for o in (*context.supported_options.private, *context.supported_options.generic)]
        raise SettingsError(
            f"has no option {unknown[0]!r}", where=encoding.codec, hint=suggest(unknown[0], known)
        )
