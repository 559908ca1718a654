"""Opening a source safely: local files of known formats only, never a playlist, never too many pixels."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from vidstyle.errors import DeviceError, InputError
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.metadata import PNG

# Formats that hold their media themselves. Playlists (hls, dash, concat) and devices (lavfi) can name other
# files and hosts, image2 expands patterns in names: they stay out.
_VIDEO_FORMATS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,nut,mxf,gif,apng,ivf,obu,h264,hevc,m4v,dv,rm,"
    "yuv4mpegpipe,gxf,wtv,nsv,viv,roq,bink,smk,swf,mjpeg,mv"
)
# Recognised so that the message can say that there is no picture in them.
_SOUND_FORMATS = "wav,mp3,flac,aac,aiff,w64,amr,ac3,eac3,caf,au,tta,wv,ape,dts"
_PICTURE_FORMATS = "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,ppm_pipe,pgm_pipe,psd_pipe"
_WHITELIST = ",".join((_VIDEO_FORMATS, _SOUND_FORMATS, _PICTURE_FORMATS))

# Told by their first bytes, since FFmpeg would expand a "%d" in a picture's name as a sequence.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (PNG, "png_pipe"),
    (b"\xff\xd8\xff", "jpeg_pipe"),
    (b"BM", "bmp_pipe"),
    (b"II*\0", "tiff_pipe"),
    (b"MM\0*", "tiff_pipe"),
)

_HEADER = 4096  # bytes: an animated PNG says that it is one before its first pixels, and after its tags

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def source_url(path: Path) -> str:
    """The path as FFmpeg must be given it: a name with a colon would be taken for a protocol."""
    return f"file:{path.absolute()}"


@contextmanager
def opened(path: Path, limits: Limits = DEFAULT, hwaccel: HWAccel | None = None) -> Iterator[InputContainer]:
    """A source opened for reading, closed at the end.

    Args:
        path: the file.
        limits: what it may ask for.
        hwaccel: a device that decodes its video.

    Raises:
        InputError: missing, a folder, unreadable, empty, no media file of a known format, or of more
            streams than the limits allow.
        DeviceError: the device does not open.
    """
    header = _header(path, limits)
    try:
        container = av.open(
            source_url(path),
            mode="r",
            format=_picture_format(header),
            options={
                "protocol_whitelist": "file,pipe",
                "format_whitelist": _WHITELIST,
                "max_pixels": str(limits.max_pixels),
            },
            metadata_errors="replace",
            hwaccel=hwaccel,
        )
    except MemoryError:
        raise
    except (av.FFmpegError, OSError) as error:
        if hwaccel is not None:
            raise DeviceError(
                "cannot be decoded by this device",
                where=path,
                hint="It may be gone or full: leave --decoder out.",
            ) from error
        raise InputError(
            "is no video or picture that can be read", where=path, hint="It may be damaged or cut short."
        ) from error
    try:
        limits.check_streams(len(container.streams), path)
        yield container
    finally:
        container.close()


def main_video(container: InputContainer, path: Path, limits: Limits = DEFAULT) -> VideoStream:
    """The video stream that a player would show: never cover art.

    Its decoder refuses pictures above the limit and uses threads.

    Raises:
        InputError: there is no video stream, or it is too large.
    """
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        kind = "holds sound but no video" if container.streams.audio else "holds no video stream"
        raise InputError(kind, where=path, hint="Give a file with a picture in it.")
    known = [s for s in streams if s.codec_context is not None]
    if not known:
        raise InputError("holds video that cannot be decoded here", where=path, hint="Convert it to H.264.")
    # FFmpeg's own `best` would take cover art; its command line goes by this rule.
    chosen = max(known, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height))
    limits.check_pixels(chosen.height, chosen.width, path)
    chosen.codec_context.options = {"max_pixels": str(limits.max_pixels)}
    chosen.thread_type = "AUTO"
    return chosen


def _header(path: Path, limits: Limits) -> bytes:
    """The first bytes of a file, after checking that it is one."""
    try:
        _check_kind(path.stat().st_mode, path)
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError as error:
        url = _URL.match(str(path))
        hint = "Only local files are read: fetch it first." if url else "Check the name."
        raise InputError("does not exist", where=path, hint=hint) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be opened ({reason})", where=path, hint="Check its permissions.") from error
    if not header:
        raise InputError("is empty", where=path, hint="Give a file with a picture in it.")
    if header.startswith(PNG) and len(header) >= 24:
        # The demuxer already decodes a PNG to learn its pixel format: stop before that.
        limits.check_pixels(int.from_bytes(header[20:24]), int.from_bytes(header[16:20]), path)
    return header


def _check_kind(mode: int, path: Path) -> None:
    """Refuse what is no plain file, before opening it: a pipe would wait, a device might do anything.

    Raises:
        InputError: it is something else.
    """
    if stat.S_ISDIR(mode):
        raise InputError("is a folder", where=path, hint="Give a file.")
    if stat.S_ISFIFO(mode):
        raise InputError(
            "is a pipe, and a source is read more than once", where=path, hint="Save it to a file."
        )
    if not stat.S_ISREG(mode):
        raise InputError("is a device, not a file", where=path, hint="Give a video or picture file.")


def _picture_format(header: bytes) -> str | None:
    if header[:4] == b"RIFF" and header[8:12] == b"WEBP":
        return "webp_pipe"
    if header.startswith(PNG) and b"acTL" in header.partition(b"IDAT")[0]:
        return "apng"
    return next((name for signature, name in _SIGNATURES if header.startswith(signature)), None)
