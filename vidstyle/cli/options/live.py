"""Options of `vidstyle live`: where pictures come from, and where they go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

IN, OUT = "Where it comes from", "Where it goes"
Styles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="STYLE...",
        help="Pictures to take the style from; keys go from one to the next.",
        show_default=False,
    ),
]
Camera = Annotated[str, typer.Option(metavar="NUMBER|NAME", help="Which camera.", rich_help_panel=IN)]
Input = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|URL|-",
        help="Instead of a camera: a file in real time, an rtsp, rtmp, http, udp or tcp address, standard "
        "input, or lavfi:GRAPH for FFmpeg's test pictures.",
        rich_help_panel=IN,
        show_default=False,
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        metavar="PIXELS|WxH",
        help="Size to paint at, all of it filled. Default: the source's, as far as this machine paints it in "
        "real time: a long side of 320 to 640 pixels on a processor, 1920 on a GPU.",
        rich_help_panel=IN,
        show_default=False,
    ),
]
Fps = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="NUMBER",
        help="Frames a second: asked of a camera, and the most that are painted. Default: all.",
        rich_help_panel=IN,
        show_default=False,
    ),
]
Retry = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="How long a camera or stream that was lost is tried again.",
        rich_help_panel=IN,
    ),
]
ListCameras = Annotated[
    bool,
    typer.Option("--list-cameras", help="Print the cameras of this machine and end.", rich_help_panel=IN),
]
Record = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Record what is painted, from the start.",
        rich_help_panel=OUT,
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="-|URL|FILE",
        help="Send what is painted to standard output (Matroska), an rtmp or rtsp address, or a file.",
        rich_help_panel=OUT,
        show_default=False,
    ),
]
VirtualCamera = Annotated[
    bool,
    typer.Option(
        "--virtual-camera", help="Show what is painted in a virtual camera, for calls.", rich_help_panel=OUT
    ),
]
NoWindow = Annotated[bool, typer.Option("--no-window", help="Open no window.", rich_help_panel=OUT)]
