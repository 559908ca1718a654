"""A worker of a fleet: carries out orders one after the other, with networks that stay loaded."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

from vidstyle.batch.attempt import typed
from vidstyle.batch.cores import Share, use
from vidstyle.batch.fleet_orders import (
    Head,
    Message,
    Order,
    Paint,
    PaintHead,
    PaintPicture,
    Parcel,
    Picture,
    Scan,
    Scanned,
    Shared,
)
from vidstyle.batch.painters import KeptPainters
from vidstyle.batch.split import Fading
from vidstyle.errors import InputError, VidstyleError, WorkerError
from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.media import DecodeFaults, segment_suffix
from vidstyle.media.atomic import telling_output_errors
from vidstyle.pipeline import FrameDone, Job, MakePainter, Painter, Plan, SegmentClosed, plan
from vidstyle.pipeline.apart import paint_apart, shots_of
from vidstyle.pipeline.footage import footage_of
from vidstyle.pipeline.hashes import digest
from vidstyle.pipeline.render import paint_picture
from vidstyle.pipeline.segments import Segment, Shelf
from vidstyle.pipeline.state import Identity, differences
from vidstyle.synthesis.stylizer import State, Stylizer


class Worker:
    """Carries out orders; needs the source and the styles at the paths that an order names, nothing else.

    Args:
        make: makes what makes painters.
        cores: to keep to; None leaves threads as they are.
    """

    def __init__(self, make: Callable[[], MakePainter] = KeptPainters, cores: int | None = None) -> None:
        if cores is not None:
            use(Share(cores))
        self._make_painter = make()
        self._planned: Plan | None = None

    def ready(self) -> bool:
        """Always true; told once this worker can take orders."""
        return True

    def work(self, order: Order) -> Generator[Message, None, None]:
        """Carry out an order.

        Yields:
            What there is to tell; last of all an error, if there is one.
        """
        with tempfile.TemporaryDirectory(prefix="vidstyle-") as scratch:
            try:
                yield from self._do(order, Path(scratch))
            except VidstyleError as error:
                yield error
            except Exception as error:
                yield typed(error, order.job.output)

    def _do(self, order: Order, scratch: Path) -> Iterator[Message]:
        planned = self._plan(order.job, scratch)
        painter = self._make_painter(planned.styles, planned.settings, footage_of(planned))
        match order:
            case Scan():
                yield _scan(planned, painter)
            case Paint():
                yield from _paint(order, planned, painter, scratch)
            case PaintHead():
                yield _head(order, planned, painter, scratch)
            case PaintPicture():
                began = time.monotonic()
                painted = paint_picture(planned, painter)
                yield Picture(painted.pixels, time.monotonic() - began, painted.alpha)

    def _plan(self, job: Job, scratch: Path) -> Plan:
        """The plan of a job, kept for its next order; whether it can be written is the driver's to check."""
        if self._planned is None or replace(self._planned.job, output=job.output) != job:
            self._planned = plan(replace(job, output=scratch / job.output.name))
        return self._planned


def _scan(planned: Plan, painter: Painter) -> Scanned:
    base = planned.shape.time_base
    if planned.source.is_picture:
        return Scanned(planned.identity, painter.weights, (0,), base, (0,), ())
    faults = DecodeFaults()
    pts, begins = shots_of(planned, faults)
    return Scanned(planned.identity, painter.weights, tuple(pts), base, tuple(begins), faults.describe())


def _paint(order: Paint, planned: Plan, painter: Painter, scratch: Path) -> Iterator[Message]:
    identity = {**planned.identity, "weights": painter.weights}
    check_same(order.identity, identity, order.job)
    shelf = Shelf(scratch, digest(identity), segment_suffix(planned.segments))
    stylizer = painter.stylizer if order.fade is None else Fading(painter.stylizer, order.fade)
    painted = 0
    for event in paint_apart(planned, shelf, stylizer, order.place, order.frames, order.carry):
        if isinstance(event, FrameDone):
            painted += 1
            yield event
        elif isinstance(event, SegmentClosed):
            yield _parcel(shelf, shelf.segments()[-1], order.shared)
    if painted != order.frames:
        raise WorkerError(
            f"gave {painted} frames, not {order.frames}", where=order.job.source, hint="Is it being changed?"
        )


def check_same(wanted: Identity, found: Identity, job: Job) -> None:
    """Refuse to paint parts of one video in two ways.

    Args:
        wanted: what the frames depend on, as one machine sees it.
        found: the same, as another does.
        job: for the message.

    Raises:
        InputError: they differ; the message says in what.
    """
    differing = [text.replace(" then,", " for the driver,") for text in differences(wanted, found)]
    if differing:
        raise InputError(
            f"another machine has another {', '.join(differing)}".replace(" now)", " there)"),
            where=job.source,
            hint="Every machine needs the same files at the same paths, and one version of vidstyle.",
        )


def _parcel(shelf: Shelf, segment: Segment, shared: Shared) -> Parcel:
    """A finished segment on its way: copied into the state folder where that is seen, else taken along."""
    files = shelf.files(segment)
    if not shared.seen():
        parcel = Parcel(segment.number, {path.name: path.read_bytes() for path in files})
    else:
        for path in files:
            # A worker that was given up may still be alive and copy the same: each under its own name.
            part = shared.folder / f".{uuid.uuid4().hex}.part"
            with telling_output_errors(shared.folder / path.name):
                shutil.copyfile(path, part)
                part.replace(shared.folder / path.name)
        parcel = Parcel(segment.number, {})
    for path in files:
        path.unlink()
    return parcel


def _head(order: PaintHead, planned: Plan, painter: Painter, scratch: Path) -> Head:
    """The first frames of a stretch; their segment is made only for the carry, and thrown away."""
    shelf = Shelf(scratch, "head", segment_suffix(planned.segments))
    whole = replace(planned, job=replace(planned.job, segment_frames=order.frames))
    kept = _Keeping(painter.stylizer)
    for _ in paint_apart(whole, shelf, kept, order.place, order.frames):
        pass
    (segment,) = shelf.segments()
    if segment.carry is None:
        raise WorkerError("ended within a shot", where=order.job.source, hint="Report this, please.")
    return Head(order.place.index, tuple(kept.pixels), dict(painter.stylizer.state()), segment.carry)


class _Keeping:
    """A stylizer that keeps what it paints."""

    def __init__(self, stylizer: Stylizer) -> None:
        self._stylizer = stylizer
        self.pixels: list[Pixels] = []

    def start(self, frame: Frame) -> Frame:
        return self._kept(self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        return self._kept(self._stylizer.next(frame, motion))

    def state(self) -> State:
        return self._stylizer.state()

    def restore(self, state: State) -> None:
        self._stylizer.restore(state)

    def _kept(self, painted: Frame) -> Frame:
        self.pixels.append(painted.pixels)
        return painted
