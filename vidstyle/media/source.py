"""What a source holds, be it one file or many pictures."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.media.info import SourceInfo
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.probe import probe_file
from vidstyle.media.sequence import RATE, is_sequence, pictures_of


def probe(path: Path | str, limits: Limits = DEFAULT, rate: Fraction | None = None) -> SourceInfo:
    """What a source holds; decodes no more than its first frame.

    Args:
        path: a video, a picture, or the name of numbered pictures (see `sequence`).
        limits: what the file may ask for.
        rate: pictures per second of numbered pictures; 25 if not given.

    Raises:
        InputError: missing, empty, corrupt, without video or without a frame, or too large.
    """
    path = Path(path)
    return _probe_sequence(path, rate or RATE, limits) if is_sequence(path) else probe_file(path, limits)


def _probe_sequence(path: Path, rate: Fraction, limits: Limits) -> SourceInfo:
    pictures = pictures_of(path)
    first = probe_file(pictures[0], limits)
    if not first.is_picture:
        raise InputError("is a video, not a picture", where=pictures[0], hint="Give pictures alone.")
    video = replace(first.video, rate=rate, time_base=1 / rate, frames=len(pictures))
    return replace(
        first,
        path=path,
        container="pictures",
        duration=len(pictures) / rate,
        start=Fraction(0),
        is_picture=False,
        video=video,
        metadata={},
    )
