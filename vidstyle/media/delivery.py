"""How an output is written: its codec and pixel format, and what its segments are kept in until then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

from vidstyle.errors import OutputError, SettingsError
from vidstyle.media.codecs import (
    FAMILIES,
    Encoding,
    codec_name,
    container_format,
    family_of,
    pixel_format_of,
    segment_suffix,
)
from vidstyle.media.conversion import depth, has_alpha
from vidstyle.media.encoding import check_encoding
from vidstyle.media.hdr import HdrChoice, is_hdr
from vidstyle.media.info import VideoInfo
from vidstyle.media.sequence import is_pattern

Kind = Literal["film", "gif", "y4m", "pictures"]

# What a name alone asks for.
_CODECS = {"webm": "vp9", "gif": "gif", "yuv4mpegpipe": "y4m"}
# Containers that take more than players play, or that FFmpeg fills without complaint.
_HELD: dict[str, set[str]] = {
    "avi": {"h264", "ffv1"},
    "mpegts": {"h264", "hevc", "h264_nvenc", "hevc_nvenc"},
    "gif": {"gif"},
    "yuv4mpegpipe": {"y4m"},
}
# Encoders whose streams tell the shape of a pixel; of the containers, only MP4 and MOV are told by PyAV.
_TELLING_SHAPES = {"libx264", "libx265", "h264_nvenc", "hevc_nvenc"}
_TELLING_SHAPES |= {"h264_videotoolbox", "hevc_videotoolbox"}
# Containers without times: their frames follow each other at one rate.
TIMELESS = ("avi", "yuv4mpegpipe")


@dataclass(frozen=True)
class Delivery:
    """How an output is written.

    Attributes:
        kind: a film with its sound, or pictures alone: a GIF, raw YUV4MPEG, numbered files.
        encoding: of the output's pictures.
        segments: of the segments; where it is not `encoding`, they are lossless and encoded at the end.
        alpha: transparency is kept.
        deep: more than 8 bits are kept.
        square: the output cannot tell of pixels that are not square.
        notices: what the user should know, a sentence each.
    """

    kind: Kind
    encoding: Encoding
    segments: Encoding
    alpha: bool
    deep: bool
    square: bool
    notices: tuple[str, ...] = ()

    @property
    def copied(self) -> bool:
        """The segments' packets go into the output as they are."""
        return self.segments == self.encoding


def deliver(asked: Encoding, output: Path, video: VideoInfo, hdr: HdrChoice = "keep") -> Delivery:
    """Work out how the pictures of a source are written.

    The codec is the asked one, else the container's (VP9 or AV1 in WebM, else H.264). Depth and transparency
    are the source's, as far as the codec holds them, unless a pixel format was asked for. An encoder that
    needs hardware gives way to software where it does not open.

    Raises:
        SettingsError: unknown codec or pixel format.
        OutputError: no such container, or it cannot hold the codec.
    """
    mapped = hdr == "tonemap" and is_hdr(video.colors)
    deep = video.bit_depth > 8 and not mapped
    if is_pattern(output):
        return _of_pictures(asked, output, video, deep=deep)
    container = container_format(output.suffix)
    encoding, notices = _in_software(_named(asked, container, deep=deep and not video.alpha))
    family = family_of(encoding.codec)
    if container in _HELD and codec_name(encoding.codec) not in _HELD[container]:
        raise OutputError(
            f"a {output.suffix} file cannot hold {encoding.codec}",
            where=output,
            hint=f"It holds {', '.join(sorted(_HELD[container]))}. Use .mkv, which holds nearly everything.",
        )
    formats = _format_for(encoding, video, container, deep=deep)
    encoding = replace(encoding, pix_fmt=formats)
    pixels = pixel_format_of(encoding)
    alpha, kept_deep = video.alpha and has_alpha(pixels), deep and depth(pixels) > 8
    if container == "gif":
        alpha = video.alpha
    notices += _losses(encoding, video, hdr, alpha=alpha, deep=deep, kept=kept_deep, output=output)
    if family.encoder == "prores_ks" and has_alpha(pixels) and encoding.preset is None:
        encoding = replace(encoding, preset="4444")
    if container == "avi" and encoding.codec == "h264":
        # AVI has no times of its own: frames are shown in the order in which they are decoded.
        encoding = replace(encoding, options={"bf": "0", **encoding.options})
    kinds: dict[str, Kind] = {"gif": "gif", "yuv4mpegpipe": "y4m"}
    kind = kinds.get(container, "film")
    # VP9's transparency lies beside its packets, which MP4 segments cannot carry; AVI wants other packets.
    copied = kind == "film" and container != "avi" and not (alpha and family.encoder == "libvpx-vp9")
    segments = encoding if copied else _lossless(alpha=alpha, deep=kept_deep)
    square = container not in ("mp4", "mov") and family.encoder not in _TELLING_SHAPES
    return Delivery(kind, encoding, segments, alpha, kept_deep, square, notices)


def check_delivery(delivery: Delivery, height: int, width: int, rate: Fraction, output: Path) -> None:
    """Open the encoders and write headers, so that a mistake shows before any work.

    Raises:
        SettingsError: a value or size that an encoder refuses.
        OutputError: the container cannot hold the codec.
    """
    if delivery.kind != "pictures":
        check_encoding(delivery.encoding, height, width, rate, output.suffix)
    if not delivery.copied:
        check_encoding(delivery.segments, height, width, rate, segment_suffix(delivery.segments))


@lru_cache(maxsize=32)
def opens(codec: str) -> bool:
    """Whether the encoder of a codec really opens on this machine."""
    encoding = Encoding(codec)
    suffix = {"gif": ".gif", "y4m": ".y4m"}.get(codec) or segment_suffix(encoding)
    try:
        check_encoding(encoding, 256, 256, Fraction(25), suffix)
    except (SettingsError, OutputError):
        return False
    return True


def encoders() -> dict[str, bool]:
    """For each codec name, whether its encoder really opens on this machine."""
    return {name: opens(name) for name in FAMILIES}


def check_for_pictures(asked: Encoding, output: Path) -> None:
    """Refuse what means something for videos alone.

    Raises:
        OutputError: a codec of videos.
        SettingsError: an option of its encoder.
    """
    if asked.codec not in ("auto", "png"):
        raise OutputError(
            f"pictures cannot hold {asked.codec}", where=output, hint="Leave --codec out, or name a video."
        )
    if asked.crf is not None or asked.preset is not None or asked.pix_fmt is not None or asked.options:
        raise SettingsError(
            "mean nothing for pictures", where="crf/preset/pix_fmt/encoder options", hint="Leave them out."
        )


def _of_pictures(asked: Encoding, output: Path, video: VideoInfo, *, deep: bool) -> Delivery:
    check_for_pictures(asked, output)
    suffix = output.suffix.lower()
    kept = deep and suffix in (".png", ".tif", ".tiff")
    alpha = video.alpha and suffix not in (".jpg", ".jpeg")
    lossless = _lossless(alpha=alpha, deep=kept)
    notices = ("Numbered pictures hold no sound and no times.",)
    return Delivery("pictures", lossless, lossless, alpha, kept, square=True, notices=notices)


def _named(asked: Encoding, container: str, *, deep: bool) -> Encoding:
    if asked.codec != "auto":
        return asked
    # The wheels' libvpx has 8 bits alone.
    return replace(asked, codec="av1" if container == "webm" and deep else _CODECS.get(container, "h264"))


def _in_software(encoding: Encoding) -> tuple[Encoding, tuple[str, ...]]:
    family = family_of(encoding.codec)
    if not family.software or opens(codec_name(encoding.codec)):
        return encoding, ()
    # Presets and options are the hardware's own words.
    plain = Encoding(family.software, encoding.crf, None, encoding.pix_fmt)
    return plain, (f"{encoding.codec} does not open on this machine: {family.software} is used instead.",)


def _format_for(encoding: Encoding, video: VideoInfo, container: str, *, deep: bool) -> str:
    family = family_of(encoding.codec)
    if encoding.pix_fmt is not None:
        return encoding.pix_fmt
    # Transparency of VP9 lies beside its packets, for which MP4 and MOV have no place.
    holds = family.encoder != "libvpx-vp9" or container in ("webm", "matroska")
    if video.alpha and holds and (family.deep_alpha if deep else family.alpha):
        return family.deep_alpha if deep else family.alpha
    if video.alpha and holds and family.alpha:
        return family.alpha
    return family.deep if deep and family.deep else family.pix_fmt


def _losses(
    encoding: Encoding,
    video: VideoInfo,
    hdr: HdrChoice,
    *,
    alpha: bool,
    deep: bool,
    kept: bool,
    output: Path,
) -> tuple[str, ...]:
    told: list[str] = []
    if video.alpha and not alpha:
        told.append(
            f"{encoding.codec} in {output.suffix} holds no transparency: it is laid over white. "
            "VP9 in .webm, ProRes in .mov and FFV1 in .mkv hold it."
        )
    if deep and not kept:
        told.append(f"{video.bit_depth} bits are rounded to 8: {encoding.pixel_format} holds no more.")
    elif deep and codec_name(encoding.codec) == "h264":
        told.append(
            f"{video.bit_depth} bits are kept, and few phones and televisions show H.264 of more than 8: "
            "--codec hevc, or --pix-fmt yuv420p for 8."
        )
    if is_hdr(video.colors) and hdr == "keep":
        told.append(
            "The source is HDR and stays so; styles are plain pictures, and come out brighter than they are: "
            "--hdr tonemap makes a plain video."
        )
        if video.mastering and not video.mastering.parameters(family_of(encoding.codec).encoder)[0]:
            told.append(f"{encoding.codec} has no place for the light levels of HDR10: they are left out.")
    return tuple(told)


def _lossless(*, alpha: bool, deep: bool) -> Encoding:
    """RGB to the last bit: 16 bits where the source has more than 8."""
    deep_format, plain_format = ("gbrap16le", "bgra") if alpha else ("gbrp16le", "bgr0")
    return Encoding("ffv1", pix_fmt=deep_format if deep else plain_format)
