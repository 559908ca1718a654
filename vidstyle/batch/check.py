"""Each job of a batch planned before the first frame: what it will take, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from vidstyle.batch.done import Done
from vidstyle.batch.items import Item
from vidstyle.errors import DeviceError
from vidstyle.faults import Faults
from vidstyle.media.numbered import first_of
from vidstyle.pipeline import Job, Plan, plan
from vidstyle.pipeline.state import Identity, folder_of, unfinished
from vidstyle.written import read_size


class Status(Enum):
    """What a batch has to do about a job."""

    TO_DO = "to do"
    RESUMED = "going on"
    DONE = "done already"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Prospect:
    """A job that can be done, and what is known of it before.

    Attributes:
        number: position in the batch, from 0.
        line: of the manifest.
        job: what to do.
        status: whether anything is left to do.
        frames: in the output; an estimate, None where unknown.
        kept: of these, how many an earlier run finished.
        size: (height, width) of the output, pixels; None where nothing is to be done.
        seconds: that the output lasts, to guess its shots; 0 for a picture.
        notices: what the user should know, a sentence each.
    """

    number: int
    line: int
    job: Job
    status: Status
    frames: int | None = None
    kept: int = 0
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    notices: tuple[str, ...] = ()

    @property
    def left(self) -> bool:
        """Whether there is anything to do."""
        return self.status in (Status.TO_DO, Status.RESUMED)


def check_jobs(
    items: Sequence[Item],
    faults: Faults,
    *,
    skip_existing: bool = False,
    budgeted: bool = False,
    here: bool = True,
) -> Iterator[Prospect]:
    """Plan every job, one after the other; nothing of a plan is kept but what a `Prospect` holds.

    Args:
        items: the jobs.
        faults: told what is wrong with those that cannot be done; these are left out.
        skip_existing: a job whose output exists is not looked at.
        budgeted: steps and size are to be chosen: an earlier choice of them stands.
        here: they are painted on this machine, which must have their devices.
    """
    done = Done(budgeted=budgeted)
    for number, item in enumerate(items):
        job = item.job
        with faults.at(item.line, lines=item.lines):
            there = first_of(job.output)
            if there.exists() and skip_existing:
                yield Prospect(number, item.line, job, Status.SKIPPED)
                continue
            whole = there.is_file() and not folder_of(job.output).is_dir()
            if whole and not job.restart and done.already(job):
                yield Prospect(number, item.line, job, Status.DONE)
                continue
            if here:
                _check_device(job.settings.device)
            yield _prospect(number, item, budgeted)


def _check_device(name: str) -> None:
    """Refuse a device that is not there.

    Raises:
        DeviceError: it is not.
    """
    if name in ("auto", "cpu"):  # are always there, and to ask after others takes torch, which takes seconds
        return
    from vidstyle.pipeline.device import choose_device

    try:
        choose_device(name)
    except DeviceError as error:
        raise DeviceError(f"{name}: {error.what}", where="device", hint=error.hint) from error


def _prospect(number: int, item: Item, budgeted: bool) -> Prospect:
    job = item.job
    left = None if job.restart else unfinished(job.output)
    if left is not None and budgeted:
        job = as_begun(job, left.identity)
    planned = plan(job)
    return Prospect(
        number=number,
        line=item.line,
        job=job,
        status=Status.TO_DO if left is None else Status.RESUMED,
        frames=planned.frames,
        kept=0 if left is None else left.frames,
        size=planned.size,
        seconds=_seconds(planned),
        notices=planned.notices,
    )


def as_begun(job: Job, identity: Identity) -> Job:
    """The job with the steps and the size that an earlier run under a budget began it with."""
    begun = identity["settings"]
    settings = replace(
        job.settings,
        first_steps=tuple(begun["first_steps"]),
        steps=begun["steps"],
        min_steps=begun["min_steps"],
    )
    return replace(job, settings=settings, size=read_size(identity["size"]))


def _seconds(planned: Plan) -> float:
    source, job = planned.source, planned.job
    if source.is_picture:
        return 0.0
    if planned.frames is not None and planned.shape.rate:
        return float(planned.frames / planned.shape.rate)
    return float(job.duration or source.duration or 0)
