"""Whether a picture shows what another one showed, but for what a codec adds."""

from __future__ import annotations

import cv2
import numpy as np

from vidstyle.frames import Frame

# Set on a still clip in H.264: from frame to frame its means change by 0.1 of a level (by 0.2 with grain of a
# standard deviation of 2), its 8x8 blocks by up to 5 (CRF 28). A fade by a 250th changes the mean by 0.5.

DRIFT = 0.4
"""Mean difference, in levels of 255, at which light has changed or much has moved: steps too small to see."""

SPOT = 7.0
"""Difference of the mean of a small window, in levels, at which something has moved in it."""

WINDOW = 8
"""Pixels of the windows' sides: a codec's blocks, so that what it adds averages out."""


def unchanged(reference: Frame, frame: Frame) -> bool:
    """Whether `frame` shows what `reference` showed; the same pixels always do.

    Compare with the frame that a painting was made for, not with the one before: else a slow fade, each
    step of which is too small to see, would never be seen.
    """
    if frame.pixels.shape != reference.pixels.shape or frame.pixels.dtype != reference.pixels.dtype:
        return False
    scale = 1.0 if frame.pixels.dtype == np.uint8 else 255.0
    channels = np.asarray(cv2.mean(cv2.absdiff(frame.pixels, reference.pixels))[:3])
    if scale * float(channels.mean()) > DRIFT:
        return False
    difference = cv2.subtract(frame.pixels, reference.pixels, dtype=cv2.CV_32F)
    windows = cv2.blur(difference, (WINDOW, WINDOW), borderType=cv2.BORDER_REPLICATE)
    return scale * max(abs(float(windows.min())), abs(float(windows.max()))) <= SPOT
