"""What is written where on a contact sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame
from vidstyle.pipeline import Job, Plan
from vidstyle.pipeline.price import Price
from vidstyle.preview.sheet import Caption, Row, Sheet
from vidstyle.preview.vary import STYLE, Axis

Place = tuple[int, int]
"""(row, column) of a combination of values."""


@dataclass(frozen=True, eq=False)
class Strip:
    """A frame of the source with what was painted of it.

    Attributes:
        moment: of the source's stretch, in seconds after its start.
        source: (H, W) the frame.
        painted: (H, W) for each combination.
    """

    moment: Fraction
    source: Frame
    painted: Mapping[Place, Frame]


def sheet_of(
    job: Job,
    axes: tuple[Axis, ...],
    plans: Mapping[Place, Plan],
    strips: Sequence[Strip],
    prices: Mapping[Place, Price],
) -> Sheet:
    """The sheet of a preview. Each price stands once: beside all that it is the same for.

    Args:
        job: the render to come.
        axes: what is tried: columns, then rows.
        plans: of each combination, at the full size.
        strips: the pictures.
        prices: of each combination, at the full size.
    """
    columns, rows = (*axes, None, None)[:2]
    plan, across = plans[0, 0], range(1 + max(column for _, column in plans))
    texts = {place: price.short() for place, price in prices.items()}
    share = shared(texts)
    sheet_rows = []
    for strip in strips:
        when = () if plan.source.is_picture else (clock(strip.moment),)
        for row in range(1 + max(row for row, _ in plans)):
            price = (texts[row, 0],) if share == "row" else ()
            text, *notes = ((rows.label(row),) if rows else ()) + when + price or ("",)
            pictures = (strip.source, *(strip.painted[row, column] for column in across))
            sheet_rows.append(
                Row(
                    Caption(text, tuple(notes)),
                    tuple(picture.bytes() for picture in pictures),
                    tuple(texts[row, column] for column in across) if share == "cell" else (),
                )
            )
    captions = (
        Caption(
            columns.label(column) if columns else "painted",
            (texts[0, column],) if share == "column" else (),
            _style(plans[0, column]) if columns and columns.key == STYLE else None,
        )
        for column in across
    )
    by_style = columns is not None and columns.key == STYLE
    return Sheet(
        title=_title(job, axes),
        notes=_notes(job, axes, plan, strips[0].source, prices[0, 0] if share == "sheet" else None),
        styles=() if by_style else tuple(Frame(style.pixels).bytes() for style in plan.styles),
        columns=tuple(captions),
        rows=tuple(sheet_rows),
    )


def shared(texts: Mapping[Place, str]) -> Literal["sheet", "column", "row", "cell"]:
    """What texts are the same for: all of the sheet, all of a column, all of a row, or a cell alone."""
    if len(set(texts.values())) == 1:
        return "sheet"
    if all(text == texts[0, column] for (_, column), text in texts.items()):
        return "column"
    return "row" if all(text == texts[row, 0] for (row, _), text in texts.items()) else "cell"


def clock(seconds: Fraction) -> str:
    """ "1:02.40", "1:02:03.40"."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    hours, minute = divmod(minutes, 60)
    tail = f"{rest // 100:02}.{rest % 100:02}"
    return f"{hours}:{minute:02}:{tail}" if hours else f"{minute}:{tail}"


def _style(plan: Plan) -> npt.NDArray[np.uint8]:
    return Frame(plan.styles[0].pixels).bytes()


def _title(job: Job, axes: tuple[Axis, ...]) -> str:
    if any(axis.key == STYLE for axis in axes) or not job.styles:
        return job.source.name
    return f"{job.source.name}, painted like {' and '.join(style.path.stem for style in job.styles)}"


def _notes(
    job: Job, axes: tuple[Axis, ...], plan: Plan, picture: Frame, price: Price | None
) -> tuple[str, ...]:
    """How the cells were painted, and what the render will cost where that is one thing for all."""
    height, width = plan.written_size
    quality = "" if any(axis.key == "quality" for axis in axes) else f"{job.settings.quality} quality, "
    painted = f"{quality}painted at {picture.width}x{picture.height}"
    whole = f"The whole render on this machine, at {width}x{height}"
    return painted, f"{whole}: {price.full()}." if price else f"{whole}: as noted."
