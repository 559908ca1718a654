"""Frames of a live source as they arrive: when they came, and times that only ever rise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import cast

import cv2
import numpy as np

# isort: split
import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from vidstyle.errors import InputError
from vidstyle.frames import Pixels
from vidstyle.media.colors import FAST_SCALING, Colors
from vidstyle.media.limits import MAX_PIXELS
from vidstyle.media.live_source import LiveSource
from vidstyle.media.opening import main_video
from vidstyle.media.opening import opened as opened_file
from vidstyle.media.orientation import Orientation, orientation_of
from vidstyle.media.probe import colors_of_frame

PATIENCE = 10.0
"""Seconds without a packet after which a stream or camera counts as lost."""

USUAL_RATE = Fraction(30)

QUICK_LOOK = {"analyzeduration": "500000", "fpsprobesize": "0"}
"""Half a second (in microseconds) tells what a stream holds, FFmpeg would take five."""

PIPED = "yuv4mpegpipe,matroska,webm,mpegts,nut,flv,mov,avi,h264,hevc,mjpeg,ivf,obu"
"""Formats that are read from pipes: what programs write into them, and nothing that names other files."""


@dataclass(frozen=True, eq=False)
class Captured:
    """A decoded frame of a live source; turned into pixels only if it is painted.

    Attributes:
        picture: as decoded.
        colors: what its numbers mean.
        orientation: how it is turned to stand upright.
        arrived: when the last of it came, seconds of `time.monotonic`; before it was decoded.
        rate: frames a second, as the source says.
    """

    picture: VideoFrame
    colors: Colors
    orientation: Orientation
    arrived: float
    rate: Fraction

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) upright."""
        height, width = self.picture.height, self.picture.width
        return (width, height) if self.orientation.swaps_sides else (height, width)

    def now(self) -> Captured:
        """As if it had arrived just now."""
        return replace(self, arrived=time.monotonic())


def capture(source: LiveSource) -> Generator[Captured, None, None]:
    """The frames of a source, each as soon as it is there; ends where the source does.

    Raises:
        InputError: it cannot be opened, holds no video, or was lost on the way.
    """
    with _opened(source) as container:
        video = _video(container, source)
        try:
            for packet in container.demux(video):
                arrived = time.monotonic()
                try:
                    pictures = packet.decode()
                except av.InvalidDataError:
                    continue  # damage on the way; the next keyframe mends it
                for picture in pictures:
                    yield _captured(picture, video, arrived, source)
        except av.FFmpegError as error:
            raise InputError(
                f"was lost ({error.strerror})", where=source.name, hint="Check that it is still there."
            ) from error


@contextmanager
def _opened(source: LiveSource) -> Iterator[InputContainer]:
    if source.kind == "file":
        with opened_file(Path(source.name)) as container:
            yield container
        return
    options = dict(source.options)
    if source.kind in ("pipe", "stream"):
        options |= QUICK_LOOK
    if source.kind == "pipe":
        options |= {"protocol_whitelist": "file,pipe", "format_whitelist": PIPED}
    # A pipe may rightly wait for whoever writes into it.
    patience = PATIENCE if source.comes_back else None
    try:
        container = av.open(source.url, "r", format=source.format, options=options, timeout=patience)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"cannot be opened ({reason})", where=source.name, hint="Check that it is there and not in use."
        ) from error
    try:
        yield container
    finally:
        container.close()


def _video(container: InputContainer, source: LiveSource) -> VideoStream:
    try:
        video = main_video(container, Path(source.name))
    except InputError as error:  # a path would mangle an address
        raise InputError(error.what, where=source.name, hint=error.hint) from error
    # Threads over frames would hold back a frame for each of them.
    video.thread_type = "SLICE"
    video.codec_context.options = {"max_pixels": str(MAX_PIXELS), "flags": "low_delay"}
    return video


def _captured(picture: VideoFrame, video: VideoStream, arrived: float, source: LiveSource) -> Captured:
    return Captured(
        picture,
        colors_of_frame(picture, video, picture=False, path=Path(source.name)),
        orientation_of(picture),
        arrived,
        video.average_rate or video.guessed_rate or USUAL_RATE,
    )


class Clock:
    """Times of a live source, from 0 on and always rising, though it be lost and come back.

    As long as the source's own times rise, they are kept exactly.

    Attributes:
        time_base: seconds per tick; the source's, once a frame was seen.
    """

    def __init__(self) -> None:
        self.time_base = Fraction(1, 1000)
        self._offset: int | None = None
        self._last, self._last_arrived = -1, 0.0

    def restart(self) -> None:
        """The source was opened anew: its times begin somewhere else."""
        self._offset = None

    def ticks(self, captured: Captured) -> int:
        """When a frame is shown, in ticks."""
        picture, arrived = captured.picture, captured.arrived
        known = picture.pts is not None and bool(picture.time_base)
        if self._last < 0 and known:
            self.time_base = picture.time_base or self.time_base
        own = round((picture.pts or 0) * (picture.time_base or 0) / self.time_base) if known else None
        waited = round((arrived - self._last_arrived) / float(self.time_base))
        expected = 0 if self._last < 0 else self._last + max(1, waited)
        if own is None:
            now = expected
        else:
            if self._offset is None or own + self._offset <= self._last:
                self._offset = expected - own
            now = own + self._offset
        self._last, self._last_arrived = now, arrived
        return now


class ToSize:
    """Turns captured frames into pixels of one size, fast; for one thread.

    A frame of other proportions is cut at its sides, never stretched, so that a source that changes
    its size goes on filling the picture.

    Args:
        size: (height, width).
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._reformatter = VideoReformatter()

    def __call__(self, captured: Captured) -> Pixels:
        """(H, W, 3) uint8 RGB, upright."""
        colors = captured.colors
        picture = self._reformatter.reformat(
            captured.picture,
            format="rgb24",
            src_colorspace=colors.swscale_matrix,
            dst_colorspace=colors.swscale_matrix,
            src_color_range=colors.range_tag,
            dst_color_range=2,
            interpolation=FAST_SCALING,
        )
        pixels = captured.orientation.upright(picture.to_ndarray().astype(np.uint8, copy=False))
        return _covering(pixels, self._size)


def _covering(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The middle of a picture, scaled so that it fills (height, width)."""
    if pixels.shape[:2] == size:
        return pixels
    scale = max(size[0] / pixels.shape[0], size[1] / pixels.shape[1])
    height, width = (max(s, ceil(p * scale - 1e-6)) for s, p in zip(size, pixels.shape[:2], strict=True))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    whole = cv2.resize(pixels, (width, height), interpolation=way)
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return cast(Pixels, np.ascontiguousarray(whole[top : top + size[0], left : left + size[1]]))
