"""A job rendered by a command: its events shown, its end told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.plain import print_json
from vidstyle.cli.progress import Progress
from vidstyle.errors import VidstyleError

if TYPE_CHECKING:
    from vidstyle.cli.batch_progress import BatchProgress
    from vidstyle.pipeline import Job


@contextmanager
def ends_told(*, json: bool, goes_on: bool = True) -> Iterator[None]:
    """Say on the way out what `main` does not: a JSON line for an error, where to go on after Ctrl-C.

    Args:
        json: errors are told as JSON lines.
        goes_on: the same command would not begin anew.
    """
    try:
        yield
    except VidstyleError as error:
        if json:
            print_json(_failure(error))
        raise
    except KeyboardInterrupt:
        if not json:
            typer.echo(f"vidstyle: stopped{'; the same command goes on from here' * goes_on}.", err=True)
        raise


def rendered(job: Job, shown: Progress, trace: Path | None = None) -> None:
    """Render a job, with its events shown; weights that must be fetched come first.

    Args:
        job: what to do.
        shown: shows how far it has come.
        trace: a file for the profile of the render, which is shown at the end; None: no profile.
    """
    from vidstyle.pipeline import Profile, Profiled, plan, render
    from vidstyle.pipeline.output import check_trace

    if fetches(job) or trace is not None:
        plan(job)  # what is wrong with it should show before half a gigabyte is fetched or a file begun
    fetched(job, shown)
    with ExitStack() as stack:
        profile = None
        if trace is not None:
            check_trace(trace, job)
            profile = stack.enter_context(Profile(trace))
        for event in stack.enter_context(closing(render(job, profile=profile))):
            shown.show(event)
    if profile is not None:
        shown.show(Profiled(profile.times(), profile.path))


def fetches(job: Job) -> bool:
    """Whether a job needs VGG-19's weights and has none of its own."""
    return job.settings.features == "vgg19" and job.settings.weights is None


def fetched(job: Job, shown: Progress | BatchProgress) -> None:
    """Fetch VGG-19's weights if a job needs them and has none of its own."""
    if fetches(job):
        from vidstyle.features import vgg
        from vidstyle.features.weights import fetch

        fetch(vgg.URL, vgg.SHA256, vgg.FILENAME, shown.fetch)


def _failure(error: VidstyleError) -> dict[str, object]:
    return {
        "event": "failed",
        "what": error.what,
        "where": error.where,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }
