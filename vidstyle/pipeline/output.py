"""Where the output goes: what speaks against a name before anything is read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from vidstyle.errors import OutputError
from vidstyle.media.atomic import telling_output_errors
from vidstyle.media.sequence import is_pattern, is_sequence, there_already
from vidstyle.pipeline.job import Job


def check_output(job: Job) -> None:
    """Refuse an output that could not be put in its place at the end, or would destroy an input.

    Whether it exists already is left to the plan: it may be a render's that was stopped at its very end.

    Raises:
        OutputError: it is an input, a folder or a device, or its folder is missing or not writable.
    """
    with telling_output_errors(job.output):  # a name that is too long, a folder that may not be looked into
        _check_output(job)


def _check_output(job: Job) -> None:
    output, folder = job.output, job.output.absolute().parent
    made = _files(there_already(output) if is_pattern(output) else [output])
    for what, names in _inputs(job).items():
        if any(made & _files(there_already(name) if is_sequence(name) else [name]) for name in names):
            raise OutputError(f"is {what}", where=output, hint="Give another name.")
    if output.is_dir():
        raise OutputError("is a folder", where=output, hint="Give the name of a file in it.")
    if output.exists() and not output.is_file():  # /dev/null would be a file after that
        raise OutputError("is a device or a pipe", where=output, hint="Give the name of a file.")
    if not folder.is_dir():
        raise OutputError("its folder does not exist", where=output, hint=f"Create {folder} first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            "its folder may not be written to",
            where=output,
            hint="Choose another, or change its permissions.",
        )


def check_trace(trace: Path, job: Job) -> None:
    """Refuse a file for the profile of a render that would destroy another file.

    Raises:
        OutputError: it is an input, the output, or exists and may not be replaced.
    """
    files = [job.output, *(name for names in _inputs(job).values() for name in names)]
    if trace.absolute() == job.output.absolute() or _files([trace]) & _files(files):
        raise OutputError("is a file of the render itself", where=trace, hint="Give another name.")
    if trace.is_file() and not job.overwrite:
        raise OutputError("exists already", where=trace, hint="Give another name, or add --overwrite.")


def _inputs(job: Job) -> dict[str, list[Path]]:
    """The names of all inputs, by what they are."""
    return {
        "the source itself": [job.source],
        "one of the styles": [style.path for style in job.styles]
        + [mask.style for mask in job.masks if mask.style],
        "one of the masks": [mask.path for mask in job.masks],
        "the footage": [] if job.footage is None else [job.footage],
    }


def _files(paths: Iterable[Path]) -> set[tuple[int, int]]:
    """The files that some names lead to, known through links and other spellings."""
    found = set()
    for path in paths:
        with suppress(OSError):  # it does not exist, or cannot be looked at: told when it is opened
            facts = path.stat()
            found.add((facts.st_dev, facts.st_ino))
    return found
