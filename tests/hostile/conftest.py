from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import one_thread, vidstyle  # noqa: F401
from fuzzing import seeds

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def sound() -> dict[str, tuple[str, bytes]]:
    """A suffix and the bytes of a sound file of every kind, 64x48, 8 frames."""
    return seeds.seeds()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sound: dict[str, tuple[str, bytes]]) -> Path:
    """The working folder: clip.mp4, photo.png and style.png lie in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(sound["mp4"][1])
    for name in ("photo.png", "style.png"):
        (tmp_path / name).write_bytes(sound["png"][1])
    return tmp_path
