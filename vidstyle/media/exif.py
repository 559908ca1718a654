"""The orientation that a camera noted in a photo (EXIF), read from the file's own bytes.

FFmpeg hands EXIF on as a kind of side data that PyAV 18 does not know and stumbles over, so that neither
it nor the display matrix beside it can be reached: this reads the one tag that matters.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from vidstyle.media.orientation import Orientation

# A JPEG's EXIF is its first segment and at most 64 KB; PNG and WebP hold it before or after the pixels.
_LONGEST_HEAD = 1 << 17
_LARGEST_FILE = 1 << 28
_ORIENTATION_TAG = 0x0112

# EXIF's eight values: first mirrored, then rotated counter-clockwise.
_ORIENTATIONS = {
    1: Orientation(0),
    2: Orientation(0, flipped=True),
    3: Orientation(180),
    4: Orientation(180, flipped=True),
    5: Orientation(90, flipped=True),
    6: Orientation(270),
    7: Orientation(270, flipped=True),
    8: Orientation(90),
}


def exif_orientation(path: Path) -> Orientation:
    """How a photo is turned to stand upright; upright already where it does not tell.

    Args:
        path: a JPEG, PNG, WebP or TIFF.
    """
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEAD)
        if head[:4] in (b"II*\0", b"MM\0*"):
            return _from_tiff(head + file.read(_LARGEST_FILE))
        if head.startswith(b"\x89PNG"):
            return _after(head + file.read(_LARGEST_FILE), b"eXIf", 0)
        if head.startswith(b"RIFF"):
            return _after(head + file.read(_LARGEST_FILE), b"EXIF", 4)
    return _after(head, b"Exif\0\0", 0)


def _after(content: bytes, mark: bytes, skip: int) -> Orientation:
    """The orientation in the TIFF structure that follows `mark` and `skip` more bytes."""
    place = content.find(mark)
    while place >= 0:
        start = place + len(mark) + skip
        if content.startswith(b"Exif\0\0", start):
            start += 6
        if content.startswith((b"II*\0", b"MM\0*"), start):
            return _from_tiff(content[start:])
        place = content.find(mark, place + 1)
    return Orientation()


def _from_tiff(tiff: bytes) -> Orientation:
    """The orientation among the tags of a TIFF's first directory."""
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    directory = int.from_bytes(tiff[4:8], order)
    for number in range(int.from_bytes(tiff[directory : directory + 2], order)):
        entry = tiff[directory + 2 + 12 * number :][:12]
        if len(entry) == 12 and int.from_bytes(entry[:2], order) == _ORIENTATION_TAG:
            return _ORIENTATIONS.get(int.from_bytes(entry[8:10], order), Orientation())
    return Orientation()
