"""Where a new shot begins, judged from two frames alone, so that a resumed render decides alike."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Pixels

Map = npt.NDArray[np.float32]

THUMBNAIL = 2304
"""Pixels of the pictures compared (64x36): cuts show at any size, noise and small motion do not."""


def is_cut(previous: Frame | Pixels, frame: Frame | Pixels, trust: Map | None = None) -> bool:
    """Whether `frame` is the first of a shot."""
    if trust is not None and float(trust.mean()) > 0.5:
        return False
    before, now = thumbnail(previous), thumbnail(frame)
    return resemblance(before, now) < 0.35 and colour_distance(before, now) > 0.15


def thumbnail(picture: Frame | Pixels) -> npt.NDArray[np.uint8]:
    """The picture scaled down to about `THUMBNAIL` pixels, (h, w, 3) uint8 RGB."""
    pixels = (picture if isinstance(picture, Frame) else Frame(picture)).bytes()
    height, width = pixels.shape[:2]
    scale = min(1.0, (THUMBNAIL / (height * width)) ** 0.5)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cast(npt.NDArray[np.uint8], cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def colour_distance(before: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8]) -> float:
    """Share of the picture's colours that changed, 0..1."""
    histograms = []
    for picture in (before, now):
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        histogram = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 8], [0, 180, 0, 256, 0, 256])
        histograms.append(histogram / histogram.sum())
    return float(np.abs(histograms[0] - histograms[1]).sum() / 2)


def resemblance(before: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8]) -> float:
    """Correlation of the luma."""
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (before, now))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-6))
