"""What the tests of fleets share: a clip of two shots, what one machine makes of it, a cheap painter."""

from __future__ import annotations

import sys
from contextlib import chdir
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "pipeline"))  # `blending` and `clips` lie there

from blending import job, run
from clips import make_clip, make_picture

from vidstyle.pipeline import Job


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames, 64x48, of uneven times, a hard cut at frame 21, with sound."""
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")


@pytest.fixture(scope="session")
def style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_picture(tmp_path_factory.mktemp("style") / "style.png")


@pytest.fixture(scope="session")
def whole(clip: Path, style: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a render on this machine alone gives."""
    with chdir(tmp_path_factory.mktemp("whole")):
        run(job(clip, style, Path("out.mp4")))
        return Path("out.mp4").read_bytes()


@pytest.fixture
def of(clip: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose output has one name for all tests: its metadata tell it."""
    monkeypatch.chdir(tmp_path)
    return job(clip, style, Path("out.mp4"))
