"""No space while anything is written: a clear error, nothing under the final name, and a way on."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from blending import job, run
from clips import FRAMES, times_of

from vidstyle.errors import OutputError
from vidstyle.media import Encoding
from vidstyle.pipeline import Finished, Job
from vidstyle.pipeline.state import folder_of

resource = pytest.importorskip("resource", reason="no limits on the size of files here")


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """As on a full disk, but per file: writing past so many bytes fails (EFBIG)."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def of(clip: Path, style: Path, tmp_path: Path) -> Job:
    # Lossless, so that the whole outweighs every single file of the state.
    return job(clip, style, tmp_path / "out.mkv", encoding=Encoding("ffv1"))


def sizes_of_a_render(of: Job, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The largest file of each kind that a render writes."""
    sizes: dict[str, int] = {}

    def measure(state: object) -> None:
        for path in folder_of(of.output).iterdir():
            kind = path.name.partition(".")[2] or path.name
            kind = "job" if path.name == "job.json" else kind
            sizes[kind] = max(sizes.get(kind, 0), path.stat().st_size)
        for path in folder_of(of.output).iterdir():
            path.unlink()

    with monkeypatch.context() as patch:
        patch.setattr("vidstyle.pipeline.state.State.clear", measure)
        run(of)
    sizes["whole"] = of.output.stat().st_size
    of.output.unlink()
    return sizes


@pytest.mark.parametrize(
    ("kind", "share"), [("job", 0.5), ("mp4", 0.3), ("mp4", 0.9), ("carry.npz", 0.5), ("whole", 0.7)]
)
def test_no_space_is_told_and_resumable(
    of: Job, monkeypatch: pytest.MonkeyPatch, kind: str, share: float
) -> None:
    sizes = sizes_of_a_render(of, monkeypatch)
    assert sizes["whole"] * 0.7 > max(sizes["mp4"], sizes["carry.npz"])
    limit = int(sizes[kind] * share)
    with no_file_above(limit), pytest.raises(OutputError, match="no space left to write it") as error:
        run(of)
    assert not of.output.exists()
    assert not list(of.output.parent.rglob("*.part*"))
    if kind == "whole":
        assert "what is finished is kept" in error.value.hint
    events = run(of)
    assert isinstance(events[-1], Finished)
    assert (events[-1].resumed_frames > 0) == (kind == "whole")
    assert len(times_of(of.output)) == FRAMES


def test_no_space_for_the_record_of_a_segment_is_told_and_resumable(
    of: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is the smallest file of all: on a disk that fills up it alone may be what lacks room."""
    written = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "00001" in path.name and path.suffix == ".json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return written(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OutputError, match="no space left to write it"):
            run(of)
    assert not of.output.exists()
    events = run(of)
    assert isinstance(events[-1], Finished)
    assert 0 < events[-1].resumed_frames < FRAMES
    assert len(times_of(of.output)) == FRAMES
