"""Tags of files, read from videos and pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.media.metadata import JPEG_COMMENT, JPEG_SCAN, PNG
from vidstyle.media.opening import opened
from vidstyle.media.sequence import is_sequence, pictures_of


def read_metadata(path: Path | str) -> dict[str, str]:
    """The tags of a whole file, of numbered pictures those of the first; keys in lower case.

    MP4, MOV, Matroska and WebM give their global tags, PNG its texts, JPEG its comment as "comment".

    Raises:
        InputError: missing, or no media file.
    """
    path = Path(path)
    if is_sequence(path):
        path = pictures_of(path)[0]
    with opened(path) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
        kind = container.format.name
    if kind == "png_pipe":
        tags |= _png_texts(path.read_bytes(), path)
    elif kind == "jpeg_pipe":
        tags |= _jpeg_comment(path.read_bytes())
    return tags


def _png_texts(content: bytes, path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for kind, body in _png_chunks(content, path):
        key, _, rest = body.partition(b"\0")
        if kind == b"tEXt":
            texts[key.decode("latin-1").lower()] = rest.decode("latin-1")
        elif kind == b"iTXt" and rest[:1] == b"\0":
            *_, text = rest[2:].split(b"\0", 2)  # after a language and a translated keyword
            texts[key.decode("latin-1").lower()] = text.decode(errors="replace")
    return texts


def _png_chunks(content: bytes, path: Path) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG)
    while place + 12 <= len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        if place + 12 + size > len(content):
            raise InputError("is a PNG cut short", where=path, hint="Get a sound copy of it.")
        yield kind, content[place + 8 : place + 8 + size]
        place += 12 + size


def _jpeg_comment(content: bytes) -> dict[str, str]:
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, size = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker == JPEG_COMMENT:
            return {"comment": content[place + 4 : place + 2 + size].decode(errors="replace")}
        if marker == JPEG_SCAN:
            break
        place += 2 + size
    return {}
