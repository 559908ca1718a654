"""One render at a time on one state folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from vidstyle.errors import OutputError
from vidstyle.media.atomic import telling_output_errors

NAME = "lock"
# Windows locks bytes and forbids reading them: lock one far behind the text.
_FAR = 1 << 20


@contextmanager
def locked(folder: Path, output: Path) -> Iterator[None]:
    """Hold a folder for this render alone, made if need be; the lock file goes when the block ends.

    The operating system holds the lock and drops it with its process, however that ends: a lock
    of a dead process is no obstacle, and a process id that was given to another is no deceit.

    Raises:
        OutputError: another render holds it; the message names its process.
    """
    path = folder / NAME
    while True:
        try:
            with telling_output_errors(output):
                folder.mkdir(exist_ok=True)
            file = path.open("a+b")
        except FileNotFoundError:
            continue  # its holder finished and removed the folder in between
        try:
            if not _take(file):
                file.seek(0)
                holder = file.read(_FAR).decode(errors="replace").strip() or "another process"
                raise OutputError(
                    f"is being rendered by {holder}", where=output, hint="Wait for it, or stop it first."
                )
            if _is_the_file_at(file, path):
                break
        except BaseException:
            file.close()
            raise
        file.close()  # its holder finished and removed it in between: lock the new one
    try:
        file.truncate(0)
        file.write(f"process {os.getpid()}".encode())
        file.flush()
        yield
    finally:
        if os.name != "nt":  # Windows removes no open file
            path.unlink(missing_ok=True)
        file.close()
        if os.name == "nt":
            path.unlink(missing_ok=True)


def _is_the_file_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _take(file: BinaryIO) -> bool:
    if sys.platform == "win32":
        import msvcrt

        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
