from __future__ import annotations

from pathlib import Path

import pytest
from commands import hasty, one_thread, vidstyle  # noqa: F401
from tiny_media import write_clip, write_image


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: clip.mp4 (4 frames, 64x48, sound) and style.png lie in it."""
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "clip.mp4")
    write_image(tmp_path / "style.png")
    return tmp_path
