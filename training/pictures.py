"""The pictures that the training scripts learn from, and those that they hold out."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np

HELD_OUT_PHOTOS, HELD_OUT_STYLES = 50, 8


def picture(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    stored = cv2.imread(str(path))
    if stored is None:
        raise SystemExit(f"{path} is no picture")
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)


def pictures(folder: Path, held_out: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(training, held out) pictures of a folder, (H, W, 3) uint8 RGB; the names' hashes decide."""
    paths = sorted(folder.glob("*.jpg"), key=lambda p: hashlib.sha256(p.name.encode()).digest())
    loaded = [picture(path) for path in paths]
    return loaded[:-held_out], loaded[-held_out:]
