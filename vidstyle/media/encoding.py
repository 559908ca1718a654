"""Which encoder makes the video, with which options; checked by opening it before any work is done."""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import av
from av.codec.codec import Codec, UnknownCodecError
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat
from av.video.stream import VideoStream

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media.colors import Colors

# SVT-AV1 writes its banner to stderr, past every log level of FFmpeg.
os.environ.setdefault("SVT_LOG", "1")

# The bytes that an encoder makes depend on its number of threads: a fixed one gives every machine the same.
_THREADS = 4

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}


@dataclass(frozen=True)
class _Family:
    """An encoder and how it is told quality and effort."""

    encoder: str
    pix_fmt: str = "yuv420p"
    crf: int | None = None
    crf_option: str = "crf"
    preset: str | None = None
    preset_option: str = "preset"
    options: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    limited_only: bool = False


_FAMILIES: dict[str, _Family] = {
    "h264": _Family("libx264", crf=18, preset="medium"),
    "hevc": _Family(
        "libx265",
        crf=20,
        preset="medium",
        # frame-threads changes the bytes, and would follow the machine.
        options={"x265-params": "log-level=none:frame-threads=2"},
        tag="hvc1",
    ),
    "av1": _Family("libsvtav1", crf=24, preset="8", options={"svtav1-params": f"lp={_THREADS}"}),
    "vp9": _Family(
        "libvpx-vp9",
        crf=24,
        preset="4",
        preset_option="cpu-used",
        options={"b": "0", "deadline": "good", "row-mt": "1"},
    ),
    # bgr0: lossless for the very RGB that was painted.
    "ffv1": _Family("ffv1", pix_fmt="bgr0", options={"level": "3", "slicecrc": "1"}),
    # A ProRes stream cannot say that its range is full: players would crush it.
    "prores": _Family(
        "prores_ks", pix_fmt="yuv422p10le", preset="hq", preset_option="profile", limited_only=True
    ),
    "h264_nvenc": _Family("h264_nvenc", crf=19, crf_option="cq", preset="p5"),
    "hevc_nvenc": _Family("hevc_nvenc", crf=21, crf_option="cq", preset="p5", tag="hvc1"),
    "av1_nvenc": _Family("av1_nvenc", crf=26, crf_option="cq", preset="p5"),
}
_ALIASES = {"h265": "hevc", "x264": "h264", "x265": "hevc", "avc": "h264"} | {
    family.encoder: name for name, family in _FAMILIES.items()
}


@dataclass(frozen=True)
class Encoding:
    """How the video is compressed.

    Attributes:
        codec: h264, hevc, av1, vp9, ffv1, prores, or h264_nvenc, hevc_nvenc, av1_nvenc.
        crf: quality, lower is better (18 is visually lossless for h264); None: the codec's default.
        preset: effort, by the encoder's own name; None: the codec's default.
        pix_fmt: FFmpeg's name of the pixel format ("yuv420p10le"); None: the codec's default.
        options: further options of the encoder, by its own names.
    """

    codec: str = "h264"
    crf: int | None = None
    preset: str | None = None
    pix_fmt: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def pixel_format(self) -> str:
        """The pixel format that is encoded.

        Raises:
            SettingsError: unknown codec.
        """
        return self.pix_fmt or _family(self.codec).pix_fmt


@dataclass(frozen=True)
class VideoShape:
    """The frame of a video, as an encoder must know it before the first picture.

    Attributes:
        width: columns.
        height: lines.
        time_base: seconds per tick of the frames' pts.
        rate: frames per second, on average.
        sample_aspect_ratio: width of a pixel by its height.
        colors: what the numbers of the stream mean; carried into its tags.
    """

    width: int
    height: int
    time_base: Fraction = Fraction(1, 25)
    rate: Fraction = Fraction(25)
    sample_aspect_ratio: Fraction = Fraction(1)
    colors: Colors = field(default_factory=Colors)


def codable_size(height: int, width: int, encoding: Encoding) -> tuple[int, int]:
    """The size nearest to (height, width), not above, that the pixel format can hold.

    Where colour is stored for pairs of pixels (4:2:0, 4:2:2), sides are even.

    Raises:
        SettingsError: unknown codec or pixel format.
    """
    pixels = _pixel_format(encoding)
    across, down = (2 if pixels.chroma_width(2) == 1 else 1), (2 if pixels.chroma_height(2) == 1 else 1)
    return max(down, height // down * down), max(across, width // across * across)


def written_colors(shape: VideoShape, encoding: Encoding) -> Colors:
    """The colours that the stream is written in: those of the shape, as far as the codec can carry them.

    Raises:
        SettingsError: unknown codec.
    """
    colors = shape.colors.for_format(encoding.pixel_format, shape.height, shape.width)
    return replace(colors, range="limited") if _family(encoding.codec).limited_only else colors


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
    with av.open(io.BytesIO(), "w", format=container_format(suffix)) as container:
        shape = VideoShape(width, height, time_base=1 / rate, rate=rate)
        open_encoder(container, shape, encoding, suffix)
        write_header(container, encoding.codec, suffix)


def container_format(suffix: str) -> str:
    """FFmpeg's name of the container for a suffix with its dot.

    Raises:
        OutputError: none is known.
    """
    try:
        return CONTAINERS[suffix.lower()]
    except KeyError:
        raise OutputError(
            f"no video container goes by {suffix!r}",
            where="output",
            hint=f"Name the output {', '.join(CONTAINERS)}.",
        ) from None


def segment_suffix(encoding: Encoding) -> str:
    """Suffix of a container whose files `assemble` can join for this codec: ".mp4", or ".mov" for ProRes."""
    return ".mov" if _family(encoding.codec).encoder.startswith("prores") else ".mp4"


def open_encoder(
    container: OutputContainer, shape: VideoShape, encoding: Encoding, suffix: str
) -> VideoStream:
    """Add the video stream to a container and open its encoder.

    Raises:
        SettingsError: unknown codec or option, or a value or size that the encoder refuses.
    """
    family, pixels = _family(encoding.codec), _pixel_format(encoding)
    height, width = codable_size(shape.height, shape.width, encoding)
    if (height, width) != (shape.height, shape.width):
        raise SettingsError(
            f"{shape.width}x{shape.height} does not suit {pixels.name}",
            where="size",
            hint=f"Use {width}x{height}, or another pixel format.",
        )
    options = _options(encoding, family)
    try:
        stream = container.add_stream(family.encoder, rate=shape.rate, options=dict(options))
    except (UnknownCodecError, av.FFmpegError, ValueError) as error:
        raise SettingsError(
            f"cannot encode {encoding.codec!r} to {suffix}",
            where="codec",
            hint=_formats_hint(encoding.codec),
        ) from error
    if not isinstance(stream, VideoStream):
        raise SettingsError("is no video codec", where=encoding.codec, hint=_choose(list(_FAMILIES)))
    _describe(stream.codec_context, shape, pixels.name, written_colors(shape, encoding))
    stream.time_base = shape.time_base
    if family.tag and CONTAINERS.get(suffix.lower()) in ("mp4", "mov"):
        stream.codec_context.codec_tag = family.tag
    _open(stream.codec_context, encoding, options)
    return stream


def write_header(container: OutputContainer, what: str, suffix: str) -> None:
    """Write the container's header, which is where it refuses a codec that it cannot hold.

    Raises:
        OutputError: the container refuses.
    """
    try:
        container.start_encoding()
    except (av.FFmpegError, ValueError) as error:
        raise OutputError(f"a {suffix} file cannot hold {what}", hint=_formats_hint(what)) from error


def encoders() -> dict[str, bool]:
    """For each codec name, whether its encoder really opens on this machine."""
    return {name: _opens(name) for name in _FAMILIES}


def _opens(name: str) -> bool:
    encoding = Encoding(codec=name)
    try:
        check_encoding(encoding, 256, 256, Fraction(25), segment_suffix(encoding))
    except (SettingsError, OutputError):
        return False
    return True


def _family(codec: str) -> _Family:
    name = _ALIASES.get(codec.lower(), codec.lower())
    if name not in _FAMILIES:
        raise SettingsError(f"no codec {codec!r}", where="codec", hint=_suggest(codec, list(_FAMILIES)))
    return _FAMILIES[name]


def _pixel_format(encoding: Encoding) -> VideoFormat:
    family, name = _family(encoding.codec), encoding.pixel_format
    try:
        supported = [f.name for f in Codec(family.encoder, "w").video_formats or ()]
    except UnknownCodecError as error:
        raise SettingsError(
            f"{encoding.codec} is not in this build of FFmpeg", where="codec", hint="Choose another codec."
        ) from error
    if supported and name not in supported:
        raise SettingsError(
            f"{encoding.codec} does not take {name!r}", where="pix_fmt", hint=_suggest(name, supported)
        )
    return VideoFormat(name, 16, 16)


def _options(encoding: Encoding, family: _Family) -> dict[str, str]:
    options = dict(family.options)
    if encoding.crf is not None and family.crf is None:
        raise SettingsError(f"{encoding.codec} has no crf", where="crf", hint="Leave it out.")
    if encoding.preset is not None and family.preset is None:
        raise SettingsError(f"{encoding.codec} has no preset", where="preset", hint="Leave it out.")
    if family.crf is not None:
        options[family.crf_option] = str(family.crf if encoding.crf is None else encoding.crf)
    if family.preset is not None:
        options[family.preset_option] = family.preset if encoding.preset is None else encoding.preset
    for name, value in encoding.options.items():
        # Lists of parameters are added to: the user's own come last and win.
        joined = name.endswith("-params") and name in options
        options[name] = f"{options[name]}:{value}" if joined else value
    return options


def _describe(context: VideoCodecContext, shape: VideoShape, pix_fmt: str, colors: Colors) -> None:
    context.width, context.height, context.pix_fmt = shape.width, shape.height, pix_fmt
    # On the codec, not only on the stream: else frames of a variable rate collide.
    context.time_base = shape.time_base
    context.framerate = shape.rate
    context.sample_aspect_ratio = shape.sample_aspect_ratio
    context.color_range, context.colorspace = colors.range_tag, colors.matrix_tag
    context.color_primaries, context.color_trc = colors.primaries, colors.transfer
    context.thread_count = _THREADS


def _open(context: VideoCodecContext, encoding: Encoding, options: Mapping[str, str]) -> None:
    try:
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
            f"has no option {unknown[0]!r}", where=encoding.codec, hint=_suggest(unknown[0], known)
        )


def _formats_hint(codec: str) -> str:
    return f"Use .mkv, which holds every codec, or .mp4 with h264 instead of {codec}."


def _suggest(name: str, choices: list[str]) -> str:
    close = difflib.get_close_matches(name, choices, n=1)
    return f"Did you mean {close[0]}?" if close else _choose(choices)


def _choose(choices: list[str]) -> str:
    return f"Choose {', '.join(choices[:12])}{', ...' if len(choices) > 12 else ''}."
