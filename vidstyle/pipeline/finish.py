"""From whole segments to the output under its final name, checked against the source."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import OutputError
from vidstyle.media import assemble, read
from vidstyle.media.atomic import telling_output_errors
from vidstyle.media.limits import OWN
from vidstyle.media.numbered import write_numbered
from vidstyle.pipeline.plan import Plan
from vidstyle.pipeline.segments import Segment
from vidstyle.pipeline.state import ASIDE, State

# Frames of this size are decoded to check their times: colours are not looked at.
_CHECK_SIZE = (16, 16)


def finish(plan: Plan, state: State, tags: Mapping[str, str]) -> int:
    """Join the segments, add sound and tags, check the times, give the final name, clear the state.

    Args:
        plan: of the render.
        state: its folder, with every segment.
        tags: of the output.

    Returns:
        How many packets of the source's sound and subtitles were left out, since they are damaged.

    Raises:
        OutputError: it cannot be written, or its frames are not at the source's times.
    """
    job = plan.job
    segments = state.shelf.segments()
    files = [state.shelf.video(segment.number) for segment in segments]
    if plan.delivery is not None and plan.delivery.kind == "pictures":
        _number(plan, state, files, tags)
        return 0
    whole = state.folder / f"whole{job.output.suffix}"
    damaged = assemble(
        files,
        whole,
        source=job.source,
        start=job.start,
        duration=job.duration,
        metadata=tags,
        limits=job.limits,
        delivery=plan.delivery,
        shape=plan.written,
    )
    _check_times(whole, segments)
    state.publish(whole, job.output, state.shelf.frames())
    state.clear()
    return damaged


def _number(plan: Plan, state: State, files: Sequence[Path], tags: Mapping[str, str]) -> None:
    """Write numbered pictures, all of them before the first gets its name.

    Raises:
        OutputError: one cannot be written, or there are not as many as there are frames.
    """
    output = plan.job.output
    aside = state.folder / ASIDE
    aside.mkdir(exist_ok=True)
    deep = plan.delivery is not None and plan.delivery.deep
    written = write_numbered(files, aside / output.name, tags, deep=deep)
    if len(written) != state.shelf.frames():
        raise OutputError(
            f"holds {len(written)} of {state.shelf.frames()} frames",
            where=output,
            hint="Report this, please.",
        )
    with telling_output_errors(output):
        for path in written:
            path.replace(output.parent / path.name)
        shutil.rmtree(aside)
    state.clear()


def _check_times(whole: Path, segments: Sequence[Segment]) -> None:
    """Refuse a file whose frames are not, one for one, at the times of the source's.

    Raises:
        OutputError: a frame is missing, doubled or at another time.
    """
    expected = [pts * segment.time_base for segment in segments for pts in segment.pts]
    held, first, count = Fraction(0), Fraction(0), 0
    for frame in read(whole, size=_CHECK_SIZE, limits=OWN):
        first = frame.seconds if count == 0 else first
        held, count = frame.seconds - first, count + 1
        if count > len(expected):
            break
        # Matroska counts in milliseconds; where the container's ticks divide the source's, times are exact.
        exact = (segments[0].time_base / frame.time_base).denominator == 1
        wanted = expected[count - 1] - expected[0]
        if abs(held - wanted) > (0 if exact else frame.time_base):
            raise OutputError(
                f"shows frame {count - 1} at {float(held):.4f} s, not {float(wanted):.4f} s",
                where=whole,
                hint="Report this, please.",
            )
    if count != len(expected):
        raise OutputError(
            f"does not hold {len(expected)} frames, one for each of the source's",
            where=whole,
            hint="Report this, please.",
        )
