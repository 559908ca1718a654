"""What `vidstyle evaluate` compares, and who judges: its options, filled up from the result's tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vidstyle.cli.progress import progress
from vidstyle.errors import InputError, SettingsError
from vidstyle.settings import OF_THE_OPTIMISER, FeatureChoice, Settings
from vidstyle.written import read_weights

if TYPE_CHECKING:
    from vidstyle.features import FeatureNetwork
    from vidstyle.frames import Frame
    from vidstyle.pipeline import Job
    from vidstyle.quality.files import Clip
    from vidstyle.synthesis.stylizer import StylePicture

# What a frame stylized alone shares with the result; how much work goes into it is chosen apart.
LOOK = (
    *("strength", "style_size", "keep_colors", "content_weight", "style_weight", "smoothness_weight"),
    *("detail", "smooth", "style_loss", "features", "weights", "seed"),
)


def job_of(stylized: Path) -> Job | None:
    """The job that made a result, as its metadata tell; None, with a word about it, where they do not.

    Raises:
        InputError: there is no such file, it cannot be read, or it shows its source too.
    """
    from vidstyle.media import read_metadata
    from vidstyle.pipeline import job_from_metadata, told_by

    tags = read_metadata(stylized)
    try:
        job = job_from_metadata(told_by(tags, stylized))
    except (InputError, SettingsError) as error:
        typer.echo(f"vidstyle: {stylized} {error.what}: judged by the options alone.", err=True)
        return None
    if job.compare is not None:
        raise InputError("shows the source too", where=stylized, hint="Measure a result without --compare.")
    return job


def clip_of(
    stylized: Path, source: Path | None, start: Fraction | None, duration: Fraction | None, job: Job | None
) -> Clip:
    """The result beside its source; options go before what the job tells.

    Raises:
        SettingsError: no source is given and none is told.
        InputError: the source that is told is not there.
    """
    from vidstyle.media.sequence import is_sequence
    from vidstyle.quality.files import Clip

    if job is None:
        if source is None:
            raise _not_told("--source", "Give what it was made from.")
        return Clip(stylized, source, start, duration)
    if source is None:
        source = job.source
        _check_there(source, "--source")
    start = job.start if start is None else start
    duration = job.duration if duration is None else duration
    return Clip(stylized, source, start, duration, job.rate if is_sequence(source) else None)


def styles_of(paths: Sequence[Path], weights: str | None, job: Job | None) -> tuple[StylePicture, ...]:
    """The style pictures with their weights, read.

    Raises:
        SettingsError: none is given and none is told, or weights that do not fit.
        InputError: one is not there, or no picture.
    """
    from vidstyle.media import read_picture
    from vidstyle.synthesis.stylizer import StylePicture

    shares: Sequence[float] = ()
    if paths:
        shares = read_weights(weights, len(paths))
    elif job is not None:
        paths = [style.path for style in job.styles]
        for path in paths:
            _check_there(path, "--style")
        shares = read_weights(weights, len(paths)) if weights else [style.weight for style in job.styles]
    if not paths:
        raise _not_told("--style", "Give the picture whose style it shall have.")
    return tuple(
        StylePicture(read_picture(path).pixels, share) for path, share in zip(paths, shares, strict=True)
    )


def settings_of(job: Job | None, quality: str, weights: Path | None, device: str | None) -> Settings:
    """Settings to stylize a frame alone: the look of the result, at the work of `quality`."""
    told = {} if job is None else {name: getattr(job.settings, name) for name in LOOK}
    if weights is not None and told.get("features") == "vgg19":
        told["weights"] = weights
    if quality == "live":
        told = {name: value for name, value in told.items() if name not in OF_THE_OPTIMISER}
    return Settings.preset(quality, **told, device=device)


def notes_on(settings: Settings, job: Job | None) -> list[str]:
    """What to know about the style distance of a result with these settings, a sentence each."""
    notes = []
    if settings.keep_colors:
        notes.append("it keeps the source's colours, which its style distance counts against it.")
    if settings.strength < 1:
        notes.append(f"it has a strength of {settings.strength:g}; style distance is that to the full style.")
    if job is not None and job.settings.schedule is not None:
        notes.append("its settings change over time, and those that stand still judge it.")
    if job is not None and job.masks:
        notes.append("it has other styles under masks, and is judged by one for the whole picture.")
    return notes


def network_of(features: FeatureChoice, weights: Path | None, device: str) -> FeatureNetwork:
    """The network that judges, in float32; VGG-19 with the taps that the literature scores by.

    Raises:
        SettingsError, WeightsError, DeviceError: as `load_features`.
    """
    import torch

    from vidstyle.features import load_features
    from vidstyle.features.vgg import SCORING, load_vgg19
    from vidstyle.pipeline.device import choose_device

    chosen = choose_device(device)
    if features != "vgg19":
        return load_features(features, weights, chosen, torch.float32)
    with progress(json=False) as shown:
        return load_vgg19(weights, chosen, torch.float32, shown.fetch, SCORING)


def painter_of(styles: Sequence[StylePicture], settings: Settings) -> Callable[[Frame], Frame]:
    """Stylizes a frame without any other.

    Raises:
        WeightsError, DeviceError: as a render with these settings would.
    """
    from vidstyle.pipeline.painter import painter_for

    return painter_for(styles, settings).stylizer.start


def _not_told(option: str, hint: str) -> SettingsError:
    return SettingsError("is not given, and the result does not tell it", where=option, hint=hint)


def _check_there(path: Path, option: str) -> None:
    from vidstyle.media.sequence import is_sequence

    if not path.is_file() and not is_sequence(path):  # of numbered pictures it shows when they are read
        raise InputError(
            "is not there, though the result was made with it", where=path, hint=f"Give {option}."
        )
