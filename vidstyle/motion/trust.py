"""How far a flow may be believed, pixel by pixel (Ruder, Dosovitskiy and Brox 2016, and one test more)."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Pixels
from vidstyle.motion.colour import Map, colour_agreement, slopes
from vidstyle.motion.flow import Flow
from vidstyle.motion.warp import sources, warp

MARGIN = 2
"""Pixels by which the area that fails the tests of flow grows, so that silhouettes lie inside of it.

On rendered scenes with exact occlusion 0, 1, 2, 3 px left 6.0, 3.8, 2.2, 1.5 % of the revealed pixels
trusted, and cost 1.5, 2.2, 3.3, 4.4 % of the trust where the flow was right.
"""

COLOUR_MARGIN = 1
"""The same for the test of colours: less, as it fails in single pixels of fine texture."""

SMOOTHING = 0.8
"""Sigma of the final blur in pixels (Ruder et al. 2016), so that trust ends softly."""


def trust_of(
    frame: Frame | Pixels, previous: Frame | Pixels, flow_to_previous: Flow, flow_from_previous: Flow
) -> Map:
    """How far `flow_to_previous` may be believed: near 0 where revealed, at motion boundaries and borders.

    Args:
        frame: the current frame, or its (H, W, 3) RGB pixels.
        previous: the one before.
        flow_to_previous: (H, W, 2) float32 pixels, from `frame` to `previous`.
        flow_from_previous: (H, W, 2) float32 pixels, from `previous` to `frame`.

    Returns:
        (H, W) float32 in 0..1.
    """
    believed = inside(flow_to_previous) & consistent(flow_to_previous, flow_from_previous)
    believed &= ~motion_boundary(flow_to_previous)
    moved = warp(floats_of(previous), flow_to_previous, interpolation="linear")
    agreement = colour_agreement(floats_of(frame), moved, believed)
    trust = np.minimum(_shrunk(believed.astype(np.float32), MARGIN), _shrunk(agreement, COLOUR_MARGIN))
    return cast(Map, cv2.GaussianBlur(trust, (0, 0), SMOOTHING, borderType=cv2.BORDER_REPLICATE))


def inside(flow: Flow) -> npt.NDArray[np.bool_]:
    """Where p + flow(p) lies within the other frame: (H, W) bool."""
    height, width = flow.shape[:2]
    last = (width - 1.0, height - 1.0)
    within: npt.NDArray[np.bool_] = cv2.inRange(sources(flow), (0.0, 0.0), last) != 0
    return within


def consistent(flow: Flow, reverse: Flow) -> npt.NDArray[np.bool_]:
    """Where going along `flow` and back along `reverse` ends near the start: (H, W) bool.

    |w + v|^2 < 0.01 (|w|^2 + |v|^2) + 0.5, with v the reverse flow at p + w (Sundaram et al. 2010).
    """
    back = warp(reverse, flow, interpolation="linear")
    return _squared(flow + back) < 0.01 * (_squared(flow) + _squared(back)) + 0.5


def motion_boundary(flow: Flow) -> npt.NDArray[np.bool_]:
    """Where the flow changes too fast to be precise: (H, W) bool.

    |grad u|^2 + |grad v|^2 > 0.01 |w|^2 + 0.002, with central differences.
    """
    across, down = slopes(flow)
    return _squared(across) + _squared(down) > 0.01 * _squared(flow) + 0.002


def _shrunk(trust: Map, margin: int) -> Map:
    """The least trust within `margin` pixels."""
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    return cast(Map, cv2.erode(trust, reach, borderType=cv2.BORDER_REPLICATE))


def _squared(vectors: Map) -> Map:
    """Squared length of each vector: (H, W, 2) -> (H, W)."""
    x, y = vectors[..., 0], vectors[..., 1]
    return x * x + y * y


def floats_of(picture: Frame | Pixels) -> Map:
    """(H, W, 3) float32 in 0..1 of a frame, or of its pixels."""
    return (picture if isinstance(picture, Frame) else Frame(picture)).floats()
