"""Options for what is read: the source, the part of it that is painted, and the limits on it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from vidstyle.written import read_time

SHARE = "What of the source"
LIMITS = "Limits on sources and styles"

Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="A video or a picture; - is standard input; frame_%04d.png, a glob or a folder many pictures.",
        show_default=False,
    ),
]
SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="PIXELS|WxH",
        help="The long side in pixels, or width x height. Default: the source's.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Begin here: seconds or h:mm:ss.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Duration = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Take no more than this: seconds or h:mm:ss.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Rate = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="Pictures per second of numbered pictures: 24, 30000/1001. Default 25.",
        rich_help_panel=SHARE,
        show_default=False,
    ),
]
Decoder = Annotated[
    str,
    typer.Option(
        metavar="software|auto|NAME",
        help="Who decodes the source: a graphics card if it opens: cuda (NVDEC), videotoolbox, vaapi, "
        "d3d11va, qsv; auto is the first that does.",
        rich_help_panel=SHARE,
    ),
]
MaxPixels = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Most pixels of a picture or frame. Default 67 million, twice 8K video.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxDuration = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Longest stretch that is read. Default 24 hours.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxStreams = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help="Most streams in a file. Default 256.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]
MaxErrorRate = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Share of a damaged video's packets that may fail to decode; the others are used. Default 0.1.",
        rich_help_panel=LIMITS,
        show_default=False,
    ),
]


def limits(
    max_pixels: int | None, max_duration: str | None, max_streams: int | None, max_error_rate: float | None
) -> dict[str, int | float | Fraction]:
    """Those limits that were given, by their names in `Limits`.

    Raises:
        SettingsError: the duration is not a time.
    """
    given = {
        "max_pixels": max_pixels,
        "max_duration": read_time(max_duration, "--max-duration"),
        "max_streams": max_streams,
        "max_error_rate": max_error_rate,
    }
    return {name: value for name, value in given.items() if value is not None}
