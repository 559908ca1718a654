"""Files <-> frames: the only room that knows of containers and codecs."""

# cv2 before av, always: with av first, cv2.imshow hangs for good on Linux.
import cv2 as cv2

from vidstyle.media.assemble import assemble
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
from vidstyle.media.metadata import read_metadata
from vidstyle.media.pictures import is_picture_name, read_picture, write_picture
from vidstyle.media.probe import SourceInfo, StreamInfo, VideoInfo, probe
from vidstyle.media.tracks import StreamPlan, plan_streams
from vidstyle.media.writer import VideoWriter

__all__ = [
    "Colors",
    "DecodeFaults",
    "Encoding",
    "SourceInfo",
    "StreamInfo",
    "StreamPlan",
    "VideoInfo",
    "VideoShape",
    "VideoWriter",
    "assemble",
    "check_encoding",
    "codable_size",
    "encoders",
    "is_picture_name",
    "plan_streams",
    "probe",
    "read",
    "read_metadata",
    "read_picture",
    "segment_suffix",
    "write_picture",
]
