"""What a user asks for: one source, its styles, one output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import get_args

from vidstyle.errors import SettingsError
from vidstyle.media import DecoderChoice, Encoding, HdrChoice, Limits
from vidstyle.pipeline.compare import Comparison
from vidstyle.settings import Settings

# An interruption loses at most this many frames of work, and a long shot writes what the next
# segment starts from (40 bytes a pixel) this often: 48 frames of video weigh about as much.
SEGMENT_FRAMES = 48

Size = int | tuple[int, int]


@dataclass(frozen=True)
class StyleFile:
    """A picture file to take the style from.

    Attributes:
        path: the file.
        weight: its share in a mixture, relative to the other weights; above 0.
    """

    path: Path
    weight: float = 1.0


@dataclass(frozen=True)
class MaskFile:
    """A file that tells which part of the picture is painted in another style.

    Attributes:
        path: a picture, a video or the name of numbered pictures: white belongs to it, grey in part.
        style: the picture that its part is painted after; None leaves the source as it is.
    """

    path: Path
    style: Path | None


@dataclass(frozen=True)
class Job:
    """One render, as asked for; `plan` says whether and how it can be done.

    Attributes:
        source: a video or a picture.
        styles: of what no mask covers; without any, it stays as it is.
        output: the file to make; its suffix chooses the container.
        settings: what the picture should be, and how much work goes into it.
        encoding: how the output is compressed.
        size: long side in pixels, or (width, height); None keeps the source's.
        start: seconds after the source's own start to begin at.
        duration: seconds to render; None goes on to the end.
        overwrite: an existing output is replaced.
        restart: what an earlier run left is dropped, and every frame painted anew.
        segment_frames: most frames of a shot that are kept, or lost, together.
        split: into how many stretches a long shot is cut, to be painted side by side on many machines.
        limits: what the source and the styles may ask for.
        rate: pictures per second of numbered pictures as the source; None: 25.
        hdr: high dynamic range is kept, or mapped to plain BT.709 pictures.
        decoder: decodes the source; software where it does not open.
        compare: the output shows the source beside the result, or both divided by a line; None: the result.
        masks: parts of the picture with styles of their own, the later ones above the earlier.
        footage: the clip that the source is a frame of, whose frames the live quality practises a style on;
            None: the source itself.
    """

    source: Path
    styles: tuple[StyleFile, ...]
    output: Path
    settings: Settings = field(default_factory=Settings)
    encoding: Encoding = field(default_factory=Encoding)
    size: Size | None = None
    start: Fraction | None = None
    duration: Fraction | None = None
    overwrite: bool = False
    restart: bool = False
    segment_frames: int = SEGMENT_FRAMES
    split: int = 1
    limits: Limits = field(default_factory=Limits)
    rate: Fraction | None = None
    hdr: HdrChoice = "keep"
    decoder: DecoderChoice = "software"
    compare: Comparison | None = None
    masks: tuple[MaskFile, ...] = ()
    footage: Path | None = None

    def __post_init__(self) -> None:
        if not self.styles and all(mask.style is None for mask in self.masks):
            raise SettingsError("names no style", where="styles", hint="Give at least one picture.")
        weights = [style.weight for style in self.styles] or [1.0]
        if not all(0 <= weight < float("inf") for weight in weights) or not any(weights):
            raise SettingsError(
                f"has the weights {', '.join(f'{weight:g}' for weight in weights)}",
                where="styles",
                hint="Weights are at least 0, and one of them is more.",
            )
        self._check_schedule(weights)
        if self.start is not None and self.start < 0:
            raise SettingsError(f"is {float(self.start):g}", where="start", hint="It must be at least 0.")
        if self.duration is not None and self.duration <= 0:
            raise SettingsError(
                f"is {float(self.duration):g}", where="duration", hint="It must be more than 0."
            )
        if self.rate is not None and self.rate <= 0:
            raise SettingsError(f"is {float(self.rate):g}", where="rate", hint="It must be more than 0.")
        if self.hdr not in ("keep", "tonemap"):
            raise SettingsError(f"cannot be {self.hdr!r}", where="hdr", hint="Choose keep or tonemap.")
        for name, known in (("decoder", get_args(DecoderChoice)), ("compare", (None, *get_args(Comparison)))):
            if getattr(self, name) not in known:
                raise SettingsError(
                    f"cannot be {getattr(self, name)!r}",
                    where=name,
                    hint=f"Choose {', '.join(filter(None, known))}.",
                )
        for name in ("segment_frames", "split"):
            if getattr(self, name) < 1:
                raise SettingsError(f"is {getattr(self, name)}", where=name, hint="It must be at least 1.")

    def _check_schedule(self, weights: Sequence[float]) -> None:
        """Refuse a schedule that weighs other styles than these, or weighs them besides."""
        schedule = self.settings.schedule
        if schedule is None or "style_weights" not in schedule.names:
            return
        given = next(frame.style_weights for frame in schedule.keyframes if frame.style_weights is not None)
        if len(given) != len(weights):
            raise SettingsError(
                f"weighs {len(given)} styles, but there are {len(weights)}",
                where="schedule",
                hint="Give one weight for each style, in the same order.",
            )
        if len(set(weights)) > 1:
            raise SettingsError(
                "are in the schedule too", where="style_weights", hint="Leave out one of them."
            )
