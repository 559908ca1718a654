"""`vidstyle evaluate`: how steady and how faithful a result is, measured against its source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidstyle.cli import judging
from vidstyle.cli.options import look, work
from vidstyle.cli.plain import print_json
from vidstyle.cli.scores import said, shown, table
from vidstyle.errors import OutputError
from vidstyle.settings import FeatureChoice, Quality
from vidstyle.written import read_time

if TYPE_CHECKING:
    from vidstyle.quality import Judge
    from vidstyle.quality.files import Clip
    from vidstyle.quality.pages import Findings
    from vidstyle.quality.thresholds import Limit

CROSSED = 8  # exit code: a limit of --fail-if was crossed

Stylized = Annotated[
    Path, typer.Argument(metavar="STYLIZED", help="The result to measure.", show_default=False)
]
Source = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What it was made from. Default: as the result's metadata tell.",
        show_default=False,
    ),
]
Style = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PICTURE",
        help="The style that it was made with; may be repeated. Default: as the metadata tell.",
        show_default=False,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Where in the source the result begins. Default: as the metadata tell.",
        show_default=False,
    ),
]
Duration = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="How much of the source it was made from. Default: as the metadata tell.",
        show_default=False,
    ),
]
Features = Annotated[
    FeatureChoice,
    typer.Option(help="The network that judges. vgg19 is the literature's, fetched once (548 MB)."),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Plots over time and the worst frames as .html or .png (needs vidstyle[report]), "
        "or all numbers as .json.",
        show_default=False,
    ),
]
FailIf = Annotated[
    str | None,
    typer.Option(
        metavar="LIMITS",
        help=f'End with exit code {CROSSED} if one is crossed: "warping>2x,drift>1.1".',
        show_default=False,
    ),
]
Every = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Take style, content and long-term errors at every Nth frame."),
]
AloneEvery = Annotated[
    int,
    typer.Option(
        min=0, metavar="N", help="Stylize every Nth frame alone, to compare revealed areas; 0 for none."
    ),
]
AloneQuality = Annotated[Quality, typer.Option(help="How much work those frames get.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", "-y", help="Replace the report if it exists.")]


def evaluate(
    stylized: Stylized,
    source: Source = None,
    style: Style = None,
    style_weights: look.StyleWeights = None,
    start: Start = None,
    duration: Duration = None,
    features: Features = "builtin",
    weights: work.Weights = None,
    device: work.Device = None,
    every: Every = 1,
    alone_every: AloneEvery = 10,
    alone_quality: AloneQuality = "draft",
    report: ReportFile = None,
    fail_if: FailIf = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Measure STYLIZED against its source: flicker, style, ghosts, drift.

    Errors are mean squares of pixels in 0..1; those of the source itself, the noise floor, stand beside.
    """
    from vidstyle.quality import Judge
    from vidstyle.quality.thresholds import parse_limits

    limits = parse_limits(fail_if) if fail_if is not None else ()
    if report is not None:
        _check_report(report, [stylized, source, *(style or ())], overwrite=overwrite)
    job = judging.job_of(stylized)
    clip = judging.clip_of(
        stylized, source, read_time(start, "--start"), read_time(duration, "--duration"), job
    )
    frames = clip.frames()
    styles = judging.styles_of(style or (), style_weights, job)
    settings = judging.settings_of(job, alone_quality, weights, device)
    for note in judging.notes_on(settings, job):
        typer.echo(f"vidstyle: {note}", err=True)
    judge = Judge(
        network=judging.network_of(features, weights, settings.device),
        styles=styles,
        style_size=settings.style_size,
        alone=judging.painter_of(styles, settings) if alone_every else None,
        every=every,
        alone_every=max(1, alone_every),
    )
    findings = _measure(clip, judge, limits, frames)
    if report is not None:
        _write(findings, report)
    _tell(findings, json=json)


def _measure(clip: Clip, judge: Judge, limits: Iterable[Limit], frames: int | None) -> Findings:
    from vidstyle.quality import Report, thresholds
    from vidstyle.quality.pages import Findings
    from vidstyle.quality.worst import Worst

    worst = Worst()
    with clip.opened() as (stylized, source):
        report = Report.of(judge, shown(worst.watching(stylized, source, judge), frames))
    return Findings(str(clip.stylized), report, thresholds.judge(report, limits), worst.moments)


def _tell(findings: Findings, *, json: bool) -> None:
    """The measures on standard output, what became of the limits on standard error, and the exit code."""
    if json:
        print_json(findings.as_dict())
    else:
        for line in table(findings.report, findings.verdicts):
            typer.echo(line)
    for verdict in findings.verdicts:
        if verdict.crossed or not verdict.measured:
            typer.echo(f"vidstyle: limit {verdict.limit}: {said(verdict)}", err=True)
    if any(verdict.crossed for verdict in findings.verdicts):
        raise typer.Exit(CROSSED)


def _check_report(report: Path, inputs: Iterable[Path | None], *, overwrite: bool) -> None:
    """Refuse a report that could not be made or would destroy something, before the work."""
    from vidstyle.quality.pages import check_report

    check_report(report)
    for path in inputs:
        if path is not None and report.exists() and path.exists() and report.samefile(path):
            raise OutputError("is one of the inputs", where=report, hint="Give another name.")
    if report.exists() and not overwrite:
        raise OutputError("exists already", where=report, hint="Add -y to replace it, or name another.")
    if not report.absolute().parent.is_dir():
        raise OutputError("its folder does not exist", where=report, hint=f"Create {report.parent} first.")


def _write(findings: Findings, report: Path) -> None:
    from vidstyle.media.atomic import write_bytes
    from vidstyle.quality.pages import report_bytes

    write_bytes(report, report_bytes(findings, report.suffix))
    typer.echo(f"vidstyle: {report}", err=True)
