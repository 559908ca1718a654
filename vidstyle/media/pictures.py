"""Still pictures: read upright and in true colours, written whole with their tags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from vidstyle.errors import InputError, OutputError
from vidstyle.frames import Frame, Pixels
from vidstyle.media.atomic import write_bytes
from vidstyle.media.colors import SCALING
from vidstyle.media.conversion import ToPixels
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.metadata import with_metadata
from vidstyle.media.opening import main_video, opened
from vidstyle.media.orientation import Orientation
from vidstyle.media.probe import describe, first_frame

# JPEG at 95 with full chroma: a painted picture is all edges. WebP above 100 means lossless.
_ENCODERS: dict[str, tuple[int, ...]] = {
    ".png": (),
    ".jpg": (cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111),
    ".webp": (cv2.IMWRITE_WEBP_QUALITY, 101),
    ".tiff": (),
}
_SUFFIXES = {
    ".png": ".png",
    ".jpg": ".jpg",
    ".jpeg": ".jpg",
    ".webp": ".webp",
    ".tif": ".tiff",
    ".tiff": ".tiff",
}


def is_picture_name(path: Path | str) -> bool:
    """Whether `write_picture` knows the suffix."""
    return Path(path).suffix.lower() in _SUFFIXES


def read_picture(path: Path | str, limits: Limits = DEFAULT) -> Frame:
    """A still picture: (H, W, 3) RGB, upright by its EXIF orientation, transparent parts over white.

    uint8 for pictures of 8 bits, float32 in 0..1 for deeper ones.

    Raises:
        InputError: missing, unreadable, too large, or a video.
    """
    path = Path(path)
    with opened(path, limits) as container:
        stream = main_video(container, path, limits)
        first = first_frame(container, stream, path, limits)
        info = describe(container, stream, first, path)
        if not info.is_picture and info.container != "gif":
            raise InputError("is a video, not a picture", where=path, hint="Give a PNG, JPEG, WebP or TIFF.")
        size = (info.video.height, info.video.width)
        pixels = ToPixels(size, info.video.orientation)(first, info.video.colors)
        if any(component.is_alpha for component in first.format.components):
            pixels = _over_white(pixels, _alpha(first, info.video.orientation))
    return Frame(pixels)


def write_picture(path: Path | str, pixels: Pixels, metadata: Mapping[str, str] | None = None) -> None:
    """Write a picture whole or not at all; its suffix tells the format: png, jpg, webp or tiff.

    Args:
        path: the file; it is replaced if it exists.
        pixels: (H, W, 3) RGB, uint8 or float32 in 0..1; floats are rounded to 8 bits.
        metadata: tags; a PNG holds all of them, a JPEG "comment" alone, the others none.

    Raises:
        OutputError: no such format, too large for it, or it cannot be written.
    """
    path = Path(path)
    if not is_picture_name(path):
        raise OutputError(
            f"no picture format goes by {path.suffix!r}", where=path, hint=f"Use {', '.join(_ENCODERS)}."
        )
    suffix = _SUFFIXES[path.suffix.lower()]
    flipped = np.ascontiguousarray(Frame(pixels).bytes()[:, :, ::-1])
    try:
        written, encoded = cv2.imencode(suffix, flipped, _ENCODERS[suffix])
    except cv2.error as error:
        raise OutputError(
            f"cannot hold {flipped.shape[1]}x{flipped.shape[0]} pixels", where=path, hint="Use .png."
        ) from error
    if not written:
        raise OutputError("could not be encoded", where=path, hint="Use .png.")
    write_bytes(path, with_metadata(encoded.tobytes(), metadata or {}))


def _alpha(frame: VideoFrame, orientation: Orientation) -> npt.NDArray[np.float32]:
    """(H, W, 1) float32 in 0..1: how opaque each pixel is."""
    plain = VideoReformatter().reformat(frame, format="rgba", interpolation=SCALING).to_ndarray()
    upright = orientation.upright(np.ascontiguousarray(plain[:, :, 3:]).astype(np.uint8, copy=False))
    return upright.astype(np.float32) / np.float32(255)


def _over_white(pixels: Pixels, alpha: npt.NDArray[np.float32]) -> Pixels:
    if pixels.dtype == np.uint8:
        mixed = pixels.astype(np.float32) * alpha + 255 * (1 - alpha)
        return (mixed + 0.5).astype(np.uint8)
    return pixels.astype(np.float32, copy=False) * alpha + (1 - alpha)
