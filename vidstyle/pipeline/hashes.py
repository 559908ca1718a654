"""Fingerprints of files and of JSON values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from vidstyle.media.sequence import is_sequence, pictures_of


def sha256(path: Path) -> str:
    """The sha256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def input_sha256(path: Path) -> str:
    """The sha256 of a source or style, all of it: read once for as long as the file is not touched.

    Numbered pictures are told by all of theirs.

    All of it, since it is also what the output's metadata tell: reading a clip takes a second a
    gigabyte, and painting that much takes hours.
    """
    if is_sequence(path):
        pictures = {each.name: input_sha256(each) for each in pictures_of(path)}
        return digest(pictures)
    facts = path.stat()
    return _remembered(path.resolve(), facts.st_size, facts.st_mtime_ns, facts.st_ino)


@lru_cache(maxsize=1024)
def _remembered(path: Path, size: int, changed: int, inode: int) -> str:
    return sha256(path)


def digest(value: Mapping[str, Any]) -> str:
    """sha256 of a JSON value, the same however its keys are ordered."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
