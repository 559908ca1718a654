"""A live picture kept in a file, with the times of its capture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vidstyle.frames import Frame
from vidstyle.media.codecs import Encoding, VideoShape
from vidstyle.media.encoding import check_encoding
from vidstyle.media.writer import VideoWriter

ENCODING = Encoding(crf=20, preset="superfast")
"""Good enough to keep, and a few milliseconds a frame."""


def check_recording(path: Path, height: int, width: int) -> None:
    """Refuse a name whose container cannot hold what is recorded.

    Raises:
        OutputError: no such container, or it cannot hold the codec.
    """
    shape = VideoShape(width, height)
    check_encoding(ENCODING, height, width, shape.rate, path.suffix)


class Recording:
    """Writes frames into a file that appears, whole, when it is closed.

    Args:
        path: the file; its suffix tells the container.
        shape: of the frames; their times need not be even.

    Raises:
        OutputError: it cannot be written.
    """

    def __init__(self, path: Path, shape: VideoShape) -> None:
        self.path = path
        self._first: int | None = None
        self._writer = VideoWriter(path, shape, ENCODING, live=True).__enter__()

    def add(self, frame: Frame) -> None:
        """Keep a frame; the first one is at 0.

        Raises:
            OutputError: it cannot be written; what was written is removed.
        """
        if self._first is None:
            self._first = frame.pts
        try:
            self._writer.add(replace(frame, pts=frame.pts - self._first))
        except BaseException as error:
            self._writer.__exit__(type(error), error, error.__traceback__)
            raise

    def close(self) -> None:
        """Give the file its name.

        Raises:
            OutputError: it cannot be written.
        """
        self._writer.__exit__(None, None, None)
