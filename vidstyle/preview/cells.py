"""The pictures of a sheet: frames of the source at the size of a thumbnail, and each of them painted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from vidstyle.frames import Frame
from vidstyle.media import DecodeFaults, VideoInfo
from vidstyle.motion import track
from vidstyle.pipeline import Painter, Plan
from vidstyle.pipeline.sizes import SMALLEST_SIDE
from vidstyle.pipeline.spared import spared
from vidstyle.pipeline.stretch import all_frames


def thumbnail_size(video: VideoInfo, side: int) -> tuple[int, int]:
    """(height, width) of a thumbnail as the video is shown, with square pixels.

    Args:
        video: of the source.
        side: most pixels of the long side; a smaller source is not enlarged.
    """
    height, width = Fraction(video.height), video.width * video.sample_aspect_ratio
    scale = max(min(Fraction(1), side / max(height, width)), SMALLEST_SIDE / min(height, width))
    return round(height * scale), round(width * scale)


def frames_at(plan: Plan, moment: Fraction, count: int) -> list[Frame]:
    """Frames of a plan's source from a moment on, at the plan's size.

    Args:
        plan: of a render, at the size of thumbnails.
        moment: seconds after the source's start.
        count: how many; fewer at its end.

    Raises:
        InputError: they cannot be read.
    """
    if plan.source.is_picture:
        moment = Fraction(0)
    there = replace(plan, job=replace(plan.job, start=moment or None, duration=None))
    with closing(all_frames(there, DecodeFaults())) as frames:
        return list(islice(frames, count))


def painted(painter: Painter, plan: Plan, frames: list[Frame]) -> Frame:
    """The last of some frames that follow each other, painted from the first on."""
    stylizer = spared(painter.stylizer, plan.styles, len(plan.job.masks))
    settings = plan.job.settings
    for frame, motion in track(frames, preset=settings.flow, mend=settings.mending, whole=False):
        result = stylizer.start(frame) if motion.cut else stylizer.next(frame, motion)
    return result
