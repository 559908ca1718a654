"""Files <-> frames: the only room that knows of containers and codecs."""

# cv2 before av, always: with av first, cv2.imshow hangs for good on Linux.
import cv2 as cv2

from vidstyle.media.decode import DecodeFaults, read
from vidstyle.media.probe import SourceInfo, StreamInfo, VideoInfo, probe

__all__ = ["SourceInfo", "StreamInfo", "VideoInfo", "probe"]
