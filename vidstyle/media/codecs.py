"""The codecs that videos are written in: their encoders, defaults, containers and sizes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import cv2
from av.codec.codec import Codec, UnknownCodecError
from av.video.format import VideoFormat

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media.colors import Colors, assumed_matrix
from vidstyle.media.conversion import has_alpha
from vidstyle.media.hdr import Mastering

# The bytes that an encoder makes depend on its number of threads: a fixed one gives every machine the same.
THREADS = 4

# x264's AVX-512 code for its macroblock tree reads memory that was never written: the same frames give other
# bytes from run to run, and a resumed render would differ. Its AVX2 code does not, at the same speed.
_AVX_512F = 13  # OpenCV's number, which it does not export
_STEADY_X264 = {"x264-params": "asm=AVX2"} if cv2.checkHardwareSupport(_AVX_512F) else {}

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
CONTAINERS |= {".avi": "avi", ".ts": "mpegts", ".m2ts": "mpegts", ".gif": "gif", ".y4m": "yuv4mpegpipe"}


@dataclass(frozen=True)
class Family:
    """An encoder, its pixel formats, and how it is told quality and effort.

    `deep`, `alpha` and `deep_alpha` are for sources of more than 8 bits and with transparency, "" where it
    has none; `software` is the codec to take where this one needs hardware that is not there; `untagged`
    streams do not tell their matrix, so that they are written in the one that players assume.
    """

    encoder: str
    pix_fmt: str = "yuv420p"
    deep: str = ""
    alpha: str = ""
    deep_alpha: str = ""
    software: str = ""
    crf: int | None = None
    crf_option: str = "crf"
    preset: str | None = None
    preset_option: str = "preset"
    options: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    limited_only: bool = False
    untagged: bool = False


FAMILIES: dict[str, Family] = {
    "h264": Family("libx264", deep="yuv420p10le", crf=18, preset="medium", options=_STEADY_X264),
    "hevc": Family(
        "libx265",
        deep="yuv420p10le",
        crf=20,
        preset="medium",
        # frame-threads changes the bytes, and would follow the machine.
        options={"x265-params": "log-level=none:frame-threads=2"},
        tag="hvc1",
    ),
    "av1": Family(
        "libsvtav1",
        deep="yuv420p10le",
        crf=24,
        preset="8",
        options={"svtav1-params": f"lp={THREADS}"},
    ),
    "vp9": Family(
        "libvpx-vp9",
        alpha="yuva420p",
        crf=24,
        preset="4",
        preset_option="cpu-used",
        options={"b": "0", "deadline": "good", "row-mt": "1"},
    ),
    # bgr0: lossless for the very RGB that was painted.
    "ffv1": Family(
        "ffv1",
        pix_fmt="bgr0",
        deep="gbrp16le",
        alpha="bgra",
        deep_alpha="gbrap16le",
        options={"level": "3", "slicecrc": "1"},
    ),
    # A ProRes stream cannot say that its range is full: players would crush it.
    "prores": Family(
        "prores_ks",
        pix_fmt="yuv422p10le",
        deep="yuv422p10le",
        alpha="yuva444p10le",
        deep_alpha="yuva444p10le",
        preset="hq",
        preset_option="profile",
        limited_only=True,
    ),
    "gif": Family("gif", pix_fmt="pal8"),
    "y4m": Family("wrapped_avframe", deep="yuv420p10le", untagged=True),
    "h264_nvenc": Family("h264_nvenc", software="h264", crf=19, crf_option="cq", preset="p5"),
    "hevc_nvenc": Family(
        "hevc_nvenc", deep="p010le", software="hevc", crf=21, crf_option="cq", preset="p5", tag="hvc1"
    ),
    "av1_nvenc": Family("av1_nvenc", deep="p010le", software="av1", crf=26, crf_option="cq", preset="p5"),
    # Quality by q:v, 1 to 100: FFmpeg knows no crf for it. Apple's hardware, on macOS alone.
    "h264_videotoolbox": Family("h264_videotoolbox", software="h264", options={"b": "0", "q:v": "65"}),
    "hevc_videotoolbox": Family(
        "hevc_videotoolbox", deep="p010le", software="hevc", options={"b": "0", "q:v": "65"}, tag="hvc1"
    ),
}
_ALIASES = (
    {"auto": "h264"}
    | {"h265": "hevc", "x264": "h264", "x265": "hevc", "avc": "h264"}
    | {family.encoder: name for name, family in FAMILIES.items()}
)


@dataclass(frozen=True)
class Encoding:
    """How the video is compressed.

    Attributes:
        codec: h264, hevc, av1, vp9, ffv1, prores, gif, y4m, or of hardware h264_nvenc, hevc_nvenc, av1_nvenc,
            h264_videotoolbox, hevc_videotoolbox; "auto" is the container's: h264 in most.
        crf: quality, lower is better (18 is visually lossless for h264); None: the codec's default.
        preset: effort, by the encoder's own name; None: the codec's default.
        pix_fmt: FFmpeg's name of the pixel format ("yuv420p10le"); None: the codec's default.
        options: further options of the encoder, by its own names.
    """

    codec: str = "auto"
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
        return self.pix_fmt or family_of(self.codec).pix_fmt


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
        mastering: what an HDR stream tells of the screen that it was mastered on.
    """

    width: int
    height: int
    time_base: Fraction = Fraction(1, 25)
    rate: Fraction = Fraction(25)
    sample_aspect_ratio: Fraction = Fraction(1)
    colors: Colors = field(default_factory=Colors)
    mastering: Mastering | None = None


def codable_size(height: int, width: int, encoding: Encoding) -> tuple[int, int]:
    """The size nearest to (height, width), not above, that the pixel format can hold.

    Where colour is stored for pairs of pixels (4:2:0, 4:2:2), sides are even.

    Raises:
        SettingsError: unknown codec or pixel format.
    """
    pixels = pixel_format_of(encoding)
    across, down = (2 if pixels.chroma_width(2) == 1 else 1), (2 if pixels.chroma_height(2) == 1 else 1)
    return max(down, height // down * down), max(across, width // across * across)


def written_colors(shape: VideoShape, encoding: Encoding) -> Colors:
    """The colours that the stream is written in: those of the shape, as far as the codec can carry them.

    Raises:
        SettingsError: unknown codec.
    """
    colors = shape.colors.for_format(encoding.pixel_format, shape.height, shape.width)
    family = family_of(encoding.codec)
    if family.untagged and colors.matrix != "rgb":
        colors = replace(colors, matrix=assumed_matrix(shape.height, shape.width))
    limited = family.limited_only or (has_alpha(VideoFormat(encoding.pixel_format)))
    return replace(colors, range="limited") if limited and colors.full_yuv else colors


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
    return ".mov" if family_of(encoding.codec).encoder.startswith("prores") else ".mp4"


def family_of(codec: str) -> Family:
    """The encoder behind a codec's name, or behind another name for it ("libx264", "h265").

    Raises:
        SettingsError: unknown codec.
    """
    return FAMILIES[codec_name(codec)]


def codec_name(codec: str) -> str:
    """Our name of a codec that goes by several ("libx264", "h265").

    Raises:
        SettingsError: unknown codec.
    """
    name = _ALIASES.get(codec.lower(), codec.lower())
    if name not in FAMILIES:
        raise SettingsError(f"no codec {codec!r}", where="codec", hint=suggest(codec, list(FAMILIES)))
    return name


def pixel_format_of(encoding: Encoding) -> VideoFormat:
    """The pixel format that is encoded, with its shape.

    Raises:
        SettingsError: unknown codec, or a pixel format that it does not take.
    """
    family, name = family_of(encoding.codec), encoding.pixel_format
    try:
        supported = [f.name for f in Codec(family.encoder, "w").video_formats or ()]
    except UnknownCodecError as error:
        raise SettingsError(
            f"{encoding.codec} is not in this build of FFmpeg", where="codec", hint="Choose another codec."
        ) from error
    if supported and name not in supported:
        raise SettingsError(
            f"{codec_name(encoding.codec)} does not take {name!r}",
            where="pix_fmt",
            hint=suggest(name, supported),
        )
    return VideoFormat(name, 16, 16)


def encoder_options(encoding: Encoding, family: Family, mastering: Mastering | None = None) -> dict[str, str]:
    """All options for the encoder, by its own names: the user's, over what HDR needs, over our defaults.

    Raises:
        SettingsError: a crf or preset for a codec that has none, or one that is given twice.
    """
    options = dict(family.options)
    for told, given, usual, own in (
        ("crf", encoding.crf, family.crf, family.crf_option),
        ("preset", encoding.preset, family.preset, family.preset_option),
    ):
        if given is not None and usual is None:
            raise SettingsError(f"{encoding.codec} has no {told}", where=told, hint="Leave it out.")
        if given is not None and own in encoding.options:
            raise SettingsError(
                "is given twice", where=told, hint=f"Leave it out, or {own} among the encoder's options."
            )
        if usual is not None:
            options[own] = str(usual if given is None else given)
    hdr = () if mastering is None else (mastering.parameters(family.encoder),)
    for name, value in (*hdr, *encoding.options.items()):
        if not name:
            continue
        # Lists of parameters are added to: the user's own come last and win.
        joined = name.endswith("-params") and name in options
        options[name] = f"{options[name]}:{value}" if joined else value
    return options


def suggest(name: str, choices: list[str]) -> str:
    """A hint for a mistyped name: the nearest choice, or the first dozen."""
    close = difflib.get_close_matches(name, choices, n=1)
    return f"Did you mean {close[0]}?" if close else _choose(choices)


def _choose(choices: list[str]) -> str:
    return f"Choose {', '.join(choices[:12])}{', ...' if len(choices) > 12 else ''}."
