"""The command line that makes a job: the inverse of `vidstyle stylize`'s reading of its options."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from vidstyle.cli.plain import printable
from vidstyle.settings import Settings
from vidstyle.written import NONE, write_time

if TYPE_CHECKING:
    from vidstyle.media import Encoding, Limits
    from vidstyle.pipeline import Job

# Settings with an option of their own, in the order of --help.
OPTIONS = (
    *("strength", "style_size", "content_weight", "style_weight", "temporal_weight", "smoothness_weight"),
    *(
        "detail",
        "smooth",
        "boil",
        "hold",
        "style_loss",
        "steady",
        "practice",
        "model",
        "steps",
        "solver",
        "features",
        "weights",
        "device",
        "precision",
        "seed",
    ),
)


def arguments_of(job: Job) -> list[str]:
    """The arguments after `vidstyle` that ask for a job; what is as it is by default is left out."""
    styles = [_style(style.path) for style in job.styles] or [NONE]
    masks = [f"{mask.path}={NONE if mask.style is None else _style(mask.style)}" for mask in job.masks]
    asked = [_operand(job.source), *styles, "-o", os.fspath(job.output)]
    asked += [part for mask in masks for part in ("--mask", mask)]
    return ["stylize", *asked, *_settings(job), *_rest(job)]


def quoted(arguments: list[str]) -> str:
    """Arguments as one line for this system's shell."""
    if os.name == "nt":
        return printable(subprocess.list2cmdline(arguments))
    return " ".join(map(_quoted, arguments))


def _quoted(argument: str) -> str:
    """An argument for a shell; characters that would steer the terminal as bash and zsh write them."""
    if printable(argument) == argument:
        return shlex.quote(argument)
    escaped = "".join(
        char if printable(char) == char else "".join(f"\\x{byte:02x}" for byte in os.fsencode(char))
        for char in argument.replace("\\", "\\\\").replace("'", "\\'")
    )
    return f"$'{escaped}'"


def beyond_options(settings: Settings) -> list[str]:
    """Settings that differ from what options can make: only Python calls can have set them."""
    near = Settings.preset(
        settings.quality,
        keep_colors=settings.keep_colors,
        loop=settings.loop,
        schedule=settings.schedule,
        **{name: getattr(settings, name) for name in OPTIONS},
    )
    names = [field.name for field in fields(settings)]
    return [name for name in names if getattr(settings, name) != getattr(near, name)]


def _settings(job: Job) -> Iterator[str]:
    settings, preset = job.settings, Settings.preset(job.settings.quality)
    if settings.quality != Settings.quality:
        yield from ("--quality", settings.quality)
    weights = [style.weight for style in job.styles]
    if len(set(weights)) > 1:
        yield from ("--style-weights", ",".join(_number(weight) for weight in weights))
    if settings.keep_colors:
        yield "--keep-colors"
        yield from (() if settings.keep_colors == "luminance" else (str(settings.keep_colors),))
    if settings.loop:
        yield "--loop"
    if settings.schedule is not None:
        from vidstyle.pipeline import write_schedule

        yield from ("--schedule", write_schedule(settings.schedule))
    for name in OPTIONS:
        value = getattr(settings, name)
        if value != getattr(preset, name):
            yield from (
                f"--{name.replace('_', '-')}",
                _number(value) if isinstance(value, float) else str(value),
            )


def _rest(job: Job) -> Iterator[str]:
    if job.size is not None:
        yield from ("--size", str(job.size) if isinstance(job.size, int) else f"{job.size[0]}x{job.size[1]}")
    for option, seconds in (("--start", job.start), ("--duration", job.duration)):
        if seconds is not None:
            yield from (option, write_time(seconds))
    if job.rate is not None:
        yield from ("--rate", str(job.rate))
    yield from _encoding(job.encoding)
    if job.hdr != "keep":
        yield from ("--hdr", job.hdr)
    if job.decoder != "software":
        yield from ("--decoder", job.decoder)
    if job.compare is not None:
        yield from ("--compare", job.compare)
    yield from _limits(job.limits)


def _encoding(encoding: Encoding) -> Iterator[str]:
    default = type(encoding)()
    for name in ("codec", "crf", "preset", "pix_fmt"):
        value = getattr(encoding, name)
        if value != getattr(default, name):
            yield from (f"--{name.replace('_', '-')}", str(value))
    for key, value in encoding.options.items():
        yield from ("-x", f"{key}={value}")


def _limits(limits: Limits) -> Iterator[str]:
    for name, default in asdict(type(limits)()).items():
        value = getattr(limits, name)
        if value != default:
            text = write_time(value) if name == "max_duration" else _number(value)
            yield from (f"--{name.replace('_', '-')}", text)


def _style(path: Path) -> str:
    """A style's path; one that is called as no style is, by its full name."""
    return _operand(path.absolute() if path == Path(NONE) else path)


def _operand(path: Path) -> str:
    """A path that no option parser takes for an option."""
    text = os.fspath(path)
    return f".{os.sep}{text}" if text.startswith("-") else text


def _number(value: float) -> str:
    """The shortest text that reads back as the very same number, "1" rather than "1.0"."""
    return str(int(value)) if value == int(value) else repr(value)
