"""Which way is up: the display matrix of phone clips and photos, applied to pixels."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from vidstyle.frames import Pixels


@dataclass(frozen=True)
class Orientation:
    """How a coded picture is turned to stand upright: first mirrored, then rotated.

    Attributes:
        rotation: degrees counter-clockwise: 0, 90, 180 or 270.
        flipped: mirrored left to right before it is rotated.
    """

    rotation: int = 0
    flipped: bool = False

    @property
    def swaps_sides(self) -> bool:
        """Width and height change places."""
        return self.rotation in (90, 270)

    def upright(self, pixels: Pixels) -> Pixels:
        """(H, W) or (H, W, 3) as coded -> upright, with the sides swapped where it is turned; contiguous."""
        turned = pixels[:, ::-1] if self.flipped else pixels
        return cast(Pixels, np.ascontiguousarray(np.rot90(turned, self.rotation // 90)))


def orientation_of(frame: VideoFrame) -> Orientation:
    """The orientation that a decoded frame asks for, by its display matrix.

    A matrix that turns by anything but a multiple of 90 degrees is rounded to the nearest one.
    """
    try:
        # A container of buffers, whatever its stub says; absent keys are told by `get`.
        side_data: Any = frame.side_data
    except ValueError:
        # PyAV 18 stumbles over kinds of side data that it does not know (EXIF); mirroring is then lost.
        return Orientation(rotation=round(frame.rotation / 90) % 4 * 90)
    matrix = side_data.get(Type.DISPLAYMATRIX)
    return Orientation() if matrix is None else from_matrix(bytes(matrix))


def from_matrix(matrix: bytes) -> Orientation:
    """The orientation that a display matrix means.

    Args:
        matrix: nine native int32 [a b u; c d v; x y w] (16.16 fixed point): a source pixel (p, q), q down,
            is shown at (a p + c q, b p + d q).
    """
    a, b, _, c, d = struct.unpack("=5i", matrix[:20])
    flipped = a * d - b * c < 0
    if flipped:
        a, b = -a, -b  # undo the mirroring of p, which comes first
    if a == b == 0:
        return Orientation()
    clockwise = math.degrees(math.atan2(b, a))
    return Orientation(rotation=round(-clockwise / 90) % 4 * 90, flipped=flipped)
