"""Files that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from vidstyle.errors import OutputError


def part_path(path: Path) -> Path:
    """Where `path` is written until it is whole: `.name.part.ext` beside it, so that renaming is atomic."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives the path to write to; renames it to `path` when the block ends well, removes it otherwise.

    The file is on the disk, not only in memory, before it is renamed.

    Raises:
        OutputError: it cannot be written: no space, no permission, no such folder.
    """
    if path.is_dir():
        raise OutputError("is a folder", where=path, hint="Give the name of a file.")
    if not path.parent.is_dir():
        raise OutputError("its folder does not exist", where=path, hint=f"Create {path.parent} first.")
    part = part_path(path)
    finished = False
    try:
        with telling_output_errors(path):
            yield part
            _flush(part)
            part.replace(path)
            _flush(path.parent)
        finished = True
    finally:
        if not finished:
            part.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file atomically.

    Raises:
        OutputError: it cannot be written.
    """
    with replacing(path) as part:
        part.write_bytes(content)


@contextmanager
def telling_output_errors(path: Path) -> Iterator[None]:
    """Turns errors of the system and of FFmpeg while writing `path` into OutputError."""
    try:
        yield
    except MemoryError:  # one of FFmpeg's errors too, and not about the file
        raise
    except (av.FFmpegError, OSError) as error:
        number = getattr(error, "errno", None)
        if is_out_of_space(error):
            raise OutputError(
                "no space left to write it", where=path, hint="Free some space, or write elsewhere."
            ) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise OutputError("may not be written", where=path, hint="Check its permissions.") from error
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot be written ({reason})", where=path, hint="Check the place and the encoder's options."
        ) from error


def is_out_of_space(error: BaseException) -> bool:
    """The disk, a quota or the largest size of a file is exhausted."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _flush(path: Path) -> None:
    """Force a file or folder out of the system's memory; folders cannot be opened so on Windows."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
