from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `small_media`, `cheap_painters` and `fleets` lie here

from fleets import clip, of, style, whole  # noqa: F401
from small_media import write_clip, write_picture


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: `clip.mp4` of two shots, three frames each, and `style.png`."""
    write_clip(tmp_path / "clip.mp4", (3, 3))
    write_picture(tmp_path / "style.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path
