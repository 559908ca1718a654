"""Options for the file that is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vidstyle.cli.codecs import complete, list_codecs

FILE = "The output file"

Output = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where the result goes; - is standard output.",
        show_default=False,
    ),
]
Codec = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        autocompletion=complete,
        help="Video codec or encoder, as FFmpeg names it. Default: vp9 in .webm, else h264.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
ListCodecs = Annotated[
    bool,
    typer.Option(
        "--list-codecs",
        callback=list_codecs,
        is_eager=True,
        help="Say which codecs open on this machine, and end.",
        rich_help_panel=FILE,
    ),
]
Hdr = Annotated[
    str,
    typer.Option(
        metavar="keep|tonemap",
        help="HDR stays as it is, or is mapped to a plain video.",
        rich_help_panel=FILE,
    ),
]
Compare = Annotated[
    Literal["side", "split", "wipe"] | None,
    typer.Option(
        help="Show the source too: beside the result, or left of a line that divides the picture; "
        "in a wipe the line moves.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        metavar="SUFFIX",
        help="With -o -: the container, such as mkv, y4m or gif. Default mkv.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
Crf = Annotated[
    int | None,
    typer.Option(
        "--crf",
        metavar="NUMBER",
        help="Constant quality of the encoder: lower is better and larger. Default: the encoder's.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
EncoderPreset = Annotated[
    str | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        help="The encoder's speed, such as fast or slow for h264. Default: the encoder's.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
PixFmt = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Pixel format, such as yuv420p or yuv444p. Default: what players can show.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
EncoderOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--encoder-option",
        "-x",
        metavar="KEY=VALUE",
        help="Any other option of the encoder; may be repeated.",
        rich_help_panel=FILE,
        show_default=False,
    ),
]
