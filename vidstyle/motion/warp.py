"""Move a picture along a flow."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError

Interpolation = Literal["linear", "cubic", "lanczos"]
Image = TypeVar("Image", npt.NDArray[np.uint8], npt.NDArray[np.float32])

INTERPOLATIONS: dict[str, int] = {
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}


def warp(image: Image, flow: npt.NDArray[np.float32], *, interpolation: Interpolation = "lanczos") -> Image:
    """The picture whose pixel p is `image` at p + flow(p).

    With `flow_to_previous` and the previous picture: what was, moved to where it is now.
    Beyond the border the nearest pixel is repeated. A linear warp blurs a little, and a frame is
    warped many times over a shot: hence "lanczos" by default.

    Args:
        image: (H, W) or (H, W, C), uint8 or float32.
        flow: (H, W, 2) float32, pixels, x then y.
        interpolation: "linear", "cubic" or "lanczos" (8x8 pixels).

    Returns:
        An array of the shape and type of `image`, within its range of values: sharp
        interpolations ring beside edges, and ringing that leaves the range would grow from warp to warp.

    Raises:
        InputError: image and flow differ in size.
    """
    if image.shape[:2] != flow.shape[:2]:
        raise InputError(
            f"a picture of {image.shape[1]}x{image.shape[0]} cannot follow a flow of "
            f"{flow.shape[1]}x{flow.shape[0]}",
            hint="Scale one to the other first.",
        )
    moved = remapped(image, flow, interpolation=interpolation)
    if interpolation != "linear" and image.dtype == np.float32:
        np.clip(moved, image.min(), image.max(), out=moved)
    return moved


def remapped(image: Image, flow: npt.NDArray[np.float32], *, interpolation: Interpolation) -> Image:
    """`warp` of an image of the flow's size, for who limits its values himself."""
    moved = cv2.remap(  # type: ignore[call-overload]
        # An empty array in place of None reads memory at random.
        image,
        sources(flow),
        None,
        INTERPOLATIONS[interpolation],
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cast(Image, moved.reshape(image.shape))  # cv2 drops a last axis of 1


def sources(flow: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The absolute positions p + flow(p): (H, W, 2) float32, x then y."""
    return cast(npt.NDArray[np.float32], cv2.add(flow, _positions(*flow.shape[:2])))


@lru_cache(maxsize=8)
def _positions(height: int, width: int) -> npt.NDArray[np.float32]:
    """Where each pixel lies: (H, W, 2), x then y. Kept, as NumPy is slow where the last axis is short."""
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([across, down], axis=-1).astype(np.float32)


def resized(values: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """At another size (width, height): averaged where that is smaller."""
    shrinks = size[0] < values.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast(npt.NDArray[np.float32], cv2.resize(values, size, interpolation=interpolation))


def scaled(flow: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """The flow of a picture of another size (width, height), in its pixels."""
    ratio = (size[0] / flow.shape[1], size[1] / flow.shape[0])
    if ratio == (1.0, 1.0):
        return flow
    # Of fewer pixels, and by OpenCV: NumPy is slow where the last axis is short.
    if ratio[0] > 1:
        return resized(_times(flow, ratio), size)
    return _times(resized(flow, size), ratio)


def _times(flow: npt.NDArray[np.float32], ratio: tuple[float, float]) -> npt.NDArray[np.float32]:
    return cast(npt.NDArray[np.float32], cv2.multiply(flow, (*ratio, 0.0, 0.0)))  # type: ignore[call-overload]
