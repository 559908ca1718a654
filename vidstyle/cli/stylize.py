"""`vidstyle stylize`: paint a video or a picture in the style of pictures."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer

from vidstyle.cli.options import look, reading, run, work, writing
from vidstyle.cli.pipes import piped
from vidstyle.cli.plain import print_json
from vidstyle.cli.progress import Progress, progress
from vidstyle.errors import VidstyleError
from vidstyle.written import read_pairs, read_size, read_time, read_weights

if TYPE_CHECKING:
    from vidstyle.media import HdrChoice
    from vidstyle.pipeline import Job


def stylize(
    source: reading.Input,
    styles: look.Styles,
    output: writing.Output,
    quality: look.QualityOption = "standard",
    style_weights: look.StyleWeights = None,
    strength: look.Strength = None,
    style_size: look.StyleSize = None,
    keep_colors: look.KeepColors = False,
    content_weight: look.ContentWeight = None,
    style_weight: look.StyleWeight = None,
    temporal_weight: look.TemporalWeight = None,
    smoothness_weight: look.SmoothnessWeight = None,
    boil: look.Boil = None,
    hold: look.Hold = None,
    loop: look.Loop = False,
    style_loss: look.StyleLoss = None,
    steady: look.Steady = None,
    model: look.Model = None,
    size: reading.SizeOption = None,
    start: reading.Start = None,
    duration: reading.Duration = None,
    steps: work.Steps = None,
    solver: work.Solver = None,
    features: work.Features = None,
    weights: work.Weights = None,
    device: work.Device = None,
    precision: work.Precision = None,
    seed: work.Seed = None,
    rate: reading.Rate = None,
    codec: writing.Codec = None,
    crf: writing.Crf = None,
    preset: writing.EncoderPreset = None,
    pix_fmt: writing.PixFmt = None,
    encoder_option: writing.EncoderOptions = None,
    hdr: writing.Hdr = "keep",
    format: writing.Format = None,
    list_codecs: writing.ListCodecs = False,
    max_pixels: reading.MaxPixels = None,
    max_duration: reading.MaxDuration = None,
    max_streams: reading.MaxStreams = None,
    max_error_rate: reading.MaxErrorRate = None,
    overwrite: run.Overwrite = False,
    restart: run.Restart = False,
    json: run.Json = False,
) -> None:
    """Paint INPUT, a video or a picture, in the style of one or more pictures.

    A video keeps its timing and its sound. After a stop, the same command goes on where it was.
    """
    with _ends_told(json=json), piped(source, output, format, json=json) as (taken, made):
        from vidstyle.media import Encoding, Limits
        from vidstyle.pipeline import Job, StyleFile
        from vidstyle.settings import Settings

        settings = Settings.preset(
            quality,
            strength=strength,
            style_size=style_size,
            keep_colors=keep_colors,
            content_weight=content_weight,
            style_weight=style_weight,
            temporal_weight=temporal_weight,
            smoothness_weight=smoothness_weight,
            boil=boil,
            hold=hold,
            loop=loop,
            style_loss=style_loss,
            steady=steady,
            model=model,
            steps=steps,
            solver=solver,
            features=features,
            weights=weights,
            device=device,
            precision=precision,
            seed=seed,
        )
        given: dict[str, Any] = reading.limits(max_pixels, max_duration, max_streams, max_error_rate)
        shares = read_weights(style_weights, len(styles))
        job = Job(
            source=taken,
            styles=tuple(StyleFile(path, share) for path, share in zip(styles, shares, strict=True)),
            output=made,
            settings=settings,
            encoding=Encoding(
                codec or "auto", crf, preset, pix_fmt, read_pairs(encoder_option or (), "--encoder-option")
            ),
            size=read_size(size),
            start=read_time(start, "--start"),
            duration=read_time(duration, "--duration"),
            overwrite=overwrite or (not json and _may_replace(output)),
            restart=restart,
            limits=Limits(**given),
            rate=reading.picture_rate(rate),
            hdr=cast("HdrChoice", hdr),
        )
        with progress(json=json) as shown:
            _run(job, shown)


@contextmanager
def _ends_told(*, json: bool) -> Iterator[None]:
    """Say on the way out what `main` does not: a JSON line for an error, where to go on after Ctrl-C."""
    try:
        yield
    except VidstyleError as error:
        if json:
            print_json(_failure(error))
        raise
    except KeyboardInterrupt:
        if not json:
            typer.echo("vidstyle: stopped; the same command goes on from here.", err=True)
        raise


def _run(job: Job, shown: Progress) -> None:
    """Render a job, with its events shown; weights that must be fetched come first."""
    from vidstyle.pipeline import plan, render

    plan(job)  # what is wrong with it should show before half a gigabyte is fetched
    if job.settings.features == "vgg19" and job.settings.weights is None:
        from vidstyle.features import vgg
        from vidstyle.features.weights import fetch

        fetch(vgg.URL, vgg.SHA256, vgg.FILENAME, shown.fetch)
    with closing(render(job)) as events:
        for event in events:
            shown.show(event)


def _may_replace(output: Path) -> bool:
    """Ask, where someone is there to answer, whether an existing output may go."""
    if not (sys.stdin.isatty() and sys.stderr.isatty() and output.is_file()):
        return False  # the pipeline refuses with its own message
    # typer.confirm would write a part of the question to standard output.
    typer.echo(f"{os.fspath(output)} exists. Replace it? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _failure(error: VidstyleError) -> dict[str, object]:
    return {
        "event": "failed",
        "what": error.what,
        "where": error.where,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }
