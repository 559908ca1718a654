"""Where decoding can begin, so that what follows is as if it had begun at the front."""

from __future__ import annotations

from fractions import Fraction

import av
from av.container import InputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

# Seconds to go back when a seek lands past its target (open groups of pictures, coarse indices).
STEPS_BACK = (Fraction(0), Fraction(2), Fraction(10))
# Kinds of picture that need no other; codecs that know no kinds say "none".
_SELF_CONTAINED = (PictureType.I, PictureType.NONE)


def is_entry(head: VideoFrame | None, target: Fraction) -> bool:
    """Whether the first frame after a seek begins what can be decoded from there to a time and on.

    A seek may also lead to a frame that is called a keyframe and builds on others.
    """
    return head is not None and head.pts is not None and _seconds(head) <= target and stands_alone(head)


def stands_alone(frame: VideoFrame) -> bool:
    """Whether the first frame after a seek is whole.

    One that builds on frames the seek went past is told by its damage, or by its kind: a recovery point of
    intra refresh is a predicted picture (ITU-T H.264, D.2.8), and FFmpeg shows what follows it as whole.
    """
    return not frame.is_corrupt and frame.pict_type in _SELF_CONTAINED


def seek(container: InputContainer, video: VideoStream, seconds: Fraction) -> bool:
    """Go to the last entry at or before a time of the stream; False where the format cannot."""
    if not video.time_base:
        return False
    try:
        container.seek(int(seconds / video.time_base), stream=video, backward=True)
    except (av.FFmpegError, OverflowError):
        return False  # formats without an index: read from the front instead
    return True


def _seconds(frame: VideoFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(1))
