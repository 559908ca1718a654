"""Where jobs read and write: no output twice, none over an input, nothing outside the root."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vidstyle.batch.items import Item
from vidstyle.errors import InputError, OutputError, SettingsError
from vidstyle.faults import Faults
from vidstyle.media.file_options import options_leading_to_files
from vidstyle.pipeline import Job
from vidstyle.pipeline.state import folder_of


def check_places(items: Sequence[Item], faults: Faults, root: Path | None = None) -> None:
    """Refuse outputs that clash and, with a root, paths that lead out of it.

    Args:
        items: all jobs of the batch.
        faults: told of each clash.
        root: the folder in which everything must lie, links followed; None allows all.
    """
    inputs = {_real(path) for item in items for path in _read_by(item.job)}
    inputs.add(_real(faults.file))
    writers: dict[str, Item] = {}
    for item in items:
        place = _real(item.job.output)
        with faults.at(item.line):
            if place in inputs:
                raise OutputError(
                    "is read by this batch too", where=item.job.output, hint="Give it another name."
                )
            if place in writers:
                raise OutputError(
                    f"is the output of the job at line {writers[place].line} too",
                    where=item.job.output,
                    hint="Use {stem}, {style} or {index} to tell them apart.",
                )
        writers.setdefault(place, item)
    if root is not None:
        _check_root(items, faults, root)


def _check_root(items: Sequence[Item], faults: Faults, root: Path) -> None:
    with faults.at(0):
        if not root.is_dir():
            raise InputError("is no folder", where=root, hint="Give --root an existing folder.")
        top = root.resolve()
        for item in items:
            for option in options_leading_to_files(item.job.encoding.options):
                with faults.at(item.line, "encoder_options"):
                    raise SettingsError(
                        f"{option} may lead the encoder to files out of {root}",
                        hint="Leave it out, or leave out --root.",
                    )
            for path in _touched_by(item.job):
                with faults.at(item.line):
                    if not path.resolve().is_relative_to(top):
                        raise InputError(
                            f"leads out of {root}", where=path, hint="Everything must lie in --root."
                        )


def _read_by(job: Job) -> Iterator[Path]:
    yield job.source
    yield from (style.path for style in job.styles)
    for mask in job.masks:
        yield mask.path
        if mask.style is not None:
            yield mask.style
    if job.settings.weights is not None:
        yield job.settings.weights


def _touched_by(job: Job) -> Iterator[Path]:
    yield from _read_by(job)
    yield job.output
    yield folder_of(job.output)


def _real(path: Path) -> str:
    """One text for all names of a file: links followed, and upper case as lower case on Windows."""
    return os.path.normcase(path.resolve())
