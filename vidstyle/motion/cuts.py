"""Where a new shot begins, judged from two frames alone, so that a resumed render decides alike."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Pixels

Map = npt.NDArray[np.float32]
Thumbnail = npt.NDArray[np.uint8]

# The thresholds were set on some 3,000 pairs made from photographs (cuts, flashes, fades, dissolves, pans,
# light changes) and on real clips; tests/motion/test_cuts.py holds the kinds.

THUMBNAIL = 2304
"""Pixels of the pictures compared (64x36): cuts show at any size; noise and small motion do not."""

TRUSTED = 0.2
"""Mean trust above which a frame follows from the one before: at cuts it is below 0.1, 97 times in 100."""

SIMILAR = 0.35
"""Resemblance above which two pictures show one thing: of cuts, 97 in 100 stay below 0.23."""

ALIGNED = 0.45
"""Sharpness of the phase correlation above which one picture is the other, shifted: a fast pan."""

NEW_COLOURS = 0.25
"""Least share of changed colours at a cut; a pan by a fifth of the picture's width changes 0.22."""

FLAT = 2.5
"""Standard deviation, in levels, below which a picture is blank: a black leader, the peak of a flash."""

NEW_LIGHT = 0.2
"""Change of mean luma, in 0..1, at which a picture springs from a blank one rather than fading in."""


def is_cut(previous: Frame | Pixels, frame: Frame | Pixels, trust: Map | None = None) -> bool:
    """Whether `frame` begins a new shot.

    A cut changes all at once: the flow fails, the structure differs in place and when shifted, and
    the colours differ. A flash or a change of light keeps the structure, a dissolve or a fade most of
    it at each step, a pan the colours. A blank frame ends no shot; a picture that springs from one
    starts a shot.

    Args:
        previous: the frame before, or its (H, W, 3) RGB pixels.
        frame: the frame in question, of the same size.
        trust: (H, W) float32 in 0..1, trust in the flow between the two; None if not known,
            which only makes very busy motion harder to tell from a cut.
    """
    before, now = thumbnail(previous), thumbnail(frame)
    old, new = _luma(before), _luma(now)
    if new.std() < FLAT or resemblance(old, new) > SIMILAR:
        return False
    if old.std() < FLAT:
        return abs(float(new.mean() - old.mean())) > NEW_LIGHT * 255
    if trust is not None and float(trust.mean()) > TRUSTED:
        return False
    if _shifted(old, new) > ALIGNED:
        return False
    return colour_distance(before, now) > NEW_COLOURS


def is_blank(frame: Frame | Pixels) -> bool:
    """Whether nothing can be seen in a picture: a black leader, the peak of a flash."""
    return float(_luma(thumbnail(frame)).std()) < FLAT


def thumbnail(picture: Frame | Pixels) -> Thumbnail:
    """The picture scaled down to about `THUMBNAIL` pixels: (h, w, 3) uint8 RGB."""
    pixels = (picture if isinstance(picture, Frame) else Frame(picture)).bytes()
    height, width = pixels.shape[:2]
    scale = min(1.0, (THUMBNAIL / (height * width)) ** 0.5)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cast(Thumbnail, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def colour_distance(before: Thumbnail, now: Thumbnail) -> float:
    """Share of the pixels whose hue, saturation and value changed bins: 0..1, blind to place."""
    histograms = []
    for picture in (before, now):
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        counts = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 8], [0, 180, 0, 256, 0, 256])
        histograms.append(counts / counts.sum())
    return float(np.abs(histograms[0] - histograms[1]).sum() / 2)


def resemblance(before: Map, now: Map) -> float:
    """Correlation of two pictures within small windows, -1..1: blind to brightness, contrast and haze.

    Args:
        before: (h, w) float32 luma in levels.
        now: the same.
    """
    covariance = _local(before * now) - _local(before) * _local(now)
    spreads = (np.sqrt(np.maximum(_local(p * p) - _local(p) ** 2, 0) + 0.5) for p in (before, now))
    return float(covariance.sum() / np.multiply(*spreads).sum())


def _local(values: Map) -> Map:
    """Soft mean over windows of about a tenth of the thumbnail's width."""
    return cast(Map, cv2.GaussianBlur(values, (0, 0), 3))


def _shifted(before: Map, now: Map) -> float:
    """How clearly one picture is the other, shifted: the peak of the phase correlation."""
    height, width = before.shape
    window = cv2.createHanningWindow((max(width, 2), max(height, 2)), cv2.CV_32F)
    softened = [cv2.GaussianBlur(picture, (0, 0), 1) for picture in (before, now)]
    return float(cv2.phaseCorrelate(softened[0], softened[1], window)[1])


def _luma(picture: Thumbnail) -> Map:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
