"""Folders of pictures in `vidstyle stylize`: progress, and how they end."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.batch_progress import batch_progress
from vidstyle.cli.batch_tables import summary_json
from vidstyle.cli.plain import print_json
from vidstyle.cli.rendering import fetched

if TYPE_CHECKING:
    from vidstyle.pipeline import Job


def are_stills(source: Path, output: Path) -> bool:
    """Whether pictures are to be painted each on its own: many come in, and the output is a folder.

    A video of the same pictures has a file as its output, with a suffix.
    """
    from vidstyle.media.sequence import is_sequence

    return is_sequence(source) and (output.is_dir() or not output.suffix)


def paint_stills(job: Job, *, skip_existing: bool, json: bool) -> None:
    """Paint each picture of the source into the output, a folder.

    Raises:
        BatchError: some could not be painted.
        VidstyleError: what is wrong with all of them.
    """
    from vidstyle.batch import Batch, InProcess
    from vidstyle.batch.stills import failure_of, stills_of

    prospects = stills_of(job, skip_existing=skip_existing)
    with batch_progress(json=json) as shown:
        fetched(job, shown)
        batch = Batch(prospects, InProcess(), keep_going=True)
        shown.begin(prospects)
        with closing(batch.run()) as reports:
            for report in reports:
                shown.show(report)
    outcomes = list(batch.outcomes.values())
    if json:
        print_json(summary_json(outcomes, sum(outcome.seconds for outcome in outcomes)))
    failure = failure_of(outcomes, job.source)
    if failure is not None:
        raise failure
    if not json:
        painted = sum(outcome.painted for outcome in outcomes)
        typer.echo(f"vidstyle: {job.output}: {painted} painted, {len(outcomes) - painted} kept", err=True)
