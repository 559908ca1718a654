"""The plan of a batch and its summary, as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vidstyle.cli.pace import clock
from vidstyle.cli.plain import as_json, printable

if TYPE_CHECKING:
    from vidstyle.batch import Budget, Estimate, Outcome, Prospect
    from vidstyle.errors import VidstyleError
    from vidstyle.settings import Settings


@dataclass(frozen=True)
class Planned:
    """A job with what it will be: the row of a plan.

    Attributes:
        prospect: the job.
        settings: as asked for, or as a budget chose.
        size: (height, width), None where nothing is to be done.
        seconds: that one worker takes, None where unknown.
    """

    prospect: Prospect
    settings: Settings
    size: tuple[int, int] | None
    seconds: float | None


def planned(prospects: Sequence[Prospect], estimate: Estimate, budget: Budget | None) -> list[Planned]:
    """The rows of a plan."""
    from vidstyle.batch.estimate import Work

    rows = []
    for prospect in prospects:
        settings, size, work = prospect.job.settings, prospect.size, Work.of(prospect)
        if budget is not None and prospect.left:
            settings, size = budget.would_choose(prospect)
        known = prospect.left and work is not None and size is not None
        seconds = estimate.seconds(work, settings, size) if known and work and size else None
        rows.append(Planned(prospect, settings, size, 0.0 if not prospect.left else seconds))
    return rows


def plan_table(rows: Sequence[Planned], workers: int) -> str:
    """The plan, a line a job, and its sum."""
    told = [("output", "frames", "size", "steps", "time", ""), *map(_plan_row, rows)]
    left = [row for row in rows if row.prospect.left]
    count = sum((row.prospect.frames or 0) - row.prospect.kept for row in left)
    unknown = "" if all(row.seconds is not None for row in left) else "more than "
    seconds = sum(row.seconds or 0.0 for row in left) / workers
    at_once = "" if workers == 1 else f", {workers} at a time"
    total = f"{_jobs(len(left))}, {count} frames, {unknown}{_time(seconds)}{at_once}"
    notices = [
        printable(f"{row.prospect.job.output}: {text}") for row in left for text in row.prospect.notices
    ]
    return "\n".join([*_aligned(told), *notices, total])


def plan_json(rows: Sequence[Planned], workers: int) -> dict[str, Any]:
    """{"event": "plan", "jobs": [...], "seconds": ...}: the plan for programs."""
    jobs = [
        {
            "job": row.prospect.number,
            "line": row.prospect.line,
            "source": str(row.prospect.job.source),
            "styles": [str(style.path) for style in row.prospect.job.styles],
            "masks": {
                str(mask.path): None if mask.style is None else str(mask.style)
                for mask in row.prospect.job.masks
            },
            "output": str(row.prospect.job.output),
            "status": row.prospect.status.value,
            "frames": row.prospect.frames,
            "kept": row.prospect.kept,
            "size": row.size,
            "settings": row.settings.as_dict(),
            "seconds": row.seconds,
            "notices": row.prospect.notices,
        }
        for row in rows
    ]
    known = all(row.seconds is not None for row in rows)
    seconds = sum(row.seconds or 0.0 for row in rows) / workers if known else None
    plan: dict[str, Any] = as_json({"event": "plan", "workers": workers, "seconds": seconds, "jobs": jobs})
    return plan


def summary_table(outcomes: Sequence[Outcome], seconds: float) -> str:
    """What became of each job, those that failed with their errors, and the sum."""
    told = [("output", "", "frames", "time", "tries")]
    for outcome in outcomes:
        ran = outcome.attempts > 0
        told.append(
            (
                str(outcome.prospect.job.output),
                outcome.end.value,
                str(outcome.painted) if ran else "",
                _time(outcome.seconds) if ran else "",
                str(outcome.attempts) if outcome.attempts > 1 else "",
            )
        )
    failed = [
        printable(f"failed: line {outcome.prospect.line}: {' '.join(str(outcome.error).split())}")
        for outcome in outcomes
        if outcome.error is not None
    ]
    counts = ", ".join(f"{count} {name}" for name, count in _counts(outcomes).items())
    return "\n".join([*_aligned(told), *failed, f"{_jobs(len(outcomes))}: {counts}; {_time(seconds)}"])


def summary_json(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """{"event": "batch_finished", "failed": [...], "jobs": [...]}: the summary for programs."""
    jobs = [
        {
            "job": outcome.prospect.number,
            "line": outcome.prospect.line,
            "output": str(outcome.prospect.job.output),
            "end": outcome.end.value,
            "painted": outcome.painted,
            "frames": outcome.frames,
            "size": outcome.size,
            "seconds": outcome.seconds,
            "attempts": outcome.attempts,
            "error": None if outcome.error is None else failure(outcome.error),
        }
        for outcome in outcomes
    ]
    failed = [job["job"] for job in jobs if job["error"] is not None]
    counts = _counts(outcomes)
    whole: dict[str, Any] = as_json(
        {"event": "batch_finished", "seconds": seconds, "counts": counts, "failed": failed, "jobs": jobs}
    )
    return whole


def failure(error: VidstyleError) -> dict[str, object]:
    """An error's parts."""
    return {"what": error.what, "where": error.where, "hint": error.hint, "exit_code": error.exit_code}


def _plan_row(row: Planned) -> tuple[str, ...]:
    prospect, output = row.prospect, str(row.prospect.job.output)
    if not prospect.left:
        return output, "", "", "", "", prospect.status.value
    frames = "?" if prospect.frames is None else str(prospect.frames - prospect.kept)
    remark = f"goes on after {prospect.kept} frames" if prospect.kept else ""
    return output, frames, _size(row.size), str(row.settings.steps), _time(row.seconds), remark


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.end.value] = counts.get(outcome.end.value, 0) + 1
    return counts


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    rows = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _size(size: tuple[int, int] | None) -> str:
    return "" if size is None else f"{size[1]}x{size[0]}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def _jobs(number: int) -> str:
    return f"{number} job" + ("" if number == 1 else "s")
