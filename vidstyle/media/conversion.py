"""Decoded frames to upright RGB pixels, and RGB pixels to frames that an encoder takes."""

from __future__ import annotations

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from vidstyle.frames import Frame, Pixels
from vidstyle.media.colors import SCALING, Colors
from vidstyle.media.orientation import Orientation


class ToPixels:
    """Converts the frames of one stream; one for each thread, since it keeps swscale's tables.

    Args:
        size: (height, width) of the upright pixels; frames of any other size are scaled to it.
        orientation: how coded frames are turned to stand upright.
    """

    def __init__(self, size: tuple[int, int], orientation: Orientation) -> None:
        height, width = size
        self._coded_size = (width, height) if orientation.swaps_sides else (height, width)
        self._orientation = orientation
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame, colors: Colors) -> Pixels:
        """(H, W, 3) RGB upright: uint8 for sources of 8 bits, float32 in 0..1 for deeper ones."""
        deep = max(component.bits for component in frame.format.components) > 8
        height, width = self._coded_size
        picture = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            # 16 bits rather than floats: swscale's float output is neither faster nor more exact.
            format="rgb48le" if deep else "rgb24",
            src_colorspace=colors.swscale_matrix,
            dst_colorspace=colors.swscale_matrix,
            src_color_range=colors.range_tag,
            dst_color_range=2,
            interpolation=SCALING,
        )
        values = picture.to_ndarray()
        if not deep:
            return self._orientation.upright(values.astype(np.uint8, copy=False))
        return self._orientation.upright(values.astype(np.float32) / np.float32(65535))


class FromPixels:
    """Converts RGB pixels to frames of a pixel format with known colours; one for each thread."""

    def __init__(self, pix_fmt: str, colors: Colors) -> None:
        self._pix_fmt, self._colors = pix_fmt, colors
        self._deep = max(component.bits for component in VideoFormat(pix_fmt).components) > 8
        self._reformatter = VideoReformatter()

    def __call__(self, pixels: Pixels) -> VideoFrame:
        """(H, W, 3) uint8, or float32 in 0..1 -> a frame of the same size, tagged.

        8-bit pixels stay 8-bit on the way to an 8-bit format; floats are rounded once, to 16 bits for
        deeper formats and to 8 bits otherwise. Values outside 0..1 are clipped.
        """
        if self._deep and pixels.dtype != np.uint8:
            whole = (np.clip(Frame(pixels).floats(), 0, 1) * 65535 + 0.5).astype(np.uint16)
            source = VideoFrame.from_ndarray(np.ascontiguousarray(whole), format="rgb48le")
        else:
            source = VideoFrame.from_ndarray(np.ascontiguousarray(Frame(pixels).bytes()), format="rgb24")
        frame = self._reformatter.reformat(
            source,
            format=self._pix_fmt,
            src_colorspace=self._colors.swscale_matrix,
            dst_colorspace=self._colors.swscale_matrix,
            src_color_range=2,
            dst_color_range=self._colors.range_tag,
            interpolation=SCALING,
        )
        frame.colorspace = self._colors.matrix_tag
        frame.color_range = self._colors.range_tag
        frame.color_primaries = self._colors.primaries
        frame.color_trc = self._colors.transfer
        # A picture type left over from a decoder would make every frame a keyframe.
        frame.pict_type = 0
        return frame
