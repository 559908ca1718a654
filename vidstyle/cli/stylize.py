"""`vidstyle stylize`: paint a video or a picture in the style of pictures."""

from __future__ import annotations

import typer

from vidstyle.cli.asking import job_of, may_replace
from vidstyle.cli.options import look, reading, run, work, writing
from vidstyle.cli.pipes import piped
from vidstyle.cli.plain import printable
from vidstyle.cli.progress import progress
from vidstyle.cli.rendering import ends_told, rendered
from vidstyle.cli.stills import are_stills, paint_stills
from vidstyle.errors import SettingsError


def stylize(
    source: reading.Input,
    styles: look.Styles,
    output: writing.Output,
    quality: look.QualityOption = "standard",
    mask: look.Masks = None,
    style_weights: look.StyleWeights = None,
    strength: look.Strength = None,
    style_size: look.StyleSize = None,
    keep_colors: look.KeepColors = None,
    detail: look.Detail = None,
    smooth: look.Smooth = None,
    content_weight: look.ContentWeight = None,
    style_weight: look.StyleWeight = None,
    temporal_weight: look.TemporalWeight = None,
    smoothness_weight: look.SmoothnessWeight = None,
    boil: look.Boil = None,
    hold: look.Hold = None,
    loop: look.Loop = False,
    schedule: look.ScheduleOption = None,
    style_loss: look.StyleLoss = None,
    steady: look.Steady = None,
    practice: look.Practice = None,
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
    decoder: reading.Decoder = "software",
    codec: writing.Codec = None,
    crf: writing.Crf = None,
    preset: writing.EncoderPreset = None,
    pix_fmt: writing.PixFmt = None,
    encoder_option: writing.EncoderOptions = None,
    hdr: writing.Hdr = "keep",
    compare: writing.Compare = None,
    format: writing.Format = None,
    list_codecs: writing.ListCodecs = False,
    max_pixels: reading.MaxPixels = None,
    max_duration: reading.MaxDuration = None,
    max_streams: reading.MaxStreams = None,
    max_error_rate: reading.MaxErrorRate = None,
    skip_existing: run.SkipExisting = False,
    overwrite: run.Overwrite = False,
    restart: run.Restart = False,
    profile: run.Profile = None,
    json: run.Json = False,
) -> None:
    """Paint INPUT, a video or a picture, in the style of one or more pictures.

    A video keeps its timing and its sound. After a stop, the same command goes on where it was.
    Of a folder of pictures each is painted on its own, where the output is a folder too.
    """
    given = locals()
    from vidstyle.media.numbered import first_of

    if overwrite and skip_existing:
        raise SettingsError("contradict each other", where="-y/-n", hint="Give one of them.")
    with ends_told(json=json), piped(source, output, format, json=json) as (taken, made):
        job = job_of(given, taken, made, overwrite=overwrite or (not json and may_replace(output)))
        if are_stills(taken, made):
            if profile is not None:
                raise SettingsError("is for one source", where="--profile", hint="Give one picture or clip.")
            paint_stills(job, skip_existing=skip_existing, json=json)
        elif skip_existing and first_of(made).is_file():
            typer.echo(f"vidstyle: {printable(str(made))} exists already and is left as it is", err=True)
        else:
            with progress(json=json) as shown:
                rendered(job, shown, profile)
