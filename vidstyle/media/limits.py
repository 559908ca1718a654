"""How much a source may ask for: pixels, time, streams, and damage that is put up with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError, SettingsError

# 8K video has half of this; a picture of this size takes 200 MB as RGB. A PNG of 700 KB can hold far more.
MAX_PIXELS = 8192 * 8192
# No film is longer; times beyond are those of a damaged file.
MAX_DURATION = Fraction(24 * 3600)
# Films with many languages and attached fonts hold about a hundred.
MAX_STREAMS = 256
# Past this share of packets that fail, what is left is no longer the clip: ffmpeg's own limit is 2/3,
# but a stylized clip with a hole in every tenth frame is not what anybody wants.
MAX_ERROR_RATE = 0.1
# FFmpeg counts pixels in 32 bits.
_MOST_PIXELS = 2**31 - 1
# Before this many packets, a share of them says nothing yet about the file.
_ENOUGH_PACKETS = 50


@dataclass(frozen=True)
class Limits:
    """What a source is refused for; the defaults let through what people film, draw and cut.

    Attributes:
        max_pixels: of a picture or frame.
        max_duration: seconds that are read of a source.
        max_streams: in a file: picture, sound, subtitles, attachments.
        max_error_rate: share of the video's packets that may fail to decode, 0 to 1; the rest is used.
    """

    max_pixels: int = MAX_PIXELS
    max_duration: Fraction = MAX_DURATION
    max_streams: int = MAX_STREAMS
    max_error_rate: float = MAX_ERROR_RATE

    def __post_init__(self) -> None:
        _check("max_pixels", self.max_pixels, 1, _MOST_PIXELS)
        _check("max_duration", self.max_duration, 0, math.inf)
        _check("max_streams", self.max_streams, 1, 1_000_000)
        _check("max_error_rate", self.max_error_rate, 0, 1)

    def check_pixels(self, height: int, width: int, path: Path) -> None:
        """Refuse a picture that is too large.

        Raises:
            InputError: it has more than `max_pixels`.
        """
        if height * width > self.max_pixels:
            raise InputError(
                f"has {width}x{height} pixels, more than {self.max_pixels / 1e6:.3g} million",
                where=path,
                hint="Scale it down first, or raise --max-pixels.",
            )

    def check_streams(self, count: int, path: Path) -> None:
        """Refuse a file of too many streams.

        Raises:
            InputError: it has more than `max_streams`.
        """
        if count > self.max_streams:
            raise InputError(
                f"holds {count} streams, more than {self.max_streams}",
                where=path,
                hint="Copy what you need into a file of its own, or raise --max-streams.",
            )

    def check_duration(self, seconds: Fraction, path: Path) -> None:
        """Refuse a stretch of video that is too long.

        Raises:
            InputError: it is longer than `max_duration`.
        """
        if seconds > self.max_duration:
            raise InputError(
                f"lasts {hours(seconds)}, more than {hours(self.max_duration)}",
                where=path,
                hint="Take a part of it with --duration, or raise --max-duration.",
            )

    def check_errors(self, broken: int, packets: int, path: Path, expected: int = 0) -> None:
        """Refuse a video once it is sure that too much of it is damaged.

        Args:
            broken: packets that did not decode.
            packets: seen so far.
            path: the file.
            expected: packets in all, as far as known; 0 when all have been seen.

        Raises:
            InputError: the share of broken packets is above `max_error_rate`, whatever is still to come.
        """
        if expected and packets < _ENOUGH_PACKETS:
            return
        if broken > self.max_error_rate * max(packets, expected, 1):
            raise InputError(
                f"is damaged: {broken} of {packets} packets do not decode",
                where=path,
                hint="Get a sound copy of it, or put up with more by --max-error-rate.",
            )


def hours(seconds: Fraction) -> str:
    """ "0.5 s", "90 s", "26.5 h"."""
    return f"{float(seconds):.3g} s" if seconds < 3600 else f"{float(seconds) / 3600:.6g} h"


def _check(name: str, value: float | Fraction, low: float, high: float) -> None:
    if not low <= value <= high:  # not a number is refused so as well
        limits = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        raise SettingsError(f"is {float(value):g}", where=name, hint=f"It must be {limits}.")


DEFAULT = Limits()
# Files that vidstyle wrote itself: any size, and no damage at all.
OWN = Limits(_MOST_PIXELS, Fraction(10**9), max_error_rate=0.0)
