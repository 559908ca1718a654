"""Small real media, and manifests that use them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from vidstyle.frames import Frame
from vidstyle.media import Encoding, VideoShape, VideoWriter, read

HEIGHT, WIDTH = 48, 64

QUICK = """
quality = "draft"
first_steps = [1]
steps = 1
min_steps = 1
device = "cpu"
"""


def texture(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def write_picture(path: Path, seed: int = 0) -> Path:
    cv2.imwrite(str(path), texture(seed))
    return path


def write_clip(path: Path, shots: tuple[int, ...] = (4,), seed: int = 10) -> Path:
    """Shots of so many frames: a texture a shot, moving by two pixels a frame."""
    with VideoWriter(path, VideoShape(WIDTH, HEIGHT), Encoding(crf=12)) as writer:
        index = 0
        for shot, frames in enumerate(shots):
            for step in range(frames):
                writer.add(Frame(np.roll(texture(seed + shot), 2 * step, axis=1), pts=index, index=index))
                index += 1
    return path


def frames_of(path: Path) -> int:
    return sum(1 for _ in read(path))


def pixels_of(path: Path) -> list[bytes]:
    return [frame.pixels.tobytes() for frame in read(path)]


def manifest(folder: Path, text: str, name: str = "jobs.toml") -> Path:
    path = Path(name) if folder == Path.cwd() else folder / name
    path.write_text(text, encoding="utf-8")
    return path
