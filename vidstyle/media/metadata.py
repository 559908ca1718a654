"""Tags of files: read from videos and pictures, and written so that they are read back."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from vidstyle.errors import InputError
from vidstyle.media.opening import opened

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_START, _JPEG_COMMENT, _JPEG_SCAN = b"\xff\xd8", 0xFE, 0xDA
_LONGEST_COMMENT = 65_533

# The tags that an MP4 holds in its classic form, known to every player.
_CLASSIC = {"title", "artist", "album_artist", "album", "date", "comment", "description", "synopsis", "genre"}
_CLASSIC |= {"copyright", "composer", "lyrics", "show", "episode_id", "network", "grouping", "keywords"}


def muxer_flags(tags: Mapping[str, str]) -> str:
    """Flags that an MP4 muxer needs to keep all of these tags: it drops the ones it does not know."""
    return "" if set(tags) <= _CLASSIC | {"creation_time"} else "+use_metadata_tags"


def read_metadata(path: Path | str) -> dict[str, str]:
    """The tags of a whole file; keys in lower case.

    MP4, MOV, Matroska and WebM give their global tags, PNG its texts, JPEG its comment as "comment".

    Raises:
        InputError: missing, or no media file.
    """
    path = Path(path)
    with opened(path) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
        kind = container.format.name
    if kind == "png_pipe":
        tags |= _png_texts(path.read_bytes(), path)
    elif kind == "jpeg_pipe":
        tags |= _jpeg_comment(path.read_bytes())
    return tags


def with_metadata(encoded: bytes, tags: Mapping[str, str]) -> bytes:
    """An encoded picture with tags: all of them as texts in a PNG, "comment" alone in a JPEG.

    WebP and TIFF have no simple place for text: they come back unchanged.
    """
    if encoded.startswith(_PNG):
        header = len(_PNG) + 25  # the IHDR chunk comes first, and has 25 bytes
        texts = b"".join(_png_text(key, value) for key, value in tags.items())
        return encoded[:header] + texts + encoded[header:]
    comment = tags.get("comment", "").encode()
    if encoded.startswith(_JPEG_START) and comment:
        comment = comment[:_LONGEST_COMMENT]
        return (
            _JPEG_START + struct.pack(">BBH", 0xFF, _JPEG_COMMENT, len(comment) + 2) + comment + encoded[2:]
        )
    return encoded


def _png_text(key: str, value: str) -> bytes:
    # iTXt: keyword, not compressed, no language, no translated keyword, UTF-8.
    body = key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + value.encode()
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))


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
    place = len(_PNG)
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
        if marker == _JPEG_COMMENT:
            return {"comment": content[place + 4 : place + 2 + size].decode(errors="replace")}
        if marker == _JPEG_SCAN:
            break
        place += 2 + size
    return {}
