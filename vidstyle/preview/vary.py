"""What is tried in a preview: one or two settings with their values, and the job of each combination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vidstyle.batch.keys import KEYS, SETTINGS, from_text
from vidstyle.errors import SettingsError
from vidstyle.faults import nearest
from vidstyle.pipeline import Job
from vidstyle.presets import preset

STYLE, WEIGHTS = "style", "style_weights"

ALONG = frozenset(("loop", "schedule"))
"""Settings of a whole clip, which no frame shows."""

TRIED = frozenset(SETTINGS) - ALONG | {STYLE, WEIGHTS}
"""What can be tried: every other setting, each of the styles, and shares of a mixture."""

MOVING = frozenset(
    ("steps", "min_steps", "trusted_step", "temporal_weight", "mending", "flow", "boil", "hold", "steady")
)
"""Settings that say nothing of the first frame of a shot."""


@dataclass(frozen=True)
class Axis:
    """A setting and the values that are tried.

    Attributes:
        key: its name in a manifest, "style" or "style_weights".
        values: as jobs take them; numbers of the styles for "style".
        texts: the same for people, "0.3".
    """

    key: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """As the option is written: "style-size"."""
        return self.key.replace("_", "-")

    def label(self, number: int) -> str:
        """A value with its name, "strength 0.3"; a style by its own name."""
        return self.texts[number] if self.key == STYLE else f"{self.name} {self.texts[number]}"


def read_axis(text: str, job: Job) -> Axis:
    """The axis that "strength=0.3,0.6,1" asks for; "style" alone stands for each of the styles.

    Names are those of the options or of a manifest; parts of a value that is a list stand between
    semicolons: "style-weights=1;0,0.5;0.5".

    Raises:
        SettingsError: no such setting, no values, or one that cannot be read.
    """
    name, equals, rest = text.partition("=")
    key = name.strip().replace("-", "_")
    where = f"--vary {name.strip()}"
    if key in ALONG:
        raise SettingsError("acts along a whole clip", where=where, hint="No frame shows it: try --clip.")
    if key not in TRIED:
        names = (each.replace("_", "-") for each in TRIED)
        raise SettingsError("no such setting", where=where, hint=nearest(key.replace("_", "-"), names))
    if key == STYLE:
        if equals or not job.styles:
            raise SettingsError(
                "takes no values: it is each of the styles given", where=where, hint="Write --vary style."
            )
        return Axis(key, tuple(range(len(job.styles))), tuple(style.path.stem for style in job.styles))
    parts = [part.strip() for part in rest.split(",")]
    if not equals or parts == [""]:
        raise SettingsError("has no values", where=where, hint=f"Write it like --vary {name}=0.3,0.6,1.")
    try:
        values = tuple(KEYS[key](from_text(key, part)) for part in parts)
    except SettingsError as error:
        raise SettingsError(error.what, where=where, hint=error.hint) from error
    return Axis(key, values, tuple(parts))


def axes_of(texts: Sequence[str], job: Job) -> tuple[Axis, ...]:
    """The axes of a preview, columns before rows: none, one or two.

    Several styles without anything to vary stand side by side, unless their weights differ.

    Raises:
        SettingsError: see `read_axis`; or more than two, or one twice.
    """
    axes = tuple(read_axis(text, job) for text in texts)
    if len(axes) > 2:
        raise SettingsError(
            f"is given {len(axes)} times", where="--vary", hint="A sheet has columns and rows: give two."
        )
    if len({axis.key for axis in axes}) < len(axes):
        raise SettingsError("is given twice", where=f"--vary {axes[0].name}", hint="Give all values at once.")
    if not axes and len(job.styles) > 1 and len({style.weight for style in job.styles}) == 1:
        return (read_axis(STYLE, job),)
    return axes


def varied(job: Job, overrides: Mapping[str, Any], picks: Mapping[str, Any]) -> Job:
    """The job with some of its settings, or its styles, replaced.

    Args:
        job: as it was asked for.
        overrides: its settings that were given, by name: they stay as they are under another quality.
        picks: values by the keys of axes.

    Raises:
        SettingsError: they do not go together.
    """
    styles = job.styles
    if STYLE in picks:
        styles = (replace(styles[picks[STYLE]], weight=1.0),)
    if WEIGHTS in picks:
        weights = picks[WEIGHTS]
        if len(weights) != len(styles):
            raise SettingsError(
                f"has {len(weights)} for {len(styles)} styles",
                where=f"--vary {WEIGHTS.replace('_', '-')}",
                hint="Give one weight for each style, between semicolons: 1;0,0.5;0.5.",
            )
        styles = tuple(replace(style, weight=w) for style, w in zip(styles, weights, strict=True))
    settings = {**overrides, **{key: value for key, value in picks.items() if key in SETTINGS}}
    quality = settings.pop("quality", job.settings.quality)
    return replace(job, styles=styles, settings=preset(quality, **settings))
