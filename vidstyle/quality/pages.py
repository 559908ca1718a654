"""A report as one file to look at or to read on: HTML that needs no other file, PNG, or JSON."""

from __future__ import annotations

import base64
import html
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from vidstyle.errors import OutputError, SettingsError
from vidstyle.quality.measures import MEASURES, summary
from vidstyle.quality.plots import TITLES, need_matplotlib, plot_png
from vidstyle.quality.report import Report
from vidstyle.quality.thresholds import Verdict
from vidstyle.quality.worst import SHOWN, Bytes, Moment

SUFFIXES = (".html", ".json", ".png")
STYLE = """body { font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse } td, th { padding: .2em .8em; text-align: right }
td:first-child, th:first-child { text-align: left } tr { border-bottom: 1px solid #ddd }
img { max-width: 100%; height: auto } .row { display: flex; gap: .5em } figure { flex: 1; margin: 0 }
figcaption { font-size: 13px; color: #666 } .crossed { color: #b00020; font-weight: bold }"""


@dataclass(frozen=True, eq=False)
class Findings:
    """All that there is to tell of a result.

    Attributes:
        name: of the result, for the heading.
        report: the measures.
        verdicts: on the limits that were set.
        moments: the worst frames.
    """

    name: str
    report: Report
    verdicts: tuple[Verdict, ...] = ()
    moments: tuple[Moment, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        limits = [
            {
                "limit": str(verdict.limit),
                "value": verdict.value if verdict.measured else None,
                "crossed": verdict.crossed,
            }
            for verdict in self.verdicts
        ]
        return {
            "result": self.name,
            "summary": summary(self.report),
            "limits": limits,
            **self.report.as_dict(),
        }


def check_report(path: Path) -> None:
    """Refuse a report that could not be made, before its measures are taken.

    Raises:
        SettingsError: matplotlib is needed and not installed.
        OutputError: no kind of report has that suffix.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError("is no kind of report", where=path, hint=f"Name it {', '.join(SUFFIXES)}.")
    if path.suffix.lower() != ".json":
        need_matplotlib()


def report_bytes(findings: Findings, suffix: str) -> bytes:
    """The report as the content of a file.

    Args:
        findings: what to tell.
        suffix: ".html", ".png" or ".json".

    Raises:
        SettingsError: no such kind, or matplotlib is needed and not installed.
    """
    suffix = suffix.lower()
    if suffix == ".json":
        return json.dumps(findings.as_dict(), indent=1, allow_nan=False).encode()
    if suffix == ".png":
        return plot_png(findings.report, findings.moments)
    if suffix == ".html":
        return "\n".join(_page(findings)).encode()
    raise SettingsError(f"{suffix!r} is no kind of report", where="report", hint=f"Choose of {SUFFIXES}.")


def _page(findings: Findings) -> Iterator[str]:
    report, name = findings.report, html.escape(findings.name)
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{STYLE}</style>'
    yield f"<h1>{name}</h1><p>{len(report.frames)} frames in {len(report.shots)} shots, judged by"
    yield f"{html.escape(report.network)} ({report.fingerprint[:12]}).</p>"
    yield from _table(report)
    yield from _limits(findings.verdicts)
    yield f"<h2>Over time</h2>{_image(plot_png(report), 'plots of the measures, frame by frame')}"
    for moment in findings.moments:
        yield f"<h2>Worst {html.escape(SHOWN[moment.measure])}: {moment.value:.4g}, frame {moment.index}</h2>"
        yield '<div class="row">'
        for title, picture in zip(TITLES, (moment.source, moment.stylized, moment.previous), strict=True):
            if picture is not None:
                yield f"<figure>{_image(_png(picture), title)}<figcaption>{title}</figcaption></figure>"
        yield "</div>"


def _table(report: Report) -> Iterator[str]:
    yield "<table><tr><th>measure<th>value<th>beside<th>ratio<th></tr>"
    for measure in MEASURES:
        beside = measure.beside(report) if measure.beside else math.nan
        cells = (_number(measure.value(report)), _number(beside), _number(measure.ratio(report), "x"))
        numbers = "".join(f"<td>{cell}" for cell in cells)
        yield f"<tr><td>{html.escape(measure.title)}{numbers}<td>{html.escape(measure.against)}</tr>"
    yield "</table>"


def _limits(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        said = "crossed" if verdict.crossed else "kept" if verdict.measured else "not measured"
        limit = html.escape(str(verdict.limit))
        yield f'<p class="{said}">Limit {limit}: {said} ({_number(verdict.value)}).</p>'


def _number(value: float, unit: str = "") -> str:
    return f"{value:.4g}{unit}" if math.isfinite(value) else ""


def _image(png: bytes, alt: str) -> str:
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def _png(pixels: Bytes) -> bytes:
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputError("a picture cannot be encoded", where="report")
    return data.tobytes()
