"""Still pictures: read upright and in true colours, written whole with their tags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError, OutputError
from vidstyle.frames import Frame, Pixels
from vidstyle.media.atomic import write_bytes
from vidstyle.media.conversion import ToPixels, over_white
from vidstyle.media.limits import DEFAULT, Limits
from vidstyle.media.metadata import with_metadata
from vidstyle.media.opening import main_video, opened
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


def read_picture(path: Path | str, limits: Limits = DEFAULT, *, alpha: bool = False) -> Frame:
    """A still picture: (H, W, 3) RGB, upright by its EXIF orientation.

    Args:
        path: the picture.
        limits: what the file may ask for.
        alpha: the colours are those stored, and the frame tells how opaque each pixel is; without it,
            transparent parts are laid over white.

    Returns:
        One frame: uint8 for pictures of 8 bits, float32 in 0..1 for deeper ones.

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
        pixels, opaque = ToPixels(size, info.video.orientation).with_alpha(first, info.video.colors)
    if opaque is not None and not alpha:
        return Frame(over_white(pixels, opaque))
    return Frame(pixels, alpha=opaque)


def write_picture(
    path: Path | str,
    pixels: Pixels,
    metadata: Mapping[str, str] | None = None,
    *,
    alpha: Pixels | None = None,
    deep: bool = False,
) -> None:
    """Write a picture whole or not at all; its suffix tells the format: png, jpg, webp or tiff.

    Args:
        path: the file; it is replaced if it exists.
        pixels: (H, W, 3) RGB, uint8 or float32 in 0..1.
        metadata: tags; a PNG holds all of them, a JPEG "comment" alone, the others none.
        alpha: (H, W) how opaque each pixel is; a JPEG shows the colours over white.
        deep: floats are written in 16 bits where the format has them (PNG, TIFF); else rounded to 8.

    Raises:
        OutputError: no such format, too large for it, or it cannot be written.
    """
    path = Path(path)
    if not is_picture_name(path):
        raise OutputError(
            f"no picture format goes by {path.suffix!r}", where=path, hint=f"Use {', '.join(_ENCODERS)}."
        )
    suffix = _SUFFIXES[path.suffix.lower()]
    if alpha is not None and suffix == ".jpg":
        pixels, alpha = over_white(pixels, alpha), None
    flipped = _to_encode(pixels, alpha, deep=deep and suffix in (".png", ".tiff"))
    try:
        written, encoded = cv2.imencode(suffix, flipped, _ENCODERS[suffix])
    except cv2.error as error:
        raise OutputError(
            f"cannot hold {flipped.shape[1]}x{flipped.shape[0]} pixels", where=path, hint="Use .png."
        ) from error
    if not written:
        raise OutputError("could not be encoded", where=path, hint="Use .png.")
    write_bytes(path, with_metadata(encoded.tobytes(), metadata or {}))


def _to_encode(pixels: Pixels, alpha: Pixels | None, *, deep: bool) -> npt.NDArray[np.uint8 | np.uint16]:
    """BGR or BGRA of 8 or 16 bits, as OpenCV takes it."""
    parts = [pixels[:, :, ::-1]] if alpha is None else [pixels[:, :, ::-1], alpha[:, :, None]]
    if not deep or pixels.dtype == np.uint8:
        return np.ascontiguousarray(np.dstack([Frame(part).bytes() for part in parts]))
    values = np.dstack([np.clip(Frame(part).floats(), 0, 1) for part in parts])
    return (values * np.float32(65535) + np.float32(0.5)).astype(np.uint16)
