"""`vidstyle train`: a live network for the user's own style, in minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vidstyle.cli.lessons import lessons_shown
from vidstyle.cli.options import look, run, work
from vidstyle.written import read_weights

Footage = Annotated[
    list[Path] | None,
    typer.Option(
        "--on",
        metavar="FOOTAGE",
        help="A video or picture like those that will be painted; may be repeated. "
        "Without any, made-up pictures serve.",
        show_default=False,
    ),
]
Minutes = Annotated[float, typer.Option(metavar="MINUTES", help="How long to train.")]
Model = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE.safetensors", help="Where the model goes.", show_default=False
    ),
]
Height = Annotated[
    int, typer.Option(metavar="ROWS", help="Height of the frames to paint: strokes are sized for it.")
]


def train(
    styles: look.Styles,
    output: Model,
    footage: Footage = None,
    minutes: Minutes = 10.0,
    height: Height = 360,
    style_size: look.StyleSize = None,
    style_weights: look.StyleWeights = None,
    device: work.Device = None,
    seed: work.Seed = None,
    overwrite: run.Overwrite = False,
) -> None:
    """Train a live network for one style, or a mixture, that --model takes wherever a style goes."""
    from vidstyle.pipeline.job import StyleFile
    from vidstyle.pipeline.train import Training, train
    from vidstyle.settings import Settings

    shares = read_weights(style_weights, len(styles))
    training = Training(
        styles=tuple(StyleFile(path, share) for path, share in zip(styles, shares, strict=True)),
        output=output,
        footage=tuple(footage or ()),
        minutes=minutes,
        height=height,
        style_size=Settings.style_size if style_size is None else style_size,
        seed=seed or 0,
        overwrite=overwrite,
        device=device or Settings.device,
    )
    lessons = 0
    with lessons_shown() as show:
        for progress in train(training):
            show(progress)
            lessons = progress.lessons
    typer.echo(f"vidstyle: {output}: {lessons} lessons in {minutes:g} minutes", err=True)
