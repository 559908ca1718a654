"""A long video at a glance: the keyframes near some moments, found by seeking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vidstyle.frames import Frame
from vidstyle.media.conversion import ToPixels
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.opening import main_video, opened
from vidstyle.media.probe import describe, first_frame
from vidstyle.media.seeking import stands_alone

# Packets after a seek in which a decoder gives a picture; where it does not, the place is damaged.
_PATIENCE = 100


def keyframes_near(
    path: Path | str, moments: Sequence[Fraction], size: tuple[int, int], limits: Limits = DEFAULT
) -> Iterator[tuple[Fraction, Frame]]:
    """For each moment the keyframe before it, scaled. Costs a seek and a frame a moment.

    Args:
        path: a video.
        moments: seconds after the file's own start, rising.
        size: (height, width) of the frames.
        limits: what the file may ask for.

    Yields:
        Each moment with its frame, of the source's own pts: the same one again where keyframes are far apart,
        or where the next does not decode by itself. Nothing where the format cannot be searched.

    Raises:
        InputError: there is no readable video.
    """
    path = Path(path)
    with opened(path, limits) as container:
        video = main_video(container, path, limits)
        info = describe(container, video, first_frame(container, video, path, limits), path)
        convert = ToPixels(size, info.video.orientation)
        last: Frame | None = None
        for moment in moments:
            found = _before(container, video, info.start + moment)
            if found is not None and found.pts is not None and (last is None or found.pts > last.pts):
                last = Frame(convert(found, info.video.colors), found.pts, info.video.time_base)
            if last is not None:
                yield moment, last


def _before(container: InputContainer, video: VideoStream, seconds: Fraction) -> VideoFrame | None:
    """The first frame that decodes, whole, after a seek to before a time."""
    if not video.time_base:
        return None
    with suppress(av.FFmpegError, OverflowError):
        container.seek(int(seconds / video.time_base), stream=video, backward=True)
        for number, packet in enumerate(container.demux(video)):
            with suppress(av.error.InvalidDataError):
                for frame in packet.decode():
                    return frame if stands_alone(frame) else None
            if number >= _PATIENCE:
                break
    return None
