"""Warping error: how far the picture departs from the one before, moved along the source's flow."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Motion
from vidstyle.motion import flow_between, trust_of, warp
from vidstyle.motion.warp import Interpolation

Map = npt.NDArray[np.float32]

LEAST_SHARE = 0.01  # of the picture: below it the mean says nothing about the frame


def warping_error(
    pixels: Map, earlier: Map, motion: Motion, *, interpolation: Interpolation = "linear"
) -> float:
    """Mean squared difference where the flow is trusted (Lai et al. 2018, eq. 7).

    E = sum c (O_t - W(O_{t-k}))^2 / sum c, with c the trust. As published it warps the later
    picture back; here the earlier one comes forward, along the flow that the pipeline has. A linear
    warp, as theirs, blurs: pictures sharper than their source are charged for that blur, perfect
    ones too. "lanczos" charges hardly anything for it. Compare with the same error of the source,
    which is the noise floor of the flow and the codec.

    Args:
        pixels: (H, W, 3) float32 in 0..1.
        earlier: (H, W, 3) float32, k frames before.
        motion: from the picture back to the earlier one, found in the source.
        interpolation: between the earlier picture's pixels.

    Returns:
        The mean over channels and trusted pixels, in squared units of 0..1; NaN after a cut or where
        less than 1 % of the picture is trusted.
    """
    weight = float(motion.trust.sum(dtype=np.float64))
    if motion.cut or weight < LEAST_SHARE * motion.trust.size:
        return math.nan
    moved = warp(earlier, motion.flow_to_previous, interpolation=interpolation)
    squared = np.square(pixels - moved).mean(axis=2)
    return float((motion.trust * squared).sum(dtype=np.float64) / weight)


def motion_across(frame: Frame, earlier: Frame) -> Motion:
    """Flow and trust from a frame straight back to one several frames earlier in the same shot.

    Found directly for the gap, as Ruder et al. (2016) do: flows added up would add their errors too.
    """
    back = flow_between(frame, earlier)
    return Motion(back, trust_of(frame, earlier, back, flow_between(earlier, frame)), cut=False)
