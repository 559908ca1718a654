"""Options for the look: the styles and how they show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vidstyle import settings
from vidstyle.cli.presets import complete
from vidstyle.settings import PRESETS, Settings, StyleStatistics

LOOK = "The look"

Styles = Annotated[
    list[Path],
    typer.Argument(
        metavar="STYLE",
        help="Pictures to take the style from; several are mixed. none, with --mask: as it is.",
        show_default=False,
    ),
]
Masks = Annotated[
    list[str] | None,
    typer.Option(
        "--mask",
        metavar="MASK=STYLE",
        help="Paint what is white in MASK, a picture or a video, after STYLE, or leave it with none; "
        "may be repeated, the later above the earlier.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
QualityOption = Annotated[
    str,
    typer.Option(
        "--quality",
        "-q",
        metavar="|".join((*PRESETS, "PRESET")),
        help="How much work each frame gets, or a preset of your own: vidstyle presets tells them.",
        autocompletion=complete,
        rich_help_panel=LOOK,
    ),
]
StyleWeights = Annotated[
    str | None,
    typer.Option(
        metavar="W,W...",
        help="Share of each style in the mixture, in their order: 0.7,0.3. Equal if not given.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help=f"From the source (0) to the full style (1). Default {Settings.strength:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
StyleSize = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Height of the style picture as a share of the output's height: smaller, finer strokes. "
        f"Default {Settings.style_size:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
KeepColors = Annotated[
    settings.KeepColors | None,
    typer.Option(
        metavar="[luminance|match]",
        help="Keep the source's colours: take only the style's light and dark (luminance, if no way is "
        "named), or move the style's colours to the source's (match).",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Detail = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Keep the source's edges, such as faces and letters. Default 0.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Smooth = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Keep flat what is flat in the source, such as a sky. Default 0.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
ContentWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the source's content. Default {Settings.content_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
StyleWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the style. Default {Settings.style_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
TemporalWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Pull towards the previous frame, moved along. Default {Settings.temporal_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
SmoothnessWeight = Annotated[
    float | None,
    typer.Option(
        metavar="WEIGHT",
        help=f"Weight of the total variation. Default {Settings.smoothness_weight:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Boil = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="Let strokes wobble from frame to frame, as drawn by hand. Default 0: they stand still.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Hold = Annotated[
    int | None,
    typer.Option(
        metavar="FRAMES",
        help="Show each drawing for so many frames: 2 draws on twos. Default 1.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Loop = Annotated[
    bool,
    typer.Option(
        "--loop",
        help="Let the last second's strokes turn into the first frame's, for clips that loop.",
        rich_help_panel=LOOK,
    ),
]
ScheduleOption = Annotated[
    str | None,
    typer.Option(
        "--schedule",
        metavar="FILE|TOML",
        help="Keyframes of settings that change along the clip, such as strength and style_weights "
        "(docs/control.md).",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
StyleLoss = Annotated[
    StyleStatistics | None,
    typer.Option(
        help=f"What of the style is matched: means and covariances, or Gram matrices. "
        f"Default {Settings.style_loss}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Steady = Annotated[
    float | None,
    typer.Option(
        metavar="0..1",
        help="How much the live quality holds the last picture, moved along, against flicker. "
        f"Default {Settings.steady:g}.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Practice = Annotated[
    int | None,
    typer.Option(
        metavar="LESSONS",
        help="How many lessons in its style, on a clip's own frames, the live network gets before it paints "
        "that clip in it for the first time; 0 paints at first sight. Default "
        f"{PRESETS['live'].practice} for files, and none for a live picture.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A live network of your own (vidstyle train), for --quality live. If it was made for one "
        "style, it paints in that one.",
        rich_help_panel=LOOK,
        show_default=False,
    ),
]
