"""The driver's side of one job: what is left to order, what came back, and the output when all is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from uuid import uuid4

from vidstyle.batch.executor import Task
from vidstyle.batch.fleet_orders import (
    Head,
    Message,
    Order,
    Paint,
    PaintHead,
    PaintPicture,
    Parcel,
    Picture,
    Scanned,
    Shared,
    absolute,
)
from vidstyle.batch.fleet_parts import HeadPart, Part, ShotPart, gap, parts_of, place_at
from vidstyle.batch.fleet_worker import check_same
from vidstyle.errors import WorkerError
from vidstyle.media import segment_suffix, write_picture
from vidstyle.media.atomic import write_bytes
from vidstyle.pipeline import Event, FrameDone, Notice, SegmentClosed, Started, plan
from vidstyle.pipeline.finish import finish
from vidstyle.pipeline.render import going_on_later
from vidstyle.pipeline.reproduce import tags_of
from vidstyle.pipeline.segments import Place
from vidstyle.pipeline.state import State, folder_of, opened


class FleetJob:
    """One job whose shots are known; holds its state folder, in the format of `render`, until closed.

    Args:
        task: what to do.
        scanned: what its source holds, and what a worker paints it with.

    Raises:
        VidstyleError: see `plan`; or the worker has another source, version or style than this machine.
    """

    def __init__(self, task: Task, scanned: Scanned) -> None:
        self.task, self._scanned = task, scanned
        self.plan = plan(task.job)
        check_same(self.plan.identity, scanned.identity, task.job)
        self._identity = {**self.plan.identity, "weights": scanned.weights}
        self._job = absolute(task.job)
        self._heads: dict[HeadPart, Head] = {}
        self._given: set[Part] = set()
        self._unsaved: dict[Part, int] = {}
        self._picture: Picture | None = None
        self._published: int | None = None
        self._state: State | None = None
        self._open = ExitStack()
        if self.plan.source.is_picture:
            self._left: set[Part] = {ShotPart(0, 0, 1)}
        else:
            self._left = set(parts_of(scanned, task.job))
            self._begin()
        self.kept = self.done = self._published or (self._state.shelf.frames() if self._state else 0)

    def _begin(self) -> None:
        job = self.task.job
        with ExitStack() as opening:
            state = opened(
                job.output, self._identity, suffix=segment_suffix(self.plan.segments), restart=job.restart
            )
            self._state = opening.enter_context(state)
            self._published = self._state.published(job.output)
            if self._published is not None:
                self._left.clear()
            self._shared = Shared(folder_of(self._job.output), uuid4().hex)
            self._shared.offer()
            self._drop_whole()
            self._left |= {part.fades for part in self._shots() if part.fades is not None}
            self._open = opening.pop_all()

    @property
    def frames(self) -> int:
        """In the output."""
        return len(self._scanned.pts)

    @property
    def painted(self) -> bool:
        """Whether all is there that `finish` needs."""
        return not self._left

    def beginning(self) -> Iterator[Event]:
        """What there is to tell before the first frame."""
        yield from (Notice(text) for text in self.plan.notices)
        yield from (Notice(f"{self.task.job.source}: {fault}.") for fault in self._scanned.faults)
        if self._state is not None and self._state.damaged:
            yield Notice("Some of what an earlier run left is damaged: that is painted again.")
        yield Started(self.frames, self.plan.written_size, self.kept)

    def orders(self) -> Iterator[tuple[Part, Order]]:
        """What can be ordered now: heads first, since others wait for them, then the longest."""
        free = self._left - self._given
        for part in sorted(free, key=lambda part: (isinstance(part, ShotPart), -part.frames, part.first)):
            order = self._order(part)
            if order is not None:
                yield part, order

    def give(self, part: Part) -> None:
        """A worker has the order for this part."""
        self._given.add(part)
        self._unsaved[part] = 0

    def hear(self, part: Part, message: Message) -> Iterator[Event]:
        """Take in what a worker says of a part, but for errors."""
        match message:
            case FrameDone():
                self.done += 1
                self._unsaved[part] += 1
                yield replace(message, done=self.done)
            case Parcel() if self._state is not None:
                for name, content in message.files.items():
                    write_bytes(self._state.folder / name, content)
                segment = self._state.shelf.admit(message.number)
                if segment is None:
                    raise WorkerError("sent a damaged segment", where=self.task.job.output)
                self._unsaved[part] -= len(segment.pts)
                yield SegmentClosed(segment.number, segment.first, len(segment.pts))
            case Head() if isinstance(part, HeadPart):
                self._heads[part] = message
                self._drop_whole()  # an earlier run may have painted what follows from it
            case Picture():
                self._picture, self.done = message, 1
                yield FrameDone(0, 1, message.seconds, shot_begins=True)

    def lost(self, part: Part) -> None:
        """The worker did not carry out its order: the part is to be given again, from its last segment."""
        self._given.discard(part)
        self.done -= self._unsaved.pop(part, 0)

    def ended(self, part: Part, order: Order) -> None:
        """The worker has carried out its order.

        Raises:
            WorkerError: but what it sent is not what was ordered.
        """
        self._given.discard(part)
        if isinstance(part, ShotPart) and isinstance(order, Paint):
            left = self._gap(part)
            if left is not None and left[0].index < order.place.index + order.frames:
                raise WorkerError(
                    "a worker finds other shots in it than another",
                    where=self.task.job.source,
                    hint="Install one version of OpenCV on all machines.",
                )
            if left is not None:
                return  # a hole before segments that were kept: others may follow
        self._left.discard(part)
        needed = {head for shot in self._shots() for head in (shot.follows, shot.fades)}
        self._heads = {head: painted for head, painted in self._heads.items() if head in needed}

    def finish(self) -> None:
        """Make the output of what came back.

        Raises:
            OutputError: it cannot be written.
        """
        tags, job = tags_of(self.plan, self._scanned.weights), self.task.job
        if self._picture is not None:
            picture, deep = self._picture, self.plan.source.video.bit_depth > 8
            write_picture(job.output, picture.pixels, tags, alpha=picture.alpha, deep=deep)
        elif self._state is not None and self._published is not None:
            self._state.clear()
        elif self._state is not None:
            with going_on_later(self._state):
                finish(self.plan, self._state, tags)

    def close(self) -> None:
        """Let go of the state folder; what is finished stays there, to go on from."""
        self._open.close()

    def _shots(self) -> list[ShotPart]:
        """What is left, but for heads."""
        return [part for part in self._left if isinstance(part, ShotPart)]

    def _drop_whole(self) -> None:
        """Forget the parts whose segments are all there."""
        self._left -= {part for part in self._shots() if self._gap(part) is None}

    def _order(self, part: Part) -> Order | None:
        """What to tell a worker; None if something else must be there before."""
        if self._state is None:
            return PaintPicture(self._job)
        if isinstance(part, HeadPart):
            return PaintHead(self._job, place_at(self._scanned, 0, part.first, None), part.frames)
        start, fade = self._start(part), self._heads.get(part.fades) if part.fades else None
        found = None if start is None else self._gap(part)
        if found is None or (part.fades is not None and fade is None):
            return None
        place, frames = found
        head = self._heads.get(part.follows) if part.follows else None
        carry = None
        if place.carry is not None:
            begins = place.number == part.number and head is not None
            carry = head.carry if begins and head is not None else self._state.shelf.carry(place)
        return Paint(self._job, self._identity, place, frames, self._shared, carry, fade)

    def _start(self, part: ShotPart) -> Place | None:
        """Where a part begins; None as long as what it follows from is not there."""
        if part.follows is None:
            return place_at(self._scanned, part.number, part.first, None)
        head = self._heads.get(part.follows)
        if head is not None:
            return place_at(self._scanned, part.number, part.first, head.sha256)
        if self._state is None or (before := self._state.shelf.get(part.number - 1)) is None:
            return None
        return place_at(self._scanned, part.number, part.first, before.carry)

    def _gap(self, part: ShotPart) -> tuple[Place, int] | None:
        """What is missing of a part, all of it as long as what it follows from is not there."""
        start = self._start(part)
        if start is None or self._state is None:
            return place_at(self._scanned, part.number, part.first, None), part.frames
        return gap(self._state.shelf, part, start, self.task.job.segment_frames)
