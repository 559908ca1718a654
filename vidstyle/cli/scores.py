"""The table of `vidstyle evaluate`, and how far it has come."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.pace import Pace
from vidstyle.cli.progress import count, progress_text

if TYPE_CHECKING:
    from vidstyle.quality import FrameScores, Report
    from vidstyle.quality.report import ShotReport
    from vidstyle.quality.thresholds import Verdict

HEADING = f"{'measure':<36}{'value':>11}{'beside':>11}{'ratio':>10}"


def shown(scores: Iterable[FrameScores], total: int | None) -> Iterator[FrameScores]:
    """The scores as they come, with a word on standard error now and then: one line on a terminal."""
    live, pace, next_word = sys.stderr.isatty(), Pace(), 0.0
    for done, score in enumerate(scores, start=1):
        pace.note(done)
        if live:
            typer.echo(f"\r\x1b[Kvidstyle: {progress_text(done, total, pace)}", err=True, nl=False)
        elif done >= next_word:
            next_word = done + max(10.0, (total or 500) / 10)
            typer.echo(f"vidstyle: {progress_text(done, total, pace)}", err=True)
        yield score
    if live:
        typer.echo("\r\x1b[K", err=True, nl=False)


def table(report: Report, verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Lines for people: what was judged, each measure, drift shot by shot, the limits."""
    from vidstyle.quality.measures import MEASURES

    shots = f"{len(report.shots)} shot" + ("" if len(report.shots) == 1 else "s")
    judge = f"{report.network} ({report.fingerprint[:12]})"
    yield f"{count(len(report.frames))} in {shots}, judged by {judge}"
    yield ""
    yield HEADING
    for measure in MEASURES:
        beside = measure.beside(report) if measure.beside else math.nan
        cells = f"{number(measure.value(report)):>11}{number(beside, ''):>11}"
        cells += f"{number(measure.ratio(report), '', ' x'):>10}"
        yield f"{measure.title:<36}{cells}  {measure.against}".rstrip()
    yield ""
    yield f"{'shot':>4}{'from':>7}{'frames':>8}{'style':>10}{'sharpness':>11}   red, green, blue"
    yield from map(_shot, report.shots)
    for verdict in verdicts:
        yield f"limit {verdict.limit}: {said(verdict)}"


def said(verdict: Verdict) -> str:
    """What became of a limit, as a clause."""
    if not verdict.measured:
        return "could not be held against anything: it was not measured"
    times = "x" if verdict.limit.relative else ""
    return f"{'crossed' if verdict.crossed else 'kept'}, it is {verdict.value:.4g}{times}"


def number(value: float, missing: str = "not taken", unit: str = "") -> str:
    """Four digits, or what stands for a number that there is not."""
    return missing if math.isnan(value) else f"{value:.4g}{unit}"


def _shot(shot: ShotReport) -> str:
    """Drift over a shot: last over first, end over start, and change of colour."""
    colors = ", ".join(f"{line.change:+.3f}" if math.isfinite(line.change) else "-" for line in shot.color)
    style = number(shot.style_last_over_first, "-", " x")
    sharpness = number(shot.sharpness.ratio, "-", " x")
    return f"{shot.shot:>4}{shot.first:>7}{shot.frames:>8}{style:>10}{sharpness:>11}   {colors}"
