"""Single frames of a clip, and of what was rendered from it, as pictures that a page can show."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

from vidstyle.cli.studio.choices import Choices, Upload
from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media import Limits, Reading, SourceInfo, probe, read, read_picture, write_picture
from vidstyle.media.conversion import scaled
from vidstyle.pipeline.sizes import asked_size
from vidstyle.written import read_size

# Screens show no HDR in a page: it is mapped to plain pictures.
_SHOWN = Reading(hdr="tonemap")


@dataclass(frozen=True)
class Opened:
    """A clip that was looked into.

    Attributes:
        source: what it holds.
        last: seconds at which its last frame is shown; 0 for a picture.
        seconds: how long it lasts; 0 for a picture.
    """

    source: SourceInfo
    last: float
    seconds: float

    def describe(self) -> str:
        """ "640x360, 24 frames a second, 4 s, with sound"."""
        video = self.source.video
        parts = [f"{video.width}x{video.height}"]
        if not self.source.is_picture:
            parts += [f"{float(video.rate):.4g} frames a second", f"{self.seconds:.4g} s"]
            parts.append("with sound" if self.source.audio else "without sound")
        return ", ".join(parts)


def opened(clip: Upload, limits: Limits) -> Opened:
    """Look into a clip.

    Raises:
        InputError: it is no video and no picture, or past the limits.
    """
    source = probe(clip.path, limits)
    if source.is_picture:
        return Opened(source, 0.0, 0.0)
    if source.duration is None:
        raise InputError("does not tell how long it is", where=clip.path, hint="Put it into an .mp4 first.")
    last = max(Fraction(0), source.duration - 1 / source.video.rate)
    return Opened(source, _down(last), _down(source.duration))


def frame_at(choices: Choices, clip: Upload, moment: float) -> Frame:
    """The frame of the clip that a render from this moment on would begin with, at the size asked for.

    Raises:
        InputError: the clip cannot be read, or has no frame there.
        SettingsError: the size cannot be used.
    """
    source = probe(clip.path, choices.limits).video
    size = asked_size((source.height, source.width), read_size(choices.size.strip() or None))
    if choices.still:
        picture = read_picture(clip.path, choices.limits)
        return picture.with_pixels(scaled(picture.pixels, size))
    return _first(clip.path, Fraction(str(moment)), size, choices.limits)


def rendered_frame(output: Path, begin: Fraction, moment: Fraction) -> Frame | None:
    """The frame of a finished render that is shown at a moment of its source; None where it has none.

    Args:
        output: the render.
        begin: where in its source it begins, seconds.
        moment: seconds of the source.
    """
    if moment < begin:
        return None
    try:
        return _first(output, moment - begin, None, Limits())
    except InputError:
        return None  # the moment lies behind its end


def picture_file(frame: Frame, path: Path) -> str:
    """Write a frame where the page can fetch it, and tell its name."""
    write_picture(path, frame.pixels, deep=frame.pixels.dtype != "uint8")
    return str(path)


def _first(path: Path, start: Fraction, size: tuple[int, int] | None, limits: Limits) -> Frame:
    reading = read(path, start=start, size=size, limits=limits, reading=_SHOWN)
    with closing(cast("Generator[Frame, None, None]", reading)) as frames:
        return next(frames)


def _down(seconds: Fraction) -> float:
    """Rounded down to the slider's hundredths: what it can reach lies within the clip."""
    return float(seconds * 100 // 1) / 100
