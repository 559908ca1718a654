"""Full-range YUV from and to RGB, by the matrices of ITU-T H.273.

swscale goes by way of limited range, with fewer levels, and is off by up to 2 of 255 and 4 of 1023.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Pixels
from vidstyle.media.colors import Matrix

# Kr and Kb of H.273, table 4: luma is Kr R + (1 - Kr - Kb) G + Kb B.
_WEIGHTS: dict[Matrix, tuple[float, float]] = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt601": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}


def rgb_from_yuv(codes: npt.NDArray[Any], matrix: Matrix, bits: int) -> Pixels:
    """(H, W, 3) codes -> RGB: uint8 for 8 bits, float32 in 0..1 for more.

    Args:
        codes: Y, Cb, Cr: uint8 for 8 bits; for more, uint16 with the code in the upper `bits`.
        matrix: not "rgb".
        bits: of the format that the codes are from.
    """
    inverse = np.linalg.inv(_matrix(matrix)) / _top(bits)
    constant = -inverse @ _offset(bits)
    values = np.ascontiguousarray(codes).astype(np.float32) / np.float32(_shift(bits))
    rgb = np.clip(_applied(inverse, constant, values), 0, 1)
    return (rgb * 255 + 0.5).astype(np.uint8) if bits <= 8 else rgb


def yuv_from_rgb(rgb: npt.NDArray[np.float32], matrix: Matrix, bits: int) -> npt.NDArray[Any]:
    """(H, W, 3) RGB in 0..1 -> the codes that `rgb_from_yuv` takes, rounded to `bits`."""
    codes = _applied(_matrix(matrix) * _top(bits), _offset(bits), np.ascontiguousarray(rgb))
    whole = (np.clip(codes, 0, _top(bits)) + 0.5).astype(np.uint16)
    # Rounded here: swscale cuts bits off where it only moves them.
    return whole.astype(np.uint8) if bits <= 8 else whole * np.uint16(_shift(bits))


def _applied(
    matrix: npt.NDArray[np.float64], constant: npt.NDArray[np.float64], values: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    affine = np.hstack([matrix, constant[:, None]]).astype(np.float32)
    return cv2.transform(values, affine).astype(np.float32, copy=False)


def _matrix(name: Matrix) -> npt.NDArray[np.float64]:
    """RGB in 0..1 to Y in 0..1 and Cb, Cr in -0.5..0.5."""
    red, blue = _WEIGHTS[name]
    luma = np.array([red, 1 - red - blue, blue])
    cb = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    cr = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    return np.stack([luma, cb, cr])


def _top(bits: int) -> int:
    return int(2**bits - 1)


def _offset(bits: int) -> npt.NDArray[np.float64]:
    return np.array([0.0, 2.0 ** (bits - 1), 2.0 ** (bits - 1)])


def _shift(bits: int) -> int:
    return 1 if bits <= 8 else int(2 ** (16 - bits))
