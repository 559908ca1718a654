"""A picture that tells how it was turned."""

from __future__ import annotations

import numpy as np


def quadrants() -> np.ndarray:
    """(48, 64, 3): top left white, top right red, bottom left green, bottom right blue."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24, :32] = 255
    pixels[:24, 32:, 0] = 255
    pixels[24:, :32, 1] = 255
    pixels[24:, 32:, 2] = 255
    return pixels
