"""Files <-> frames: the only room that knows of containers and codecs."""

# cv2 before av, always: with av first, cv2.imshow hangs for good on Linux.
import cv2 as cv2

from vidstyle.media.assemble import assemble
from vidstyle.media.codecs import Encoding, VideoShape, codable_size, segment_suffix
from vidstyle.media.colors import Colors
from vidstyle.media.decode import Reading, read
from vidstyle.media.delivery import Delivery, check_delivery, deliver, encoders
from vidstyle.media.encoding import check_encoding
from vidstyle.media.faults import DecodeFaults
from vidstyle.media.glance import keyframes_near
from vidstyle.media.hardware import DecoderChoice, decoder_for, decoders
from vidstyle.media.hdr import HdrChoice, tone_mapped_colors
from vidstyle.media.info import SourceInfo, StreamInfo, VideoInfo
from vidstyle.media.limits import Limits
from vidstyle.media.masks import Mask, coverage
from vidstyle.media.pictures import is_picture_name, read_picture, write_picture
from vidstyle.media.source import probe
from vidstyle.media.tags import read_metadata
from vidstyle.media.times import check_times
from vidstyle.media.tracks import StreamPlan, plan_streams
from vidstyle.media.writer import VideoWriter

__all__ = [
    "Colors",
    "DecodeFaults",
    "DecoderChoice",
    "Delivery",
    "Encoding",
    "HdrChoice",
    "Limits",
    "Mask",
    "Reading",
    "SourceInfo",
    "StreamInfo",
    "StreamPlan",
    "VideoInfo",
    "VideoShape",
    "VideoWriter",
    "assemble",
    "check_delivery",
    "check_encoding",
    "check_times",
    "codable_size",
    "coverage",
    "decoder_for",
    "decoders",
    "deliver",
    "encoders",
    "is_picture_name",
    "keyframes_near",
    "plan_streams",
    "probe",
    "read",
    "read_metadata",
    "read_picture",
    "segment_suffix",
    "tone_mapped_colors",
    "write_picture",
]
