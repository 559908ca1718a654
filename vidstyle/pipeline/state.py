"""The state folder beside an output: what a stopped render left, and whether it fits this one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidstyle.errors import OutputError
from vidstyle.media.atomic import telling_output_errors, write_bytes
from vidstyle.pipeline.hashes import digest, sha256
from vidstyle.pipeline.lock import NAME as LOCK
from vidstyle.pipeline.lock import locked
from vidstyle.pipeline.segments import Shelf

FORMAT = 9
JOB = "job.json"
ASIDE = "pictures"  # numbered pictures on their way to their names
HINT = "Add --restart to drop it and begin anew, or give another output."

Identity = Mapping[str, Any]
"""Everything that the frames of a render depend on, as plain JSON values by name."""


def folder_of(output: Path) -> Path:
    """Where the state of a render to `output` lies."""
    return output.parent / f".{output.name}.vidstyle-state"


class State:
    """The state folder of one render, locked; made by `opened`.

    Attributes:
        folder: the state folder.
        identity: what this render's frames depend on.
        shelf: the segments in it that are whole.
        damaged: how many segments an earlier run left that are not.
    """

    def __init__(self, folder: Path, identity: Identity, suffix: str) -> None:
        self.folder, self.identity = folder, identity
        self.shelf = Shelf(folder, digest(identity), suffix)
        self.damaged = 0

    def begin(self, output: Path) -> None:
        """Find what an earlier run left, and write down whose state this is.

        Raises:
            OutputError: it is of a render that this one does not go on from.
        """
        check_fit(output, self.identity)
        self.damaged = self.shelf.load()
        job = _read_job(self.folder)
        if job is None and self.damaged and not self.shelf.frames():
            # Nothing here vouches for itself: it may be the work of another render.
            raise OutputError("what an earlier run left is damaged", where=output, hint=HINT)
        if job is None or job["identity"] != self.identity:
            self._write_job(None)

    def publish(self, whole: Path, output: Path, frames: int) -> None:
        """Give a finished file its final name.

        What it holds is written down before: this process may be stopped right after, and the next
        one must know that nothing is left to do.

        Raises:
            OutputError: it cannot be written there.
        """
        self._write_job({"sha256": sha256(whole), "frames": frames})
        with telling_output_errors(output):
            whole.replace(output)
            _sync_folder(output.absolute().parent)

    def published(self, output: Path) -> int | None:
        """Frames in the output, if an earlier run published it and was stopped before it said so."""
        return published(output, self.identity)

    def clear(self) -> None:
        """Remove all that lies in the folder, what tells of a finished output last."""
        shutil.rmtree(self.folder / ASIDE, ignore_errors=True)
        ours = [path for path in self.folder.iterdir() if path.name != LOCK]
        for path in sorted(ours, key=lambda path: path.name == JOB):
            path.unlink(missing_ok=True)

    def _write_job(self, output: Mapping[str, Any] | None) -> None:
        job = {"format": FORMAT, "identity": dict(self.identity), "output": output}
        write_bytes(self.folder / JOB, json.dumps({"job": job, "sha256": digest(job)}, indent=1).encode())


@contextmanager
def opened(
    output: Path, identity: Identity, *, suffix: str = ".mp4", restart: bool = False
) -> Iterator[State]:
    """The state of a render, held for it alone; a folder that holds no segment is removed at the end.

    Args:
        output: of the render.
        identity: what its frames depend on.
        suffix: of the segments' files.
        restart: drop what an earlier run left.

    Raises:
        OutputError: another render holds it, it is of a render with other settings, or a link.
    """
    folder = folder_of(output)
    if folder.is_symlink():  # what lies in it is removed at the end: it must be ours
        raise OutputError("is a link", where=folder, hint="Remove it, or give another output.")
    try:
        with locked(folder, output):
            state = State(folder, identity, suffix)
            try:
                if restart:
                    state.clear()
                state.begin(output)
                yield state
            finally:
                if not _has_segments(folder):
                    state.clear()
    finally:
        with suppress(OSError):  # it holds segments, or the next render took it
            folder.rmdir()


def check_fit(output: Path, identity: Identity) -> None:
    """Refuse to go on from the segments of a different render.

    Args:
        output: of the render.
        identity: what its frames depend on; a part of it is enough.

    Raises:
        OutputError: what an earlier run left does not fit; the message says in what it differs.
    """
    folder = folder_of(output)
    job = _read_job(folder)
    if job is None or not _has_segments(folder):
        return
    if job["format"] != FORMAT:
        raise OutputError(
            "an unfinished render by another version of vidstyle lies beside it", where=output, hint=HINT
        )
    differing = list(differences(job["identity"], identity))
    if differing:
        raise OutputError(
            f"an unfinished render of it differs in {', '.join(differing)}", where=output, hint=HINT
        )


def published(output: Path, identity: Identity) -> int | None:
    """Frames in the output, if it is whole and made by a run of this render that was stopped right after.

    Args:
        output: of the render.
        identity: what its frames depend on; a part of it is enough.
    """
    job = _read_job(folder_of(output))
    if job is None or job["format"] != FORMAT or job["output"] is None or not output.is_file():
        return None
    if any(differences(job["identity"], identity)) or sha256(output) != job["output"]["sha256"]:
        return None
    return int(job["output"]["frames"])


@dataclass(frozen=True)
class Unfinished:
    """What a stopped render left.

    Attributes:
        identity: what its frames depend on.
        frames: how many it finished, as its records say; they are checked when it goes on.
    """

    identity: Identity
    frames: int


def unfinished(output: Path) -> Unfinished | None:
    """What a stopped render to `output` left, or None if there is nothing to go on from."""
    folder = folder_of(output)
    job = _read_job(folder)
    if job is None or job["format"] != FORMAT or not _has_segments(folder):
        return None
    return Unfinished(job["identity"], sum(map(_frames_told, folder.glob("*.json"))))


def differences(before: Identity, now: Identity, inside: str = "") -> Iterator[str]:
    """What differs between two identities, in words: "settings steps (8 then, 3 now)".

    Only what `now` tells is compared.
    """
    for name, new in now.items():
        old = before.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, f"{inside}{name} ")
        elif any(isinstance(value, (Mapping, list)) or _is_hash(value) for value in (old, new)):
            yield f"{inside}{name}"
        else:
            yield f"{inside}{name} ({old} then, {new} now)"


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlast a power failure; Windows opens no folders, and journals renames."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64


def _frames_told(record: Path) -> int:
    """How many frames a segment's record tells of; 0 for other files and damaged ones."""
    if not record.stem.isdecimal():
        return 0
    try:
        return len(json.loads(record.read_bytes())["segment"]["pts"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return 0


def _has_segments(folder: Path) -> bool:
    return folder.is_dir() and any(path.stem.isdecimal() for path in folder.glob("*.json"))


def _read_job(folder: Path) -> dict[str, Any] | None:
    """What `job.json` tells, or None if it is missing or damaged: then the segments vouch for themselves."""
    try:
        told = json.loads((folder / JOB).read_bytes())
        job: dict[str, Any] = told["job"]
        return job if told["sha256"] == digest(job) else None
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
