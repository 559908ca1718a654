"""A folder of pictures, each painted on its own: jobs of a batch that needs no manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from vidstyle.batch.check import Prospect, Status
from vidstyle.batch.done import Done
from vidstyle.batch.executor import Executor, Report
from vidstyle.batch.here import InProcess
from vidstyle.batch.run import Batch, End, Outcome
from vidstyle.errors import BatchError, InputError, OutputError
from vidstyle.media import Limits
from vidstyle.media.sequence import pictures_of
from vidstyle.pipeline import Job, Size, plan
from vidstyle.pipeline.api import Styles, style_files
from vidstyle.presets import preset

NAMED = 5  # pictures that a message names before it says how many more there are


def stills_of(job: Job, *, skip_existing: bool = False) -> list[Prospect]:
    """A prospect for each picture of a job whose source is many and whose output is a folder.

    Names are kept, and so are sizes, unless the job asks for one. What an earlier run made with the same
    settings is done. Whether each picture can be read shows when its turn comes; all else is checked.

    Args:
        job: source, styles and settings of all.
        skip_existing: a picture whose output exists is passed over, whatever made it.

    Raises:
        InputError: there are no pictures, or a style cannot be read.
        SettingsError: a setting that cannot be used, or means nothing for pictures.
        OutputError: pictures of these names are there that the job would not make.
    """
    done, clashes = Done(), []
    prospects = []
    for number, picture in enumerate(pictures_of(job.source)):
        one = replace(job, source=picture, output=job.output / picture.name)
        status = Status.TO_DO
        if one.output.exists():
            if skip_existing:
                status = Status.SKIPPED
            elif not job.restart and done.already(one):
                status = Status.DONE
            elif not job.overwrite:
                clashes.append(picture.name)
        prospects.append(Prospect(number, 0, one, status, frames=1))
    if clashes:
        raise OutputError(
            f"holds {_listed(clashes)} already, made in another way",
            where=job.output,
            hint="Add -y to replace them, -n to keep them, or name another folder.",
        )
    _check_folder(job)
    _check_settings([prospect.job for prospect in prospects if prospect.left])
    return prospects


def _check_folder(job: Job) -> None:
    """Make the folder, if it is not there.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        job.output.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot be made ({error.strerror})", where=job.output, hint="Name a folder in one that exists."
        ) from error


def _check_settings(jobs: Sequence[Job]) -> None:
    """Plan the first picture that can be read: what is wrong with it then is wrong with all."""
    for job in jobs:
        try:
            plan(job)
            return
        except InputError as error:
            if error.where != str(job.source):
                raise


def failure_of(outcomes: Sequence[Outcome], source: Path) -> BatchError | None:
    """What to say of the pictures that failed, if any did."""
    failed = [outcome for outcome in outcomes if outcome.end is End.FAILED]
    if not failed:
        return None
    reason = "" if failed[0].error is None else failed[0].error.what
    names = _listed([outcome.prospect.job.source.name for outcome in failed])
    return BatchError(
        f"{names} of {len(outcomes)} pictures could not be painted ({reason})",
        where=source,
        hint="The others are done; the same command paints what is left.",
    )


def stylize_pictures(
    source: str | PathLike[str],
    styles: Styles,
    output: str | PathLike[str],
    *,
    quality: str = "standard",
    size: Size | None = None,
    limits: Limits | None = None,
    overwrite: bool = False,
    restart: bool = False,
    skip_existing: bool = False,
    progress: Callable[[Report], None] | None = None,
    executor: Executor | None = None,
    **settings: Any,
) -> list[Outcome]:
    """Paint each picture of a folder into another folder, under its own name.

    A call that was stopped goes on where it was when it is made again: what is done is not done twice.

    Example:
        vidstyle.stylize_pictures("photos", "style.jpg", "painted", quality="draft")

    Args:
        source: a folder, or a glob such as `photos/*.jpg`.
        styles: a picture, several of equal weight, or several with their weights.
        output: the folder; it is made if it is not there.
        quality: "live", "draft", "standard", "high", or the name of a preset of your own.
        size: long side in pixels, or (width, height); None keeps each picture's.
        limits: what the pictures may ask for.
        overwrite: replace pictures that exist and are not this call's own.
        restart: paint anew what an earlier call finished.
        skip_existing: pass over pictures that exist, whatever made them.
        progress: called with each report.
        executor: does the work; None does one picture after the other, here.
        settings: any field of `Settings`, such as strength=0.6 or seed=1.

    Returns:
        What became of each picture.

    Raises:
        BatchError: some could not be painted; all others are.
        VidstyleError: see `stills_of`.
    """
    job = Job(
        source=Path(source),
        styles=style_files(styles),
        output=Path(output),
        settings=preset(quality, **settings),
        limits=limits or Limits(),
        size=size,
        overwrite=overwrite,
        restart=restart,
    )
    batch = Batch(stills_of(job, skip_existing=skip_existing), executor or InProcess(), keep_going=True)
    with closing(batch.run()) as reports:
        for report in reports:
            if progress is not None:
                progress(report)
    outcomes = list(batch.outcomes.values())
    failure = failure_of(outcomes, job.source)
    if failure is not None:
        raise failure
    return outcomes


def _listed(names: Sequence[str]) -> str:
    """ "a.jpg, b.jpg", "a.jpg, b.jpg and 40 more"."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
