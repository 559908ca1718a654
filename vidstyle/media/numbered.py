"""Segments as numbered pictures, one file a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vidstyle.media.encoded import frames_of
from vidstyle.media.pictures import write_picture
from vidstyle.media.sequence import is_pattern, numbered

FIRST = 1  # as ffmpeg counts


def write_numbered(
    segments: Sequence[Path], pattern: Path, metadata: Mapping[str, str], *, deep: bool
) -> list[Path]:
    """Write each frame of the segments to a file of its own, numbered from 1.

    Args:
        segments: closed lossless files, in order.
        pattern: `shot_%04d.png`.
        metadata: tags of every picture.
        deep: 16 bits instead of 8, where the format has them.

    Returns:
        The files, in order.

    Raises:
        OutputError: one cannot be written.
    """
    written: list[Path] = []
    for number, frame in enumerate(frames_of(segments), FIRST):
        path = numbered(pattern, number)
        write_picture(path, frame.pixels, metadata, alpha=frame.alpha, deep=deep)
        written.append(path)
    return written


def first_of(output: Path) -> Path:
    """The file that tells whether an output is there: the first one of numbered pictures, or itself."""
    return files_of(output, 1)[0]


def files_of(output: Path, frames: int) -> list[Path]:
    """The files that an output of so many frames is made of: one a frame of numbered pictures, else one."""
    if not is_pattern(output):
        return [output]
    return [numbered(output, number) for number in range(FIRST, FIRST + frames)]
