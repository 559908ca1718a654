"""Frames into one closed video file, with their own times and explicit colours."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media.atomic import replacing, telling_output_errors
from vidstyle.media.codecs import Encoding, VideoShape, container_format, written_colors
from vidstyle.media.colors import FAST_SCALING, SCALING
from vidstyle.media.conversion import FromPixels
from vidstyle.media.encoding import open_encoder, write_header

# MP4 notes the start of a track in its movie's time scale, by default milliseconds: too coarse to be exact.
_LARGEST_TIME_SCALE = 2**31 - 1


class VideoWriter:
    """Encodes frames into a file that appears, whole, when the block ends well.

    Example:
        with VideoWriter(Path("out.mp4"), VideoShape(width=640, height=360), Encoding()) as writer:
            for frame in frames:
                writer.add(frame)

    Args:
        path: the file; its suffix tells the container.
        shape: size, time base, rate and colours of every frame.
        encoding: how it is compressed.
        live: convert colours fast rather than exactly.

    Raises:
        SettingsError: the encoder refuses a setting, or the size (see `codable_size`).
        OutputError: it cannot be written, or no frame was added.
    """

    def __init__(
        self, path: Path | str, shape: VideoShape, encoding: Encoding | None = None, *, live: bool = False
    ) -> None:
        self.path, self.shape = Path(path), shape
        self.encoding = encoding or Encoding()
        self.frames = 0
        self._last_pts: int | None = None
        self._stack = ExitStack()
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        colors = written_colors(shape, self.encoding)
        self._convert = FromPixels(self.encoding.pixel_format, colors, FAST_SCALING if live else SCALING)

    def __enter__(self) -> VideoWriter:
        suffix = self.path.suffix
        kind = container_format(suffix)
        with ExitStack() as stack:
            part = stack.enter_context(replacing(self.path))
            container = av.open(
                f"file:{part.absolute()}", "w", format=kind, options=muxer_options(kind, self.shape.time_base)
            )
            stack.callback(_close_quietly, container)
            self._stream = open_encoder(container, self.shape, self.encoding, suffix)
            write_header(container, self.encoding.codec, suffix)
            self._container = container
            self._stack = stack.pop_all()
        return self

    def add(self, frame: Frame) -> None:
        """Encode one frame, shown at frame.pts * frame.time_base.

        Raises:
            SettingsError: its size or time base is not that of the shape, or it is not after the last one.
            OutputError: it cannot be written.
        """
        container, stream = self._opened()
        shape = self.shape
        if (frame.height, frame.width) != (shape.height, shape.width):
            raise SettingsError(
                f"frame {frame.index} is {frame.width}x{frame.height}, not {shape.width}x{shape.height}",
                where=self.path,
                hint="Give frames of one size.",
            )
        if frame.time_base != self.shape.time_base or (
            self._last_pts is not None and frame.pts <= self._last_pts
        ):
            raise SettingsError(
                f"frame {frame.index} has pts {frame.pts} in {frame.time_base} s after {self._last_pts} "
                f"in {self.shape.time_base} s",
                where=self.path,
                hint="Give frames in order, with one time base.",
            )
        picture = self._convert(frame.pixels, frame.alpha)
        picture.pts, picture.time_base = frame.pts, frame.time_base
        with telling_output_errors(self.path):
            for packet in stream.encode(picture):
                container.mux(packet)
        self._last_pts = frame.pts
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            container, stream = self._opened()
            if self.frames == 0:
                raise OutputError("no frame was written", where=self.path, hint="Give at least one frame.")
            for packet in stream.encode(None):
                container.mux(packet)
            container.close()
        self._container = self._stream = None

    def _opened(self) -> tuple[OutputContainer, VideoStream]:
        if self._container is None or self._stream is None:
            raise OutputError("the writer is not open", where=self.path, hint="Use it in a with block.")
        return self._container, self._stream


def muxer_options(kind: str, time_base: Fraction) -> dict[str, str]:
    """Options of a container: the index first (for streaming), no random numbers, exact start times."""
    # Matroska would write a random identity, and no two runs would give the same bytes.
    options = {"fflags": "+bitexact"}
    if kind in ("matroska", "webm"):
        # The run-in of a sound lies before 0: keep it there, instead of moving the picture away from 0.
        options["avoid_negative_ts"] = "disabled"
    if kind in ("mp4", "mov"):
        options["movflags"] = "+faststart"
        options["movie_timescale"] = str(_movie_timescale(time_base))
    return options


def _movie_timescale(time_base: Fraction) -> int:
    ticks = time_base.denominator
    return ticks * -(-1000 // ticks) if ticks <= _LARGEST_TIME_SCALE else 1000


def _close_quietly(container: OutputContainer) -> None:
    """Close a container whose file is thrown away (or which is closed already)."""
    try:
        container.close()
    except (av.FFmpegError, OSError):
        # The error that led here is the one to tell; on the good path close() ran before, and was heard.
        return
