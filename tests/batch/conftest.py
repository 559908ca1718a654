from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `small_media`, `cheap_painters` and `fleets` lie here

from fleets import clip, of, style, whole  # noqa: F401
from small_media import write_clip, write_picture


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `clip.mp4` of two shots, three frames each, `other.mp4` of one shot, and `style.png`."""
    folder = tmp_path_factory.mktemp("media")
    write_clip(folder / "clip.mp4", (3, 3))
    write_clip(folder / "other.mp4", (4,))
    write_picture(folder / "style.png")
    return folder


@pytest.fixture
def folder(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with copies of the media."""
    for path in media.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path
