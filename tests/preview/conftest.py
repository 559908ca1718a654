from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `shown_media` lies here

from shown_media import texture, write_film

from vidstyle.media import write_picture


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three shots of 16, 8 and 8 frames, 64x48, 8 a second, a keyframe every fourth."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", (16, 8, 8))


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two pictures, red.png and blue.png."""
    folder = tmp_path_factory.mktemp("styles")
    for seed, name in enumerate(("red", "blue")):
        write_picture(folder / f"{name}.png", texture(50 + seed))
    return folder / "red.png", folder / "blue.png"
