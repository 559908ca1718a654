"""Options for how, and where, the frames are computed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vidstyle.settings import FeatureChoice, PrecisionChoice, Settings, SolverChoice

WORK = "The work"

Steps = Annotated[
    int | None,
    typer.Option(
        metavar="STEPS",
        help="Most steps for each frame after the first of a shot. Default: by quality.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Solver = Annotated[
    SolverChoice | None,
    typer.Option(
        help=f"How the picture is optimised. Default {Settings.solver}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Features = Annotated[
    FeatureChoice | None,
    typer.Option(
        help=f"The perceptual network. vgg19 is fetched once (548 MB). Default {Settings.features}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="VGG-19's weights, with --features vgg19: safetensors or a PyTorch state dict.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        envvar="VIDSTYLE_DEVICE",
        metavar="auto|cpu|cuda|mps",
        help=f"Where to compute; cuda:1 is the second GPU. Default {Settings.device}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Precision = Annotated[
    PrecisionChoice | None,
    typer.Option(
        help=f"Arithmetic of the network. Default {Settings.precision}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER",
        help=f"Seed of everything random. Default {Settings.seed}.",
        rich_help_panel=WORK,
        show_default=False,
    ),
]
