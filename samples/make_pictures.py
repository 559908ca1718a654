"""Draw the pictures of the manual: the gallery, and what each setting does to one frame.

    python samples/make_pictures.py [--out docs/pictures] [NAME...]

Each shows four frames of the sample clip, painted alone, with a label under each; NAMEs choose some.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import vidstyle

HERE = Path(__file__).parent
SIZE = (320, 180)  # of a painted frame, width and height
SHOTS = {"harbour": 37, "windmill": 80}  # a frame of each shot of the clip
LABEL = 24  # pixels of paper under a frame


@dataclass(frozen=True)
class Cell:
    """One frame of a sheet: how it is painted, and what stands under it."""

    label: str
    styles: dict[str, float] = field(default_factory=lambda: {"swirls": 1.0})
    settings: dict[str, Any] = field(default_factory=dict)
    shot: str = "harbour"


def dial(name: str, values: Sequence[Any], styles: Sequence[str] = ("swirls",)) -> list[Cell]:
    """A sheet in which one setting changes."""
    option = f"--{name.replace('_', '-')}"
    return [Cell(f"{option} {value}", dict.fromkeys(styles, 1.0), {name: value}) for value in values]


SHEETS = {
    **{
        f"gallery-{shot}": [Cell("the clip", {}, shot=shot)]
        + [Cell(style, {style: 1.0}, shot=shot) for style in ("swirls", "ink", "mosaic")]
        for shot in SHOTS
    },
    "gallery-colours": [
        Cell("mosaic", {"mosaic": 1.0}),
        Cell("mosaic --keep-colors", {"mosaic": 1.0}, {"keep_colors": True}),
        Cell("swirls, ink --style-weights 0.5,0.5", {"swirls": 0.5, "ink": 0.5}),
        Cell("swirls --quality live", {"swirls": 1.0}, {"quality": "live"}),
    ],
    "strength": dial("strength", (0.25, 0.5, 0.75, 1)),
    "style-size": dial("style_size", (0.35, 0.7, 1, 2)),
    "content-weight": dial("content_weight", (0, 1, 4, 16)),
    "style-weight": dial("style_weight", (0.1, 0.5, 1, 5)),
    "smoothness-weight": dial("smoothness_weight", (0, 1, 20, 200)),
    "style-weights": [
        Cell(f"--style-weights {a:g},{1 - a:g}", {"swirls": a, "ink": 1 - a}) for a in (1, 0.75, 0.5, 0.25)
    ],
}


def painted(cell: Cell, frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8, the frame as a cell wants it."""
    if not cell.styles:
        return frame
    styles = [
        vidstyle.StylePicture(vidstyle.read_picture(HERE / "styles" / f"{name}.jpg").pixels, share)
        for name, share in cell.styles.items()
    ]
    given = dict(cell.settings)
    settings = vidstyle.preset(given.pop("quality", "standard"), **given)
    (picture,) = vidstyle.stylize_frames([frame], styles, settings)
    return np.asarray(picture)


def labelled(picture: np.ndarray, label: str) -> np.ndarray:
    """The picture with its label under it, on white."""
    paper = np.full((LABEL, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(paper, label, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate([picture, paper])


def frame_of(shot: str) -> np.ndarray:
    """(H, W, 3) uint8, the frame that stands for a shot, at the size of the pictures."""
    frames = vidstyle.read(HERE / "harbour.mp4")
    whole = next(frame for index, frame in enumerate(frames) if index == SHOTS[shot])
    return np.asarray(cv2.resize(whole.bytes(), SIZE, interpolation=cv2.INTER_AREA))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "pictures")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SHEETS))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for name in asked.names or SHEETS:
        cells = [labelled(painted(cell, frame_of(cell.shot)), cell.label) for cell in SHEETS[name]]
        sheet = np.concatenate([np.concatenate(cells[:2], 1), np.concatenate(cells[2:], 1)])
        file = asked.out / f"{name}.jpg"
        cv2.imwrite(str(file), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])
        print(f"{file}: {file.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
