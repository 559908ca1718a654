"""Masks: how much of each pixel lies under a picture or a video, at each moment of a clip."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media.decode import Reading, read
from vidstyle.media.faults import DecodeFaults
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.source import probe

NEARLY = 8 / 255
"""What is this near to black or white counts as such: lossy video leaves neither quite alone."""

ROUNDING = Fraction(1, 1000)
"""Seconds: Matroska rounds times to this, and a mask's frame is not to come one late for it."""

STEPS_BACK = (Fraction(2), Fraction(20))
"""Seconds before a moment where its frame is looked for first: a mask of 1 frame a second has one there."""


class Mask:
    """A mask followed along a clip: the frame that is on at a time, held at the end.

    Args:
        path: a picture, a video, or the name of numbered pictures.
        size: (height, width) to scale it to, pixels.
        since: seconds after its start from which it will be looked at.
        rate: pictures per second of numbered pictures.
        limits: what the file may ask for.
        faults: filled in with what is wrong with it.

    Raises:
        InputError: it cannot be read, or is past one of the limits.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        *,
        since: Fraction = Fraction(0),
        rate: Fraction | None = None,
        limits: Limits = DEFAULT,
        faults: DecodeFaults | None = None,
    ) -> None:
        self._path, self._size, self._limits = path, size, limits
        self._reading = Reading(alpha=True, rate=rate)
        self._faults = DecodeFaults() if faults is None else faults
        info = probe(path, limits, rate)
        self._start = info.start
        self._frames = self._around(since) if since and not info.is_picture else self._read(Fraction(0))
        self._on, self._coming = next(self._frames), next(self._frames, None)
        self._covered = coverage(self._on)

    def at(self, seconds: Fraction) -> npt.NDArray[np.float32]:
        """(H, W) float32 in 0..1: the mask's latest frame that is not after this time.

        Args:
            seconds: after the start of the clip, which is the mask's own; never less than the time before.
        """
        before = self._on
        while self._coming is not None and self._time(self._coming) <= seconds + ROUNDING:
            self._on, self._coming = self._coming, next(self._frames, None)
        if self._on is not before:
            self._covered = coverage(self._on)
        return self._covered

    def close(self) -> None:
        """Close the file."""
        self._frames.close()

    def _time(self, frame: Frame) -> Fraction:
        return frame.seconds - self._start

    def _around(self, since: Fraction) -> Generator[Frame, None, None]:
        """The frames from one at or before a time on, all of them where none is found near it."""
        for back in STEPS_BACK:
            with closing(self._read(max(Fraction(0), since - back))) as frames:
                try:
                    first = next(frames)
                except InputError:  # it ends before: its last frame is held
                    continue
                if self._time(first) <= since + ROUNDING:
                    yield first
                    yield from frames
                    return
        yield from self._read(Fraction(0))

    def _read(self, start: Fraction) -> Generator[Frame, None, None]:
        yield from read(
            self._path,
            start=start,
            size=self._size,
            faults=self._faults,
            limits=self._limits,
            reading=self._reading,
        )


def coverage(frame: Frame) -> npt.NDArray[np.float32]:
    """(H, W) float32 in 0..1 of a mask's picture: white is 1, black and transparent 0."""
    grey = cv2.cvtColor(frame.floats(), cv2.COLOR_RGB2GRAY)
    if frame.alpha is not None:
        grey = grey * Frame(frame.alpha).floats()
    covered: npt.NDArray[np.float32] = np.clip((grey - NEARLY) / (1 - 2 * NEARLY), 0, 1).astype(np.float32)
    return covered
