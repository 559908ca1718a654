"""Source and result in one picture, to be compared: beside each other, or on both sides of a line."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Literal, cast

import numpy as np

from vidstyle.frames import Frame, Pixels
from vidstyle.media import VideoShape
from vidstyle.media.hdr import HLG, PQ

Comparison = Literal["side", "split", "wipe"]
"""`side`: the source at the left, the result at the right, both whole. `split`: one picture, divided by a
line in the middle. `wipe`: the same, and the line moves."""

SWING = 4.0
"""Seconds in which the line of a wipe goes from the right border to the left one and back."""

# Where white paper lies (ITU-R BT.2408): full code values of HDR would dazzle.
_WHITE = {PQ: 0.58, HLG: 0.75}


def compared_shape(shape: VideoShape, compare: Comparison | None) -> VideoShape:
    """The shape of the frames that are written, of that of the frames that are painted."""
    return replace(shape, width=2 * shape.width) if compare == "side" else shape


def compared(
    source: Frame,
    painted: Frame,
    shape: VideoShape,
    compare: Comparison | None,
    since: Fraction = Fraction(0),
) -> Frame:
    """What is written of a frame; depends on the frame alone, so that it is the same after a resume.

    Args:
        source: (H, W) the frame, as it was painted from.
        painted: (H, W) the result.
        shape: of the painted frames.
        compare: how they are shown; None: the result alone.
        since: seconds on the source's clock at which the line of a wipe sets out.
    """
    if compare is None:
        return painted
    if compare == "side":
        return beside(source, painted)
    share = 0.5 if compare == "split" else swing(float(source.seconds - since))
    return divided(source, painted, share, _WHITE.get(shape.colors.transfer, 1.0))


def swing(seconds: float) -> float:
    """Where the line of a wipe is, as a share of the width: 1, all source, at first; then to 0 and back."""
    return 0.5 + 0.5 * math.cos(2 * math.pi * seconds / SWING)


def beside(source: Frame, painted: Frame) -> Frame:
    """(H, 2 W): the source at the left, the result at the right; transparency goes along."""
    alpha = None
    if source.alpha is not None and painted.alpha is not None:
        alpha = _joined(source.alpha, painted.alpha)
    return replace(painted, pixels=_joined(source.pixels, painted.pixels), alpha=alpha)


def divided(source: Frame, painted: Frame, share: float, white: float = 1.0) -> Frame:
    """(H, W): the source left of a line, the result right of it; the line is opaque.

    Args:
        source: (H, W).
        painted: (H, W).
        share: of the width that the source takes, 0..1.
        white: brightness of the line, 0..1.
    """
    column = round(share * painted.width)
    pixels = _joined(source.pixels[:, :column], painted.pixels[:, column:])
    full = 255 if pixels.dtype == np.uint8 else 1
    half = max(1, painted.height // 540)
    # Dark edges: else it would be lost on white.
    pixels[:, max(0, column - half - 1) : column + half + 1] = 0
    pixels[:, max(0, column - half) : column + half] = full * white
    alpha = painted.alpha
    if alpha is not None:
        alpha = alpha.copy()
        alpha[:, max(0, column - half - 1) : column + half + 1] = 255 if alpha.dtype == np.uint8 else 1
    return replace(painted, pixels=pixels, alpha=alpha)


def _joined(left: Pixels, right: Pixels) -> Pixels:
    """One beside the other: bytes if both are; else floats, so that no bit of the deeper is lost."""
    if left.dtype != right.dtype:
        left, right = Frame(left).floats(), Frame(right).floats()
    return cast(Pixels, np.concatenate([left, right], axis=1))
