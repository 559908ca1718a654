"""Words on pictures: measured, cut to fit, and drawn."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.uint8]
Color = tuple[int, int, int]

# Smooth letters of any script with OpenCV 5; strokes, and question marks beyond ASCII, with 4.
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SCALE = 0.5 / 15  # of the font, for a pixel of height


def width_of(text: str, height: int, *, bold: bool = False) -> int:
    """Pixels that a line of text takes.

    Args:
        text: one line.
        height: of the letters with what hangs below them, pixels.
        bold: with thick strokes.
    """
    return int(cv2.getTextSize(text, _FONT, height * _SCALE, 1 + bold)[0][0])


def fitted(text: str, width: int, height: int, *, bold: bool = False) -> str:
    """The text, or as much of it as fits into so many pixels, with an ellipsis in its middle."""
    if width_of(text, height, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        short = f"{text[: (kept + 1) // 2]}...{text[len(text) - kept // 2 :]}"
        if width_of(short, height, bold=bold) <= width:
            return short
    return "..."


def write(
    canvas: Canvas, text: str, place: tuple[int, int], height: int, color: Color, *, bold: bool = False
) -> None:
    """Draw a line of text on a canvas (H, W, 3), its upper left corner at (x, y)."""
    baseline = (place[0], place[1] + round(height * 0.8))
    cv2.putText(canvas, text, baseline, _FONT, height * _SCALE, color, 1 + bold, cv2.LINE_AA)
