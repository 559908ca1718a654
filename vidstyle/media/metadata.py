"""Tags of files, written so that `read_metadata` reads them back."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

PNG = b"\x89PNG\r\n\x1a\n"
JPEG_START, JPEG_COMMENT, JPEG_SCAN = b"\xff\xd8", 0xFE, 0xDA
_LONGEST_COMMENT = 65_533

# The tags that an MP4 holds in its classic form, known to every player.
_CLASSIC = {"title", "artist", "album_artist", "album", "date", "comment", "description", "synopsis", "genre"}
_CLASSIC |= {"copyright", "composer", "lyrics", "show", "episode_id", "network", "grouping", "keywords"}


def muxer_flags(tags: Mapping[str, str]) -> str:
    """Flags that an MP4 muxer needs to keep all of these tags: it drops the ones it does not know."""
    return "" if set(tags) <= _CLASSIC | {"creation_time"} else "+use_metadata_tags"


def with_metadata(encoded: bytes, tags: Mapping[str, str]) -> bytes:
    """An encoded picture with tags: all of them as texts in a PNG, "comment" alone in a JPEG.

    WebP and TIFF have no simple place for text: they come back unchanged.
    """
    if encoded.startswith(PNG):
        header = len(PNG) + 25  # the IHDR chunk comes first, and has 25 bytes
        texts = b"".join(_png_text(key, value) for key, value in tags.items())
        return encoded[:header] + texts + encoded[header:]
    comment = tags.get("comment", "").encode()
    if encoded.startswith(JPEG_START) and comment:
        comment = comment[:_LONGEST_COMMENT]
        return JPEG_START + struct.pack(">BBH", 0xFF, JPEG_COMMENT, len(comment) + 2) + comment + encoded[2:]
    return encoded


def _png_text(key: str, value: str) -> bytes:
    # iTXt: keyword, not compressed, no language, no translated keyword, UTF-8.
    body = key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + value.encode()
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
