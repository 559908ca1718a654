"""Painted frames to whoever watches along: standard output, or an RTMP or RTSP address."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from urllib.parse import urlsplit

import av
from av.container import OutputContainer

from vidstyle.errors import OutputError
from vidstyle.frames import Frame
from vidstyle.media.codecs import Encoding, VideoShape, written_colors
from vidstyle.media.colors import FAST_SCALING
from vidstyle.media.conversion import FromPixels
from vidstyle.media.encoding import open_encoder
from vidstyle.media.live_source import shown_address

STDOUT = "-"
FORMATS = {"rtmp": "flv", "rtmps": "flv", "rtsp": "rtsp", "rtsps": "rtsp"}
TICKS = Fraction(1, 1000)  # what Flash video and Matroska count in
KEYFRAME_SECONDS = 2  # a viewer who comes late waits no longer than this for a picture


def is_address(output: str) -> bool:
    """Whether an output is standard output or an address, not a file."""
    return output == STDOUT or "://" in output


def check_address(output: str) -> None:
    """Refuse an address that nothing is sent to.

    Raises:
        OutputError: it is of an unknown kind.
    """
    scheme = urlsplit(output).scheme.lower()
    if output != STDOUT and scheme not in FORMATS:
        raise OutputError(
            f"is an address of an unknown kind ({scheme})",
            where=shown_address(output, secret_path=True),
            hint=f"Known are {', '.join(FORMATS)}, - for standard output, and names of files.",
        )


class StreamWriter:
    """Encodes frames without delay and sends each off at once; close it at the end.

    Args:
        output: "-" for standard output (Matroska), or an RTMP or RTSP address.
        shape: size and rate of the frames, and the ticks of their times.

    Raises:
        OutputError: nobody takes the stream there.
    """

    def __init__(self, output: str, shape: VideoShape) -> None:
        check_address(output)
        self._name = "standard output" if output == STDOUT else shown_address(output, secret_path=True)
        self._last = -1
        encoding = Encoding(
            preset="superfast",
            crf=23,
            options={"tune": "zerolatency", "g": str(max(1, round(KEYFRAME_SECONDS * shape.rate)))},
        )
        shape = replace(shape, time_base=TICKS)
        self._convert = FromPixels(encoding.pixel_format, written_colors(shape, encoding), FAST_SCALING)
        try:
            self._container = self._opened(output)
            self._stream = open_encoder(self._container, shape, encoding, ".mkv")
            self._container.start_encoding()
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def add(self, frame: Frame) -> None:
        """Send one frame.

        Raises:
            OutputError: the stream broke off.
            BrokenPipeError: whoever read standard output went away.
        """
        picture = self._convert(frame.pixels)
        # Milliseconds are coarser than some sources' ticks, and must rise all the same.
        self._last = max(self._last + 1, round(frame.seconds / TICKS))
        picture.pts, picture.time_base = self._last, TICKS
        try:
            self._container.mux(self._stream.encode(picture))
        except BrokenPipeError:
            raise
        except (av.FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Send what is left and say goodbye, if anybody is still there."""
        with suppress(av.FFmpegError, OSError):
            self._container.mux(self._stream.encode(None))
        with suppress(av.FFmpegError, OSError):
            self._container.close()

    def _opened(self, output: str) -> OutputContainer:
        if output == STDOUT:
            # A cluster for each frame: Matroska would else collect a second of them before it writes.
            options = {"cluster_time_limit": "1", "live": "1", "flush_packets": "1"}
            return av.open("pipe:1", "w", format="matroska", options=options)
        kind = FORMATS[urlsplit(output).scheme.lower()]
        options = {"rtsp_transport": "tcp"} if kind == "rtsp" else {"flvflags": "no_duration_filesize"}
        return av.open(output, "w", format=kind, options=options, timeout=10.0)

    def _failed(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return OutputError(f"takes no stream ({reason})", where=self._name, hint="Check that it listens.")
