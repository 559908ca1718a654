"""A job from its plan to its output: the hallway that connects the rooms."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import read_picture, segment_suffix, write_picture
from vidstyle.media.conversion import scaled
from vidstyle.pipeline.allocator import keep_freed_memory
from vidstyle.pipeline.compare import compared
from vidstyle.pipeline.events import Event, Finished, FrameDone, Notice, Started
from vidstyle.pipeline.finish import finish
from vidstyle.pipeline.footage import footage_of
from vidstyle.pipeline.job import Job
from vidstyle.pipeline.loop import in_a_loop
from vidstyle.pipeline.masks import masked
from vidstyle.pipeline.memory import telling_out_of_memory
from vidstyle.pipeline.paint import paint_missing
from vidstyle.pipeline.painter import MakePainter, Painter, painter_for
from vidstyle.pipeline.plan import Plan, plan
from vidstyle.pipeline.profile import Profile, spent
from vidstyle.pipeline.reproduce import tags_of
from vidstyle.pipeline.room_record import in_kept_room, room_notices
from vidstyle.pipeline.spared import spared
from vidstyle.pipeline.state import State, opened


def render(
    job: Job, *, make_painter: MakePainter = painter_for, profile: Profile | None = None
) -> Generator[Event, None, None]:
    """Do a job, telling what happens; closing the iterator stops it, and what is finished is kept.

    A video is painted segment by segment into a state folder beside the output. A run that is
    stopped, killed or out of space leaves its closed segments there, and the same job goes on from
    them: the output is the same, byte for byte. The output gets its name when it is whole.

    Args:
        job: what to do.
        make_painter: makes what paints the frames.
        profile: told where the time goes.

    Yields:
        `Notice`s, `Started`, then a `FrameDone` a frame and a `SegmentClosed` a segment, and
        `Finished` at the end.

    Raises:
        VidstyleError: see `plan` for what is wrong before the first frame. After that:
            OutputError: no space, or the output cannot be written.
            InputError: the source is damaged beyond use.
            WeightsError, DeviceError: the network cannot be had, or not run.
    """
    with telling_out_of_memory(job.source):
        yield from _rendered(job, make_painter, profile)


def _rendered(job: Job, make_painter: MakePainter, profile: Profile | None) -> Iterator[Event]:
    began = time.monotonic()
    keep_freed_memory()
    with spent(profile, "prepare"):
        planned = plan(job)
    for text in planned.notices:
        yield Notice(text)
    with spent(profile, "prepare"):
        painter = make_painter(planned.styles, planned.settings, footage_of(planned))
    if planned.source.is_picture:
        yield from _picture(planned, painter, began, profile)
    else:
        yield from _video(planned, painter, began, profile)


def _picture(planned: Plan, painter: Painter, began: float, profile: Profile | None) -> Iterator[Event]:
    yield Started(1, planned.written_size)
    solving = time.monotonic()
    with spent(profile, "solve"):
        if painter.room is not None:
            painter.room.begin()
        painted = paint_picture(planned, painter)
    yield from room_notices(painter.room)
    yield FrameDone(0, 1, time.monotonic() - solving, shot_begins=True)
    with spent(profile, "encode"):
        write_picture(
            planned.job.output,
            painted.pixels,
            tags_of(planned, painter.weights),
            alpha=painted.alpha,
            deep=planned.source.video.bit_depth > 8,
        )
    yield Finished(planned.job.output, 1, planned.written_size, time.monotonic() - began)


def paint_picture(planned: Plan, painter: Painter) -> Frame:
    """The source of a render whose source is a picture, painted, and shown as the job asks."""
    job = planned.job
    picture = _scaled(read_picture(job.source, job.limits, alpha=True), planned.size)
    (frame,) = masked([picture], job, planned.source, planned.size)
    painted = spared(painter.stylizer, planned.styles, len(job.masks)).start(frame)
    return compared(frame, painted, planned.shape, job.compare)


def _scaled(frame: Frame, size: tuple[int, int]) -> Frame:
    if (frame.height, frame.width) == size:
        return frame
    alpha = None if frame.alpha is None else scaled(frame.alpha, size)
    return replace(frame, pixels=scaled(frame.pixels, size), alpha=alpha)


def _video(planned: Plan, painter: Painter, began: float, profile: Profile | None) -> Iterator[Event]:
    job = planned.job
    if job.split > 1:
        raise SettingsError(
            f"is {job.split}", where="split", hint="Stretches are painted side by side: vidstyle batch --ray."
        )
    identity = {**planned.identity, "weights": painter.weights}
    suffix = segment_suffix(planned.segments)
    with opened(job.output, identity, suffix=suffix, restart=job.restart) as state:
        frames, kept = state.published(job.output), state.shelf.frames()
        if frames is not None:
            yield Started(frames, planned.written_size, frames)
            state.clear()
            kept = frames
        else:
            if state.damaged:
                yield Notice("Some of what an earlier run left is damaged: that is painted again.")
            yield Started(planned.frames, planned.written_size, kept)
            stylizer = in_a_loop(painter.stylizer, planned)
            stylizer = spared(stylizer, planned.styles, len(job.masks))
            with going_on_later(state):
                painting = paint_missing(planned, state.shelf, stylizer, profile)
                frames = yield from in_kept_room(painting, painter.room, state.folder)
                with spent(profile, "close"):
                    damaged = finish(planned, state, tags_of(planned, painter.weights))
            if damaged:
                yield Notice(f"{job.source}: damaged packets of sound or subtitles left out: {damaged}.")
    yield Finished(job.output, frames, planned.written_size, time.monotonic() - began, kept)


@contextmanager
def going_on_later(state: State) -> Iterator[None]:
    """Let an error say that what is finished is not lost."""
    try:
        yield
    except OutputError as error:
        if not state.shelf.frames():
            raise
        hint = f"{error.hint} Then run the same command again: what is finished is kept."
        raise OutputError(error.what, where=error.where, hint=hint) from error
