"""Sharpness: the energy of the luma's gradient, which a blur takes away and noise adds to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709


def gradient_energy(pixels: npt.NDArray[np.float32]) -> float:
    """Mean squared difference of neighbouring lumas, across plus down.

    Args:
        pixels: (H, W, 3) float32 RGB in 0..1, sides of at least 2.

    Returns:
        In squared units of 0..1 per pixel; 0 for a flat picture.
    """
    luma = pixels @ LUMA
    across, down = np.diff(luma, axis=1), np.diff(luma, axis=0)
    return float(np.square(across).mean(dtype=np.float64) + np.square(down).mean(dtype=np.float64))
