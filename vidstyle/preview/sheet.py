"""The contact sheet: rows of pictures under their captions, the source at the left of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from vidstyle.preview.lettering import Canvas, Color, fitted, width_of, write

# Pictures are judged on dark grey: it dazzles less than white and hides less than black.
PAPER: Color = (30, 30, 32)
INK: Color = (236, 236, 236)
DIM: Color = (158, 158, 162)

MARGIN, GAP = 24, 8
TITLE, LABEL, SMALL = 22, 17, 14  # heights of lines, pixels
SWATCH = 64  # height of a style's picture
NARROWEST = 112  # of a column: a caption has to fit


@dataclass(frozen=True)
class Caption:
    """What stands above a column or beside a row.

    Attributes:
        text: in large letters.
        notes: lines in small ones below.
        picture: (H, W, 3) uint8 shown with it, or None.
    """

    text: str
    notes: tuple[str, ...] = ()
    picture: Canvas | None = None


@dataclass(frozen=True)
class Row:
    """One row of a sheet.

    Attributes:
        caption: at its left.
        pictures: (H, W, 3) uint8, all of one size: the source, then one for each column.
        notes: for each of the painted pictures a line below it, or none at all.
    """

    caption: Caption
    pictures: tuple[Canvas, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What stands on a contact sheet.

    Attributes:
        title: its first line.
        notes: small lines below the title.
        styles: pictures of the styles, (H, W, 3) uint8, shown at the upper right.
        columns: captions of the painted columns.
        rows: from top to bottom, at least one.
    """

    title: str
    notes: tuple[str, ...]
    styles: tuple[Canvas, ...]
    columns: tuple[Caption, ...]
    rows: tuple[Row, ...]


def drawn(sheet: Sheet) -> Canvas:
    """(H, W, 3) uint8 RGB: the sheet as a picture."""
    height, width = sheet.rows[0].pictures[0].shape[:2]
    column = max(width, NARROWEST)
    gutter = _gutter(sheet.rows)
    lefts = [MARGIN + gutter + number * (column + GAP) for number in range(1 + len(sheet.columns))]
    right = lefts[-1] + column
    head = _head(sheet)
    swatch = any(caption.picture is not None for caption in sheet.columns) * (SWATCH + GAP)
    captions = LABEL + max(len(caption.notes) for caption in sheet.columns) * (SMALL + 4)
    pitch = height + GAP + any(row.notes for row in sheet.rows) * (SMALL + GAP)
    top = MARGIN + head + swatch + captions + GAP
    canvas = np.full((top + pitch * len(sheet.rows) - GAP + MARGIN, right + MARGIN, 3), PAPER, np.uint8)
    _draw_head(canvas, sheet, right)
    for left, caption in zip(lefts, (Caption("source"), *sheet.columns), strict=True):
        _draw_column(canvas, caption, left, column, MARGIN + head, swatch)
    for number, row in enumerate(sheet.rows):
        y = top + number * pitch
        _draw_caption(canvas, row.caption, (MARGIN, y), gutter - GAP)
        for left, picture in zip(lefts, row.pictures, strict=True):
            canvas[y : y + height, left : left + width] = picture
        for left, note in zip(lefts[1:], row.notes, strict=False):
            write(canvas, fitted(note, column, SMALL), (left, y + height + 4), SMALL, DIM)
    return canvas


def shrunk(picture: Canvas, height: int, width: int) -> Canvas:
    """A picture (H, W, 3) as large as it can be within (height, width), never enlarged."""
    scale = min(1.0, height / picture.shape[0], width / picture.shape[1])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return cast(Canvas, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _gutter(rows: Sequence[Row]) -> int:
    """Width of the captions of rows."""
    texts = {(row.caption.text, LABEL) for row in rows} | {
        (n, SMALL) for row in rows for n in row.caption.notes
    }
    return min(240, max(width_of(text, height) for text, height in texts) + 2 * GAP)


def _head(sheet: Sheet) -> int:
    lines = TITLE + sum(SMALL + 6 for _ in sheet.notes)
    return max(lines, SWATCH if sheet.styles else 0) + MARGIN


def _draw_head(canvas: Canvas, sheet: Sheet, right: int) -> None:
    for style in reversed(sheet.styles):
        small = shrunk(style, SWATCH, 2 * SWATCH)
        if right - small.shape[1] < canvas.shape[1] // 2:
            break
        canvas[MARGIN : MARGIN + small.shape[0], right - small.shape[1] : right] = small
        right -= small.shape[1] + GAP
    room = right - MARGIN
    write(canvas, fitted(sheet.title, room, TITLE, bold=True), (MARGIN, MARGIN), TITLE, INK, bold=True)
    for number, note in enumerate(sheet.notes):
        place = (MARGIN, MARGIN + TITLE + 6 + number * (SMALL + 6))
        write(canvas, fitted(note, room, SMALL), place, SMALL, DIM)


def _draw_column(canvas: Canvas, caption: Caption, left: int, width: int, top: int, swatch: int) -> None:
    if caption.picture is not None:
        small = shrunk(caption.picture, SWATCH, width)
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    _draw_caption(canvas, caption, (left, top + swatch), width)


def _draw_caption(canvas: Canvas, caption: Caption, place: tuple[int, int], width: int) -> None:
    write(canvas, fitted(caption.text, width, LABEL), place, LABEL, INK)
    for number, note in enumerate(caption.notes):
        below = (place[0], place[1] + LABEL + 4 + number * (SMALL + 4))
        write(canvas, fitted(note, width, SMALL), below, SMALL, DIM)
