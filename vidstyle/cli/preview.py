"""`vidstyle preview`: a contact sheet of settings to choose from, or two seconds beside the source."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vidstyle.cli.asking import job_of, may_replace
from vidstyle.cli.pipes import PIPE, piped
from vidstyle.cli.progress import Progress, progress, weight
from vidstyle.cli.rendering import ends_told, fetched, rendered
from vidstyle.cli.stylize import stylize
from vidstyle.errors import SettingsError

if TYPE_CHECKING:
    from vidstyle.pipeline import Finished, Job

PREVIEW = "The preview"
SECONDS = Fraction(2)  # of --clip

Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=V,V...",
        help="A setting and the values to try, strength=0.3,0.6,1; --vary style tries each style. Given "
        "twice: columns and rows.",
        rich_help_panel=PREVIEW,
        show_default=False,
    ),
]
Frames = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Frames of the source that are shown. Default 3, or 1 where two settings are tried.",
        rich_help_panel=PREVIEW,
        show_default=False,
    ),
]
Thumbnail = Annotated[
    int | None,
    typer.Option(
        metavar="PIXELS",
        help="Long side of the sheet's pictures. Default 320.",
        rich_help_panel=PREVIEW,
        show_default=False,
    ),
]
Clip = Annotated[
    bool,
    typer.Option(
        "--clip",
        help="Render two seconds as a video instead, left of a moving line the source (--compare). "
        "--start and --duration take others.",
        rich_help_panel=PREVIEW,
    ),
]


def preview(**given: Any) -> None:
    """Show what INPUT would look like, in half a minute: a contact sheet of settings to choose from.

    Beside each setting stands what the whole render would cost on this machine. Takes all options of
    stylize.
    """
    json, output = given["json"], given["output"]
    own = {name: given[name] for name in ("vary", "frames", "thumbnail")}
    container = "png" if output == PIPE and not given["clip"] else given["format"]
    with (
        ends_told(json=json, goes_on=given["clip"]),
        piped(given["source"], output, container, json=json) as (taken, made),
    ):
        overwrite = given["overwrite"] or (not json and may_replace(output))
        job = job_of(given, taken, made, overwrite=overwrite)
        with progress(json=json) as shown:
            if given["clip"]:
                _clip(job, own, shown)
            else:
                _sheet(job, _overrides(given, job), own, shown, json=json)


def _with_options_of_stylize() -> inspect.Signature:
    """What Typer reads: the options of `preview` after the arguments, those of `stylize` after them."""
    own = {
        "vary": (Vary, None),
        "frames": (Frames, None),
        "thumbnail": (Thumbnail, None),
        "clip": (Clip, False),
    }
    kind = inspect.Parameter.KEYWORD_ONLY
    mine = [
        inspect.Parameter(name, kind, annotation=option, default=default)
        for name, (option, default) in own.items()
    ]
    theirs = inspect.signature(stylize, eval_str=True).parameters.values()
    parameters = [parameter.replace(kind=kind) for parameter in theirs]
    return inspect.Signature([*parameters[:3], *mine, *parameters[3:]])


preview.__signature__ = _with_options_of_stylize()  # type: ignore[attr-defined]


def _sheet(
    job: Job, overrides: Mapping[str, Any], own: Mapping[str, Any], shown: Progress, *, json: bool
) -> None:
    from vidstyle.pipeline import Finished, Notice
    from vidstyle.preview import THUMBNAIL, Preview, axes_of, preview
    from vidstyle.preview.make import check_sheet

    side = THUMBNAIL if own["thumbnail"] is None else own["thumbnail"]
    asked = Preview(job, overrides, axes_of(own["vary"] or (), job), own["frames"], side)
    check_sheet(job)
    fetched(job, shown)
    with closing(preview(asked)) as events:
        for event in events:
            shown.show(event if json or not isinstance(event, Finished) else Notice(_summary(event)))


def _overrides(given: Mapping[str, Any], job: Job) -> dict[str, Any]:
    """The settings that were given, as the job has them: they stay under another quality."""
    from vidstyle.presets import chosen_preset

    made, chosen = vars(job.settings), chosen_preset(given["quality"]).values
    # A switch that was not given is false; 0 is a number that was.
    named = {name for name in made if given.get(name) is not None and given[name] is not False}
    return {name: made[name] for name in made if name in named or name in chosen}


def _summary(event: Finished) -> str:
    height, width = event.size
    pictures = f"{event.frames} painted picture" + ("" if event.frames == 1 else "s")
    size = weight(event.output.stat().st_size)
    return f"{event.output}: {pictures} on {width}x{height}, {size}, in {event.seconds:.1f} s"


def _clip(job: Job, own: Mapping[str, Any], shown: Progress) -> None:
    """Two seconds beside the source: those given, or some out of the middle of the longest shot."""
    from vidstyle.media import probe
    from vidstyle.preview import survey

    for name, value in own.items():
        if value is not None:
            raise SettingsError("is for a sheet", where=f"--{name}", hint="Leave it out, or --clip.")
    source = probe(job.source, job.limits, job.rate)
    if source.is_picture:
        raise SettingsError("is for videos", where="--clip", hint="Leave it out: a picture has a sheet.")
    duration = job.duration or SECONDS
    start = job.start
    if start is None:
        longest = max(survey(replace(job, duration=None), source).shots, key=lambda shot: shot[-1] - shot[0])
        start = max(longest[0], (longest[0] + longest[-1] - duration) / 2)
    rendered(replace(job, start=start, duration=duration, compare=job.compare or "wipe"), shown)
