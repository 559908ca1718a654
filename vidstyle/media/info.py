"""The facts of a media file, as `probe` tells them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from vidstyle.media.colors import Colors
from vidstyle.media.hdr import Mastering
from vidstyle.media.orientation import Orientation


@dataclass(frozen=True)
class VideoInfo:
    """The video stream that is read.

    Attributes:
        stream_index: its number in the file.
        codec: FFmpeg's name of the codec ("h264").
        width: columns, upright (after the rotation).
        height: lines, upright.
        rotation: degrees counter-clockwise that make the coded picture upright.
        flipped: the coded picture is mirrored before it is rotated.
        sample_aspect_ratio: width of a pixel by its height, upright.
        rate: average frames per second.
        time_base: seconds per tick of the frames' pts.
        frames: number of frames, declared or estimated from duration and rate; None if unknown.
        pix_fmt: FFmpeg's name of the pixel format.
        bit_depth: bits per colour component.
        colors: what its numbers mean.
        alpha: it has transparency.
        interlaced: its first frame holds two fields of different moments.
        mastering: what its first frame tells of the screen that it was mastered on.
    """

    stream_index: int
    codec: str
    width: int
    height: int
    rotation: int
    flipped: bool
    sample_aspect_ratio: Fraction
    rate: Fraction
    time_base: Fraction
    frames: int | None
    pix_fmt: str
    bit_depth: int
    colors: Colors
    alpha: bool = False
    interlaced: bool = False
    mastering: Mastering | None = None

    @property
    def orientation(self) -> Orientation:
        """How the coded picture is turned to stand upright."""
        return Orientation(self.rotation, self.flipped)


@dataclass(frozen=True)
class StreamInfo:
    """A stream beside the video that is read.

    Attributes:
        index: its number in the file.
        kind: "audio", "subtitle", "video", "data" or "attachment".
        codec: FFmpeg's name of the codec, "" where unknown.
        language: ISO 639 code, "" where unknown.
        details: what else is worth telling ("48000 Hz, stereo").
    """

    index: int
    kind: str
    codec: str
    language: str = ""
    details: str = ""


@dataclass(frozen=True)
class SourceInfo:
    """What a file holds.

    Attributes:
        path: the file.
        container: FFmpeg's name of its format.
        duration: seconds, or None if unknown.
        start: seconds on the file's own clock at which the programme begins: its first picture or sound.
        is_picture: a still picture.
        video: the video stream that is read.
        audio: the audio streams.
        others: all other streams, further videos and cover art included.
        metadata: tags of the whole file, keys in lower case.
    """

    path: Path
    container: str
    duration: Fraction | None
    start: Fraction
    is_picture: bool
    video: VideoInfo
    audio: tuple[StreamInfo, ...]
    others: tuple[StreamInfo, ...]
    metadata: dict[str, str]

    def frames_between(self, start: Fraction | None = None, duration: Fraction | None = None) -> int | None:
        """About how many frames `read` gives for this stretch (seconds), or None if unknown."""
        if self.is_picture:
            return 1
        if self.duration is None:
            return None if duration is None else max(1, ceil(duration * self.video.rate))
        left, held = max(Fraction(0), self.duration - (start or 0)), self.video.frames
        if duration is not None and duration < left:
            about = ceil(duration * self.video.rate)
        elif not start and held is not None:
            return held
        else:
            about = round(left * self.video.rate)
        return max(1, about if held is None else min(about, held))
