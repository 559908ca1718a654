"""A small film whose shots are known, and a painter whose pictures tell its settings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, VideoShape, VideoWriter
from vidstyle.pipeline import Painter
from vidstyle.pipeline.footage import Footage
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

HEIGHT, WIDTH, RATE = 48, 64, 8
BLACK = -1  # a shot of nothing


def texture(seed: int) -> np.ndarray:
    """(H, W, 3) blobs of colour; those of another seed are another scene."""
    if seed == BLACK:
        return np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    small = np.random.default_rng(seed).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def write_film(path: Path, lengths: Sequence[int], seeds: Sequence[int] = (10, 11, 12), sar: int = 1) -> Path:
    shape = VideoShape(WIDTH, HEIGHT, Fraction(1, RATE), Fraction(RATE), Fraction(sar))
    keyframes = Encoding(crf=12, options={"g": "4", "keyint_min": "4", "sc_threshold": "0"})
    with VideoWriter(path, shape, keyframes) as writer:
        index = 0
        for seed, length in zip(seeds, lengths, strict=False):
            for step in range(length):
                pixels = np.roll(texture(seed), step, axis=1)
                writer.add(Frame(pixels, index, Fraction(1, RATE), index))
                index += 1
    return path


class Telling:
    """Paints flat: red is the strength, green the style's first red value, blue how often it was `next`."""

    def __init__(self, styles: Sequence[StylePicture], settings: Settings) -> None:
        self._color = [round(255 * settings.strength), int(styles[0].pixels[0, 0, 0]), 0]

    def start(self, frame: Frame) -> Frame:
        self._color[2] = 0
        return self._flat(frame)

    def next(self, frame: Frame, motion: Motion) -> Frame:
        self._color[2] += 1
        return self._flat(frame)

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: object) -> None:
        pass

    def _flat(self, frame: Frame) -> Frame:
        return frame.with_pixels(np.full(frame.pixels.shape, self._color, np.uint8))


def telling(styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None) -> Painter:
    return Painter(Telling(styles, settings), "w" * 64)
