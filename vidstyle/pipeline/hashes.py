"""Fingerprints of files, of arrays and of JSON values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vidstyle.media.sequence import is_sequence, pictures_of

HASHED_AT_ONCE = 4  # arrays: of a painter's memory four make up nearly all


def sha256(path: Path) -> str:
    """The sha256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(arrays: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """The sha256 of arrays' names, types, shapes and numbers, the same however they lie in memory."""
    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:  # hashing lets other threads run
        each = dict(zip(arrays, pool.map(array_fingerprint, arrays.values()), strict=True))
    return digest(each)


def array_fingerprint(array: npt.NDArray[np.generic]) -> tuple[str, tuple[int, ...], str]:
    """The type, the shape, and the sha256 of the numbers in their order, however they lie in memory."""
    array = np.asarray(array)
    return array.dtype.str, array.shape, hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


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
