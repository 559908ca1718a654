"""Stretches of a render painted apart from the rest, by processes that share nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from vidstyle.frames import Frame, Motion
from vidstyle.media import DecodeFaults
from vidstyle.motion import begins_shot
from vidstyle.pipeline.events import Event
from vidstyle.pipeline.loop import in_a_loop
from vidstyle.pipeline.paint import paint_segment
from vidstyle.pipeline.plan import Plan
from vidstyle.pipeline.prefetch import Prefetched
from vidstyle.pipeline.rest import painted_source
from vidstyle.pipeline.sealing import Sealing
from vidstyle.pipeline.segments import Carry, Place, Shelf
from vidstyle.pipeline.spared import spared
from vidstyle.pipeline.stretch import all_frames, moving_from
from vidstyle.synthesis.stylizer import Stylizer


def paint_apart(
    plan: Plan, shelf: Shelf, stylizer: Stylizer, place: Place, frames: int, carry: Carry | None = None
) -> Iterator[Event]:
    """Paint some frames of one shot as a whole render would.

    Args:
        plan: of the render.
        shelf: keeps the segments; those before need not lie on it.
        stylizer: paints them.
        place: where to begin.
        frames: how many; less than a segment only where the shot ends or another process goes on.
        carry: what the frames start from; None where a shot begins.

    Yields:
        A `FrameDone` a frame and a `SegmentClosed` a segment; fewer frames than asked for where the
        source ends.
    """
    stylizer = spared(in_a_loop(stylizer, plan), plan.styles, len(plan.job.masks))
    end = place.index + frames
    painted = None if carry is None else painted_source(carry)
    # One frame more tells whether the shot goes on, and so whether the last segment leaves a carry.
    with Prefetched(_some(plan, place, frames + 1, painted)) as moving, Sealing(shelf) as sealing:
        if carry is not None:
            stylizer.restore(carry)
        while place.index < end and moving.peek() is not None:
            most = min(plan.job.segment_frames, end - place.index)
            place = yield from paint_segment(plan, shelf, stylizer, place, moving, sealing, most=most)
        yield from sealing.end()


def _some(plan: Plan, place: Place, count: int, painted: Frame | None) -> Iterator[tuple[Frame, Motion]]:
    with closing(moving_from(plan, place, DecodeFaults(), painted=painted)) as moving:
        yield from islice(moving, count)


def shots_of(plan: Plan, faults: DecodeFaults) -> tuple[list[int], list[int]]:
    """The times of all frames of a render, and where its shots begin: what painting it would find.

    Takes little more time than decoding.

    Args:
        plan: of the render.
        faults: filled in with what is wrong with the source.

    Returns:
        The pts of each frame, and the indices of the frames that begin a shot.

    Raises:
        InputError: the source cannot be read.
    """
    pts: list[int] = []
    begins: list[int] = []
    previous: Frame | None = None
    for frame in all_frames(plan, faults):
        if previous is None or begins_shot(previous, frame):
            begins.append(frame.index)
        pts.append(frame.pts)
        previous = frame
    return pts, begins
