"""Weights fetched once into the user's cache: checked against their sha256, never half there."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from vidstyle.errors import WeightsError

Progress = Callable[[int, int | None], None]  # bytes so far, bytes in all if the server says

PIECE = 1 << 20
TIMEOUT = 30.0  # seconds without a byte


def cache_folder() -> Path:
    """Where fetched weights are kept: VIDSTYLE_CACHE, or the user's cache folder; made by the first fetch."""
    return Path(os.environ.get("VIDSTYLE_CACHE") or platformdirs.user_cache_dir("vidstyle"))


def fetch(url: str, sha256: str, filename: str, progress: Progress | None = None) -> Path:
    """The cached file, fetched first where it is not there yet.

    The file gets its name only when it is whole and its hash is right, so that a name in the cache
    can be trusted and two processes may fetch at once.

    Args:
        url: where it lies.
        sha256: its hash in hex, or the first digits of it.
        filename: its name in the cache.
        progress: told the bytes so far and in all (None where the server does not say).

    Raises:
        WeightsError: no connection, an incomplete transfer, a wrong hash, or no room in the cache.
    """
    target = cache_folder() / filename
    if target.is_file():
        return target
    partial: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{filename}.", suffix=".part", dir=target.parent)
        partial = Path(name)
        with os.fdopen(handle, "wb") as file:
            digest = hashlib.sha256()
            for piece in _download(url, target, progress):
                file.write(piece)
                digest.update(piece)
        if not digest.hexdigest().startswith(sha256.lower()):
            raise _failure(
                f"what was fetched has sha256 {digest.hexdigest()[:16]}, not {sha256}", url, target
            )
        partial.replace(target)
    except OSError as error:
        raise WeightsError(
            f"cannot be written ({error.strerror or error})",
            where=target,
            hint="Make room there, or give the weights with --weights FILE.",
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
    return target


def _download(url: str, target: Path, progress: Progress | None) -> Iterator[bytes]:
    """The bytes at `url`, piece by piece; network faults become WeightsErrors here, not in `fetch`,
    because urllib's errors and those of a full disk are both OSErrors."""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "vidstyle"})
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        raise _failure(f"the server answered {error.code} {error.reason}", url, target) from error
    except (OSError, http.client.HTTPException) as error:
        raise _failure(f"no connection ({getattr(error, 'reason', error)})", url, target) from error
    with response:
        declared = response.headers.get("Content-Length")
        total = int(declared) if declared and declared.isdigit() else None
        done = 0
        while True:
            try:
                piece = response.read(PIECE)
            except (OSError, http.client.HTTPException) as error:
                raise _failure(f"the transfer broke after {done} bytes ({error})", url, target) from error
            if not piece:
                break
            done += len(piece)
            if progress is not None:
                progress(done, total)
            yield piece
    if total is not None and done != total:
        raise _failure(f"the transfer ended after {done} of {total} bytes", url, target)


def _failure(reason: str, url: str, target: Path) -> WeightsError:
    return WeightsError(
        f"could not be fetched from {url}: {reason}",
        where=target,
        hint="Put the file there yourself, or give one with --weights FILE.",
    )
