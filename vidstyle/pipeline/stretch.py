"""The source from any boundary between segments on, with the motion that a whole reading would give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Motion
from vidstyle.media import DecodeFaults, read
from vidstyle.motion import pairs_at_once, track
from vidstyle.pipeline.masks import masked
from vidstyle.pipeline.plan import Plan
from vidstyle.pipeline.prefetch import Prefetched
from vidstyle.pipeline.profile import Profile, Stream, made
from vidstyle.pipeline.rest import rests
from vidstyle.pipeline.segments import Place

AHEAD = 2  # frames decoded and not looked at: one hiccup of the disk costs no time, and 8K frames have room


def moving_from(
    plan: Plan,
    place: Place,
    faults: DecodeFaults,
    profile: Profile | None = None,
    *,
    painted: Frame | None = None,
) -> Stream[tuple[Frame, Motion]]:
    """The frames from a place on, numbered as in the whole, each with its motion.

    Reading begins one frame early, so that the first frame's motion leads back to it. Frames are decoded
    in a thread of their own, a few ahead.

    Args:
        plan: of the render.
        place: a boundary between segments.
        faults: filled in with what is wrong with the source.
        profile: told what decoding and flow take.
        painted: the last frame that was painted before the place; None: the one right before it.

    Raises:
        InputError: the source cannot be read, or reads differently than it did for the segments before.
    """
    frames = all_frames(plan, faults) if place.before is None else _from_one_before(plan, place, faults)
    decoded = Prefetched(
        made(profile, "decode", frames), AHEAD, maker="decode", taker="flow", profile=profile
    )
    with decoded, closing(made(profile, "flow", _tracked(decoded, plan, painted))) as moving:
        if place.before is not None:
            next(moving, None)
        yield from moving


def _tracked(frames: Iterator[Frame], plan: Plan, painted: Frame | None) -> Stream[tuple[Frame, Motion]]:
    from vidstyle.pipeline.device import choose_device  # which imports torch

    settings = plan.job.settings
    rest = rests(settings, masks=bool(plan.job.masks))
    yield from track(
        frames,
        preset=settings.flow,
        mend=settings.mending,
        whole=False,
        rest=rest,
        reference=painted,
        at_once=pairs_at_once(*plan.size),
        apart=choose_device(settings.device).type == "cuda",
    )


def all_frames(plan: Plan, faults: DecodeFaults) -> Stream[Frame]:
    """The frames of a render's source, as it paints them."""
    job = plan.job
    yield from _read(plan, job.start, job.duration, faults)


def _from_one_before(plan: Plan, place: Place, faults: DecodeFaults) -> Stream[Frame]:
    """The frame before the place, and all that follow."""
    job, before = plan.job, place.before or Fraction(0)
    since = max(before - plan.source.start, Fraction(0))
    left = None if job.duration is None else (job.start or 0) + job.duration - since
    with closing(_read(plan, since, left, faults)) as frames:
        try:
            first = next(frames, None)
        except InputError:  # reading all of it, below, tells whether that is so
            first = None
        if first is not None and first.seconds == before:
            first = replace(first, index=place.index - 1)
            yield first
            for frame in frames:
                yield replace(frame, index=place.index + frame.index - 1)
            return
    # In a damaged file a frame's time can depend on all frames before it: read those too.
    for frame in all_frames(plan, faults):
        if frame.index == place.index - 1 and frame.seconds != before:
            raise InputError(
                f"gives frame {frame.index} another time than before",
                where=job.source,
                hint="Add --restart to begin anew.",
            )
        if frame.index >= place.index - 1:
            yield frame


def _read(
    plan: Plan, start: Fraction | None, duration: Fraction | None, faults: DecodeFaults
) -> Stream[Frame]:
    job = plan.job
    frames = read(
        job.source,
        start=start,
        duration=duration,
        size=plan.size,
        faults=faults,
        limits=job.limits,
        reading=plan.reading,
    )
    if not job.masks:
        yield from frames
        return
    since = start or Fraction(0)
    yield from masked(frames, job, plan.source, plan.size, since=since, faults=faults)
