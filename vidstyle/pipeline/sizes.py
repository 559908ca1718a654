"""The size of the output: what the user asked for, kept in proportion and within bounds."""

from __future__ import annotations

from fractions import Fraction

from vidstyle.errors import SettingsError
from vidstyle.pipeline.job import Size

SMALLEST_SIDE = 32  # OpenCV's DIS flow crashes on much less, and a style has no room to show


def asked_size(source: tuple[int, int], size: Size | None) -> tuple[int, int]:
    """The output's size before an encoder has a say.

    Args:
        source: (height, width), pixels.
        size: long side in pixels, or (width, height); None keeps the source's.

    Returns:
        (height, width), pixels. Of a long side, the other side follows in proportion, rounded to
        an even number, which every pixel format holds.

    Raises:
        SettingsError: a side below 32 pixels.
    """
    height, width = source
    if size is None:
        asked = source
    elif isinstance(size, int):
        short = max(2, 2 * round(Fraction(size * min(source), max(source)) / 2))
        if height == width:
            short = size
        asked = (short, size) if width >= height else (size, short)
    else:
        asked = (size[1], size[0])
    if min(asked) < SMALLEST_SIDE:
        raise SettingsError(
            f"would be {asked[1]}x{asked[0]}",
            where="size",
            hint=f"Both sides need at least {SMALLEST_SIDE} pixels: give --size.",
        )
    return asked


def pixel_aspect(source: tuple[int, int], ratio: Fraction, size: tuple[int, int]) -> Fraction:
    """The sample aspect ratio with which a picture of another size keeps its proportions on the screen.

    Args:
        source: (height, width) of the source, pixels.
        ratio: its sample aspect ratio.
        size: (height, width) of the output.

    Returns:
        `ratio` itself where the sizes agree up to rounding.
    """
    stretch = Fraction(source[1] * size[0], source[0] * size[1])
    # A side is at most one pixel off its exact proportion after rounding, two for an even size.
    return ratio if abs(stretch - 1) <= Fraction(2, min(size)) else ratio * stretch


def squared(source: tuple[int, int], ratio: Fraction) -> tuple[int, int]:
    """The size (height, width) of the same picture in square pixels, with no side smaller than before."""
    height, width = source
    return (height, round(width * ratio)) if ratio > 1 else (round(height / ratio), width)


def live_size(source: tuple[int, int], size: Size | None, most: int) -> tuple[int, int]:
    """The size that a live source is painted at: even sides, as encoders want them.

    Args:
        source: (height, width), pixels.
        size: long side in pixels, or (width, height); None keeps the source's, up to `most`.
        most: longest side where none is asked for.

    Returns:
        (height, width), pixels.

    Raises:
        SettingsError: a side below 32 pixels.
    """
    if size is None and max(source) > most:
        size = most
    height, width = asked_size(source, size)
    return height // 2 * 2, width // 2 * 2
