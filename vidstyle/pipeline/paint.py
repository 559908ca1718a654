"""Paint the segments that are missing, in order, each from what the one before left."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack

from vidstyle.frames import Frame, Motion
from vidstyle.media import DecodeFaults, VideoWriter
from vidstyle.pipeline.compare import compared
from vidstyle.pipeline.events import Event, FrameDone, Notice
from vidstyle.pipeline.hashes import sha256_of
from vidstyle.pipeline.outgoing import Outgoing, room_for
from vidstyle.pipeline.plan import Plan
from vidstyle.pipeline.prefetch import Prefetched
from vidstyle.pipeline.profile import Profile, spent
from vidstyle.pipeline.rest import painted_source
from vidstyle.pipeline.sealing import Sealing
from vidstyle.pipeline.segments import Place, Segment, Shelf
from vidstyle.pipeline.stretch import moving_from
from vidstyle.synthesis.stylizer import Stylizer

Moving = Prefetched[tuple[Frame, Motion]]


def paint_missing(
    plan: Plan, shelf: Shelf, stylizer: Stylizer, profile: Profile | None = None
) -> Generator[Event, None, int]:
    """Paint what the shelf does not keep, from the source's start to its end.

    A segment ends where a shot does, or after `Job.segment_frames` frames. Those that lie on the
    shelf are passed over as long as they fit what comes before them: of a state that was damaged,
    the damaged segments alone are painted again.

    Returns:
        How many frames there are.
    """
    faults = DecodeFaults()
    place, ended = shelf.skip(Place()), False
    while not ended:
        place, ended = yield from _paint_stretch(plan, shelf, stylizer, place, faults, profile)
    for fault in faults.describe():
        yield Notice(f"{plan.job.source}: {fault}.")
    return place.index


def _paint_stretch(
    plan: Plan,
    shelf: Shelf,
    stylizer: Stylizer,
    place: Place,
    faults: DecodeFaults,
    profile: Profile | None,
) -> Generator[Event, None, tuple[Place, bool]]:
    """Paint segments from a place on, up to one that is kept or to the end of the source.

    Returns:
        The next place without a segment, and whether the source ended there.
    """
    carry = None if place.carry is None else shelf.carry(place)
    painted = None if carry is None else painted_source(carry)
    stretch = Prefetched(moving_from(plan, place, faults, profile, painted=painted), profile=profile)
    with stretch as moving, Sealing(shelf, profile) as sealing:
        while (following := moving.peek()) is not None:
            begins = _begins(following[1], place)
            if shelf.keeps(place, shot_begins=begins) is not None:
                yield from sealing.end()
                return shelf.skip(place), False
            if carry is not None and not begins:
                stylizer.restore(carry)
            carry = None  # from here on the stylizer itself remembers
            place = yield from paint_segment(
                plan, shelf, stylizer, place, moving, sealing, most=plan.job.segment_frames, profile=profile
            )
        yield from sealing.end()
        return place, True


def _begins(motion: Motion, place: Place) -> bool:
    """Whether a shot begins with a frame that begins a segment.

    Where the segment before left nothing to go on from, a shot begins, even if another version of
    OpenCV now sees no cut.
    """
    return motion.cut or place.carry is None


def paint_segment(
    plan: Plan,
    shelf: Shelf,
    stylizer: Stylizer,
    place: Place,
    moving: Moving,
    sealing: Sealing,
    *,
    most: int,
    profile: Profile | None = None,
) -> Generator[Event, None, Place]:
    """Paint one segment: to the end of its shot, or `most` frames.

    Args:
        plan: of the render.
        shelf: keeps the segment.
        stylizer: remembers the frame before, unless a shot begins here.
        place: where the segment begins.
        moving: the frames from there on, and one more than the segment holds, if there is one.
        sealing: closes the segment, while the next one may be painted.
        most: frames.
        profile: told what painting and encoding take.

    Returns:
        The place where the segment ends; it is whole once `sealing` has told so.
    """
    shelf.drop(place.number)
    earlier = sealing.frames()
    times: list[int] = []
    shot_begins = False
    with ExitStack() as stack:
        writer = stack.enter_context(VideoWriter(shelf.video(place.number), plan.written, plan.segments))

        def encode(pair: tuple[Frame, Frame]) -> None:
            writer.add(compared(*pair, plan.shape, plan.job.compare, plan.begin))

        outgoing = stack.enter_context(Outgoing(encode, room_for(*plan.size), profile))
        while len(times) < most and (following := moving.peek()) is not None:
            frame, motion = following
            if times and motion.cut:
                break
            next(moving)
            begins = motion.cut if times else _begins(motion, place)
            shot_begins = shot_begins or begins
            began = time.monotonic()
            with spent(profile, "solve"):
                painted = stylizer.start(frame) if begins else stylizer.next(frame, motion)
            seconds = time.monotonic() - began
            outgoing.add((frame, painted))
            times.append(frame.pts)
            yield FrameDone(frame.index, earlier + len(times), seconds, begins)
            yield from sealing.told()
        following = moving.peek()
        goes_on = following is not None and not following[1].cut
        with spent(profile, "close"):
            left = stylizer.state() if goes_on else None
            carry = None if left is None else sha256_of(left)
        files = stack.pop_all()

    def close() -> Segment:
        with spent(profile, "close"):
            with files:  # what fails drops the frames that wait
                if left is not None:
                    shelf.put_carry(place.number, left)
            return shelf.seal(place, times, plan.shape.time_base, carry, shot_begins=shot_begins)

    yield from sealing.begin(close, len(times))
    return place.beyond(times, plan.shape.time_base, carry)
