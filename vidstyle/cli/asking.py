"""From the options of a command to the job that they ask for: `stylize` and `preview` read them alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from vidstyle.cli.options import reading
from vidstyle.errors import SettingsError
from vidstyle.written import NONE, read_masks, read_pairs, read_rate, read_size, read_time, read_weights

if TYPE_CHECKING:
    from vidstyle.pipeline import Job


def job_of(given: Mapping[str, Any], source: Path, output: Path, *, overwrite: bool) -> Job:
    """The job that the options of `vidstyle stylize` ask for.

    Args:
        given: the values of the options by their parameters' names, as Typer hands them over; those named
            like a field of `Settings` or `Limits` go there.
        source: the file that stands for INPUT.
        output: the file to make.
        overwrite: an existing output is replaced.

    Raises:
        SettingsError: a value that cannot be used.
    """
    from vidstyle.media import Encoding, Limits
    from vidstyle.pipeline import Job, MaskFile, StyleFile, read_schedule
    from vidstyle.presets import preset
    from vidstyle.settings import Settings

    settings = {field.name: given[field.name] for field in fields(Settings) if field.name in given}
    if settings.get("loop") is False:  # a switch that is not given leaves a preset of the user's its own
        settings["loop"] = None
    limits: dict[str, Any] = reading.limits(*(given[field.name] for field in fields(Limits)))
    shares = read_weights(given["style_weights"], len(given["styles"]))
    bare = _bare(given["styles"])
    masks = read_masks(given.get("mask") or (), "--mask")
    if settings.get("schedule") is not None:
        settings["schedule"] = read_schedule(
            settings["schedule"],
            styles=0 if bare else len(shares),
            quality=preset(settings["quality"]).quality,
        )
    return Job(
        source=source,
        styles=() if bare else tuple(map(StyleFile, given["styles"], shares)),
        output=output,
        settings=preset(settings.pop("quality"), **settings),
        encoding=Encoding(
            given["codec"] or "auto",
            given["crf"],
            given["preset"],
            given["pix_fmt"],
            read_pairs(given["encoder_option"] or (), "--encoder-option"),
        ),
        size=read_size(given["size"]),
        start=read_time(given["start"], "--start"),
        duration=read_time(given["duration"], "--duration"),
        overwrite=overwrite,
        restart=given["restart"],
        limits=Limits(**limits),
        rate=None if given["rate"] is None else read_rate(given["rate"], "--rate"),
        hdr=given["hdr"],
        decoder=given.get("decoder", "software"),
        compare=given["compare"],
        masks=tuple(
            MaskFile(Path(mask), None if style == NONE else Path(style)) for mask, style in masks.items()
        ),
    )


def _bare(styles: Sequence[Path]) -> bool:
    """Whether what no mask covers stays as it is.

    Raises:
        SettingsError: it shall, and be painted.
    """
    if Path(NONE) not in styles:
        return False
    if len(styles) > 1:
        raise SettingsError(
            "stands beside other styles",
            where=f"STYLE {NONE}",
            hint="Give it alone, or a --strength below 1 to mix with the source.",
        )
    return True


def may_replace(output: Path) -> bool:
    """Ask, where someone is there to answer, whether an existing output may go."""
    from vidstyle.media.numbered import first_of

    if not (sys.stdin.isatty() and sys.stderr.isatty() and first_of(output).is_file()):
        return False  # the pipeline refuses with its own message
    # typer.confirm would write a part of the question to standard output.
    typer.echo(f"{os.fspath(output)} exists. Replace it? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
