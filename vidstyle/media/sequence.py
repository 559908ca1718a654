"""Numbered pictures as a video: a pattern (`shot_%04d.png`), a glob (`shot_*.png`) or a folder of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media.conversion import scaled
from vidstyle.media.limits import Limits
from vidstyle.media.pictures import is_picture_name, read_picture

PATTERN = re.compile(r"%(0\d)?d")
RATE = Fraction(25)


def is_sequence(path: Path) -> bool:
    """Whether a name stands for several pictures; a file of that very name is just that file."""
    try:
        if path.is_file():
            return False
        return path.is_dir() or is_pattern(path) or any(mark in path.name for mark in "*?[")
    except OSError:  # such as a name that is too long: opening it tells
        return False


def is_pattern(path: Path) -> bool:
    """Whether a name is that of numbered pictures, such as `shot_%04d.png`."""
    return len(PATTERN.findall(path.name)) == 1 and is_picture_name(path)


def numbered(pattern: Path, number: int) -> Path:
    """The name of one picture of a pattern."""
    place = PATTERN.search(pattern.name)
    if place is None:
        raise ValueError(f"{pattern} is no pattern")
    digits = int((place.group(1) or "0")[-1])
    return pattern.with_name(
        pattern.name[: place.start()] + f"{number:0{digits}d}" + pattern.name[place.end() :]
    )


def there_already(path: Path) -> list[Path]:
    """The files that a name of several stands for, pictures or not; none where it cannot be looked."""
    try:
        return _found(path)
    except OSError:  # a folder that is missing or may not be listed, which is told elsewhere
        return []


def pictures_of(path: Path) -> list[Path]:
    """The pictures that a name stands for, in the order of the numbers in their names.

    Raises:
        InputError: there are none.
    """
    try:
        found = _found(path)
    except OSError as error:
        raise InputError(
            f"cannot be listed ({error.strerror})", where=path, hint="Check its permissions."
        ) from error
    pictures = [each for each in found if is_picture_name(each) and not each.name.startswith(".")]
    if not pictures:
        raise InputError(
            "is a folder without pictures" if path.is_dir() else "matches no pictures",
            where=path,
            hint="Give a folder, a pattern such as frame_%04d.png or a glob such as 'frame_*.png'.",
        )
    return sorted(pictures, key=_order)


def _found(path: Path) -> list[Path]:
    """The files that a name stands for, pictures or not."""
    if path.is_dir():
        return [each for each in path.iterdir() if each.is_file()]
    if is_pattern(path):
        before, after = PATTERN.split(path.name)[0], PATTERN.split(path.name)[-1]
        name = re.compile(re.escape(before) + r"\d+" + re.escape(after))
        return [each for each in _listed(path.parent) if name.fullmatch(each.name)]
    return list(path.parent.glob(path.name))


def gaps(pictures: list[Path]) -> int:
    """How many numbers are missing between the first and the last picture; 0 where names hold none."""
    numbers = [re.findall(r"\d+", path.stem) for path in pictures]
    if not all(numbers):
        return 0
    last = [int(each[-1]) for each in numbers]
    return max(0, last[-1] - last[0] + 1 - len(last))


def read_sequence(
    path: Path,
    rate: Fraction,
    start: Fraction,
    duration: Fraction | None,
    size: tuple[int, int] | None,
    limits: Limits,
    *,
    alpha: bool,
) -> Iterator[tuple[Frame, bool]]:
    """The pictures of a stretch as frames at a constant rate, and whether each was of another size.

    The size is that of the first picture of all, unless one is given.

    Raises:
        InputError: a picture cannot be read, or nothing lies in the stretch.
    """
    pictures = pictures_of(path)
    first = read_picture(pictures[0], limits)
    wanted = size or (first.height, first.width)
    end = None if duration is None else start + duration
    index = 0
    for pts, name in enumerate(pictures):
        if pts / rate < start:
            continue
        if end is not None and pts / rate >= end:
            break
        limits.check_duration(pts / rate - start, path)
        picture = read_picture(name, limits, alpha=alpha)
        pixels, opaque = picture.pixels, picture.alpha
        changed = (picture.height, picture.width) != (first.height, first.width)
        if (picture.height, picture.width) != wanted:
            pixels, opaque = scaled(pixels, wanted), None if opaque is None else scaled(opaque, wanted)
        yield Frame(pixels, pts, 1 / rate, index, opaque), changed
        index += 1
    if index == 0:
        raise InputError(
            f"has no frame after {float(start):g} s", where=path, hint="Choose an earlier start."
        )


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _order(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """By numbers as numbers: frame_2 comes before frame_10."""
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], path.name
