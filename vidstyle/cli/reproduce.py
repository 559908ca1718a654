"""`vidstyle reproduce`: the command that made a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidstyle.cli.command import arguments_of, beyond_options, quoted
from vidstyle.cli.plain import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vidstyle.pipeline import Job


def reproduce(
    file: Annotated[Path, typer.Argument(help="A file that vidstyle made.", show_default=False)],
) -> None:
    """Print the command that made FILE; warn on standard error of what has changed since."""
    from vidstyle.media import read_metadata
    from vidstyle.pipeline import job_from_metadata, told_by

    told = told_by(read_metadata(file), file)
    job = job_from_metadata(told)
    for warning in changes(told, job):
        typer.echo(f"vidstyle: warning: {printable(warning)}", err=True)
    typer.echo(quoted(["vidstyle", *arguments_of(job)]))


def changes(told: dict[str, Any], job: Job) -> Iterator[str]:
    """What stands between the command and the same result, a sentence each.

    Args:
        told: what the file tells of its making.
        job: the same as a job; its paths are relative to the folder where the command was run.
    """
    from vidstyle.pipeline.hashes import input_sha256

    masks = told.get("masks", [])
    painted = [mask["style"] for mask in masks if mask["style"] is not None]
    footage = [told["footage"]] if told.get("footage") else []
    for place in (told["source"], *told["styles"], *masks, *painted, *footage):
        path = Path(place["path"])
        if place["path"].startswith(("//", "\\\\")):
            yield f"{path}: lies on another machine, and was not looked at."
        elif not path.exists():
            yield f"{path}: is not there; the command must be run in the folder where it was."
        elif input_sha256(path) != place.get("sha256"):
            yield f"{path}: has changed since."
    if missing := beyond_options(job.settings):
        yield f"{', '.join(missing)}: set from Python, no option of the command sets them."
    for mask in job.masks:
        if mask.style is not None and "=" in str(mask.style):
            yield f"{mask.style}: has a = in its name: give the picture another for --mask."
    if job.segment_frames != type(job).segment_frames:
        yield "segment_frames: set from Python, no option of the command sets it."
    if job.footage is not None:
        yield "footage: set from Python, no option of the command sets it."
    if job.split > 1:
        yield f"split: painted by vidstyle batch --ray --split {job.split}, not by one machine alone."
    from vidstyle.media.file_options import options_leading_to_files

    for option in options_leading_to_files(job.encoding.options):
        yield f"-x {option}: may lead the encoder to any file; look at it before you run the command."
    import vidstyle

    if told["vidstyle"] != vidstyle.__version__:
        yield f"it was made by vidstyle {told['vidstyle']}; this is {vidstyle.__version__}."
