"""Files <-> frames: the only room that knows of containers and codecs."""

# cv2 before av, always: with av first, cv2.imshow hangs for good on Linux.
import cv2 as cv2

from vidstyle.media.colors import Colors
from vidstyle.media.decode import DecodeFaults, read
from vidstyle.media.encoding import (
    Encoding,
    VideoShape,
    check_encoding,
    codable_size,
    encoders,
    segment_suffix,
)
from vidstyle.media.probe import SourceInfo, StreamInfo, VideoInfo, probe
from vidstyle.media.writer import VideoWriter

__all__ = [
    "Colors",
    "DecodeFaults",
    "Encoding",
    "SourceInfo",
    "StreamInfo",
    "VideoInfo",
    "VideoShape",
    "VideoWriter",
    "check_encoding",
    "codable_size",
    "encoders",
    "probe",
    "read",
    "segment_suffix",
]
