"""A contact sheet from what was asked for to the file: moments, cells, prices, layout."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

from vidstyle.errors import OutputError, SettingsError
from vidstyle.frames import Frame
from vidstyle.media import Encoding, is_picture_name, probe, write_picture
from vidstyle.pipeline import Event, Finished, FrameDone, Job, MakePainter, Plan, Priced, Started
from vidstyle.pipeline.footage import footage_of
from vidstyle.pipeline.memory import telling_out_of_memory
from vidstyle.pipeline.output import check_output
from vidstyle.pipeline.painter import painter_for
from vidstyle.pipeline.plan import sketch
from vidstyle.pipeline.price import Price
from vidstyle.preview.cells import frames_at, painted, thumbnail_size
from vidstyle.preview.layout import Strip, sheet_of
from vidstyle.preview.moments import spread, survey
from vidstyle.preview.prices import Prices
from vidstyle.preview.sheet import drawn
from vidstyle.preview.vary import MOVING, Axis, varied
from vidstyle.settings import Settings

THUMBNAIL = 320
"""Long side of the pictures of a sheet, pixels: four of them fit across a screen, and nine are painted at
standard quality in 30 s on two cores."""

ROWS = 3
"""Frames that are shown where one setting is tried; where two are, their values fill the rows."""

RUN_UP = 4
"""Frames that are painted for a cell where a setting is tried that says nothing of a shot's first frame."""


@dataclass(frozen=True)
class Preview:
    """What a contact sheet is asked to show.

    Attributes:
        job: the render to come: source, styles, settings, size, stretch; its output is the sheet.
        overrides: its settings that were given besides the quality, by name.
        axes: what is tried: columns, then rows.
        frames: how many of the source's are shown; None: `ROWS`, or one with two axes.
        thumbnail: long side of the pictures, pixels.
    """

    job: Job
    overrides: Mapping[str, Any] = field(default_factory=dict)
    axes: tuple[Axis, ...] = ()
    frames: int | None = None
    thumbnail: int = THUMBNAIL

    def __post_init__(self) -> None:
        if self.frames is not None and self.frames < 1:
            raise SettingsError(f"is {self.frames}", where="frames", hint="It must be at least 1.")
        if self.thumbnail < 32:
            raise SettingsError(f"is {self.thumbnail}", where="thumbnail", hint="It must be at least 32.")


def preview(asked: Preview, *, make_painter: MakePainter = painter_for) -> Generator[Event, None, None]:
    """Make a contact sheet, telling what happens.

    Every cell is painted at the size of a thumbnail. Styles are scaled with the picture, so that strokes
    are as large in it as they will be; fine detail is less.

    Args:
        asked: what to show.
        make_painter: makes what paints.

    Yields:
        `Started`, a `FrameDone` a cell, a `Priced` a variant, and `Finished` at the end.

    Raises:
        SettingsError: settings, sizes or times that cannot be used.
        InputError: the source or a style cannot be used.
        OutputError: the sheet exists, is an input, or cannot be written.
        WeightsError, DeviceError: the network cannot be had, or not run.
    """
    with telling_out_of_memory(asked.job.source):
        yield from _preview(asked, make_painter)


def _preview(asked: Preview, make_painter: MakePainter) -> Generator[Event, None, None]:
    began = time.monotonic()
    check_sheet(asked.job)
    jobs = variants(asked)
    plans = {place: sketch(job) for place, job in jobs.items()}
    base = plans[0, 0]
    size = thumbnail_size(base.source.video, asked.thumbnail)
    found = survey(asked.job, base.source)
    moments = spread(found.shots, asked.frames or (1 if len(asked.axes) == 2 else ROWS))
    run_up = RUN_UP if any(axis.key in MOVING for axis in asked.axes) else 1
    small = {place: _at(plan, size) for place, plan in plans.items()}
    stretches = [frames_at(small[0, 0], moment, run_up) for moment in moments]
    yield Started(len(plans) * len(stretches), size)
    cells: list[dict[tuple[int, int], Frame]] = [{} for _ in stretches]
    done = 0
    for place, plan in small.items():
        painter = make_painter(plan.styles, _at_once(asked, plan.settings), footage_of(plan))
        for strip, frames in zip(cells, stretches, strict=True):
            solving = time.monotonic()
            strip[place] = painted(painter, plan, frames)
            done += 1
            yield FrameDone(done - 1, done, time.monotonic() - solving, shot_begins=True)
    prices = Prices(found, make_painter)
    priced = {place: prices.of(plan) for place, plan in plans.items()}
    for text, price in told(asked.axes, priced).items():
        yield Priced(text, base.size, price)
    seen = zip(moments, stretches, cells, strict=True)
    strips = [Strip(moment, frames[-1], strip) for moment, frames, strip in seen]
    sheet = drawn(sheet_of(asked.job, asked.axes, plans, strips, priced))
    write_picture(asked.job.output, sheet)
    yield Finished(asked.job.output, done, sheet.shape[:2], time.monotonic() - began)


def _at_once(asked: Preview, settings: Settings) -> Settings:
    """The settings without practice, which takes longer than all cells, unless it was asked for."""
    wanted = "practice" in asked.overrides or any(axis.key == "practice" for axis in asked.axes)
    return settings if wanted else replace(settings, practice=0)


def variants(asked: Preview) -> dict[tuple[int, int], Job]:
    """The render of each combination, by (row, column) of the axes' values.

    Raises:
        SettingsError: a combination that does not go together.
    """
    columns, rows = (*asked.axes, None, None)[:2]
    places = product(range(len(rows.values) if rows else 1), range(len(columns.values) if columns else 1))
    plain = replace(asked.job, output=_stand_in(asked.job), encoding=Encoding(), compare=None)
    jobs = {}
    for row, column in places:
        picks = {axis.key: axis.values[n] for axis, n in ((columns, column), (rows, row)) if axis is not None}
        jobs[row, column] = varied(plain, asked.overrides, picks)
    return jobs


def told(axes: tuple[Axis, ...], prices: Mapping[tuple[int, int], Price]) -> dict[str, Price]:
    """Prices by what they are of: "strength 0.3, style-size 1"; "" alone where all are the same."""
    if len(set(prices.values())) == 1:
        return {"": prices[0, 0]}
    return {
        ", ".join(axis.label(number) for axis, number in zip(axes, reversed(place), strict=False)): price
        for place, price in prices.items()
    }


def check_sheet(job: Job) -> None:
    """Refuse an output before any work.

    Raises:
        OutputError: it is no picture, exists already, is an input, or its folder cannot be written to.
    """
    check_output(job)
    if not is_picture_name(job.output):
        raise OutputError("is no picture", where=job.output, hint="Name a .png or .jpg, or add --clip.")
    if job.output.exists() and not job.overwrite:
        raise OutputError("exists already", where=job.output, hint="Add -y to replace it, or name another.")


def _stand_in(job: Job) -> Path:
    """The name of an output of the source's kind: what a sheet is written to does not tell."""
    is_picture = probe(job.source, job.limits, job.rate).is_picture
    return job.output.with_suffix(".png" if is_picture else ".mkv")


def _at(plan: Plan, size: tuple[int, int]) -> Plan:
    """The same render at another size, HDR as plain pictures, which a sheet shows."""
    shape = replace(plan.shape, height=size[0], width=size[1], sample_aspect_ratio=Fraction(1))
    return replace(plan, shape=shape, job=replace(plan.job, hdr="tonemap"))
