"""Optical flow: where each pixel of one frame lies in another (OpenCV's DIS, Kroeger et al. 2016)."""

from __future__ import annotations

from typing import Literal, cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Pixels

Preset = Literal["live", "film", "ultrafast", "fast", "medium"]
Flow = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]

PRESETS: dict[str, int] = {
    "live": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "film": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}

FINEST: dict[str, int] = {"live": 1, "film": 0, "fast": 1, "medium": 0}
"""The size that flow is refined at, halvings of a small frame's own; OpenCV stops a halving earlier.

Flow found at half the size falls short of the motion, always to the same side: over some frames strokes
slide off what they are painted on.
"""

DETAILED = 1100 * 620
"""Pixels above which it is refined at half of that: pixels are smaller beside strokes, which grow with
the picture, and at 1280x720 it takes a quarter of the time for 0.04 px more of error."""

LIVE_DETAILED = 340 * 190
"""The same for "live": above that its flow would take longer than all of a small frame."""

DESCENTS = 4
"""Steps at each size for "live" and "film", where OpenCV takes 12: with a round of refinement, which joins
what the patches found, four are as near as eight are without."""

REFINEMENTS = {"live": 1, "film": 4}
"""Rounds of it, where OpenCV takes none: the first takes an eighth off a live picture's flicker before a
shaking camera, three more another eighth, for a tenth of the flow's time."""

SMALLEST_SIDE = 32
"""DIS crashes the process on smaller frames (sides up to 30, by preset): they are padded."""


def grey_of(picture: Frame | Pixels) -> Grey:
    """The luma that flow is computed on: (H, W) uint8, from a frame or (H, W, 3) RGB pixels."""
    frame = picture if isinstance(picture, Frame) else Frame(picture)
    return cast(Grey, cv2.cvtColor(frame.bytes(), cv2.COLOR_RGB2GRAY))


def flow_between(frame: Frame | Pixels, other: Frame | Pixels, *, preset: Preset = "medium") -> Flow:
    """Flow from a frame to another: what lies at p in `frame` lies at p + flow in `other`.

    Args:
        frame: a frame, or its (H, W, 3) RGB pixels, uint8 or float32 in 0..1.
        other: a frame of the same size.
        preset: how thorough; "medium" takes several times as long as "fast". "live" and "film" are for
            small pictures.

    Returns:
        (H, W, 2) float32, pixels, x then y.

    Raises:
        InputError: the frames differ in size.
    """
    return grey_flow(grey_of(frame), grey_of(other), preset=preset)


def grey_flow(frame: Grey, other: Grey, *, preset: Preset = "medium", rough: bool = False) -> Flow:
    """`flow_between` for (H, W) uint8 grey pictures; `rough` is good enough to test another flow by."""
    if frame.shape != other.shape:
        raise InputError(
            f"frames of {_size(frame)} and {_size(other)} have no flow between them",
            hint="Scale them to one size first.",
        )
    height, width = frame.shape
    below, right = max(0, SMALLEST_SIDE - height), max(0, SMALLEST_SIDE - width)
    if below or right:
        frame, other = _padded(frame, below, right), _padded(other, below, right)
    detailed = LIVE_DETAILED if preset == "live" else DETAILED
    solver = _solver(preset, rough, halvings=1 if height * width > detailed else 0)
    flow = solver.calc(_relit(frame, other), other, None)  # type: ignore[call-overload]
    return np.ascontiguousarray(flow[:height, :width], dtype=np.float32)


def _solver(preset: Preset, rough: bool, halvings: int) -> cv2.DISOpticalFlow:
    """DIS by preset; one each call, as it keeps buffers and is not safe to share between threads."""
    solver = cv2.DISOpticalFlow.create(PRESETS[preset])
    finest = solver.getFinestScale() if rough else FINEST.get(preset, solver.getFinestScale())
    solver.setFinestScale(finest + halvings)
    if preset in ("live", "film"):
        solver.setGradientDescentIterations(DESCENTS)
        solver.setVariationalRefinementIterations(REFINEMENTS[preset])
    if preset == "medium":
        # Smoother and leaning less on gradients: nearer to the exact flow of rendered scenes, and at full
        # size noise in the flow does not look like the edges of things. More rounds are no nearer.
        solver.setVariationalRefinementIterations(5 if rough else 8)
        solver.setVariationalRefinementAlpha(30.0 if rough else 60.0)
        solver.setVariationalRefinementGamma(5.0)
        if rough:
            solver.setPatchStride(4)
    return solver


def _relit(picture: Grey, other: Grey) -> Grey:
    """`picture` with the mean and contrast of `other`, if the light between them changed.

    DIS takes brightness as constant: 30 % less light tripled its error, which this undoes.
    """
    (mean, contrast), (mean_there, contrast_there) = _light(picture), _light(other)
    gain = (contrast_there + 1.0) / (contrast + 1.0)
    # Matching costs rounding, so ordinary changes of content do not call for it.
    if abs(mean - mean_there) < 3 and abs(gain - 1) < 0.05:
        return picture
    gain = min(max(gain, 0.25), 4.0)
    levels = (np.arange(256) - mean) * gain + mean_there
    return cast(Grey, cv2.LUT(picture, np.clip(np.rint(levels), 0, 255).astype(np.uint8)))


def _light(picture: Grey) -> tuple[float, float]:
    """Mean and standard deviation of a (H, W) grey picture, in levels."""
    mean, deviation = cv2.meanStdDev(picture)
    return float(mean[0, 0]), float(deviation[0, 0])


def _padded(picture: Grey, below: int, right: int) -> Grey:
    return cast(Grey, cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE))


def _size(picture: Grey) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"
