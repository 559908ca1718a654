"""Decoded frames to upright RGB pixels, and RGB pixels to frames that an encoder takes."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from vidstyle.frames import Frame, Pixels
from vidstyle.media.colors import SCALING, Colors
from vidstyle.media.full_range import rgb_from_yuv, yuv_from_rgb
from vidstyle.media.orientation import Orientation

# The range that swscale is told of full-range YUV that is only sampled anew, on both sides: by bytes, the
# true one, since it knows better of `yuvj`; of more bits, the other, since from full to full it
# stretches luma, and not chroma, to the last code.
_SAMPLED = {True: 1, False: 2}


class ToPixels:
    """Converts the frames of one stream; one for each thread, since it keeps swscale's tables.

    Args:
        size: (height, width) of the upright pixels; frames of any other size are scaled to it.
        orientation: how coded frames are turned to stand upright.
        scaling: swscale's flags: exact (`SCALING`), or quick (`FAST_SCALING`) and off by a few levels.
    """

    def __init__(self, size: tuple[int, int], orientation: Orientation, scaling: int = SCALING) -> None:
        height, width = size
        self._coded_size = (width, height) if orientation.swaps_sides else (height, width)
        self._orientation, self._scaling = orientation, scaling
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame, colors: Colors) -> Pixels:
        """(H, W, 3) RGB upright: uint8 for sources of 8 bits, float32 in 0..1 for deeper ones."""
        bits = depth(frame.format)
        if colors.full_yuv:
            sampled = _SAMPLED[bits > 8]
            codes = self._reformatted(
                frame, "yuv444p16le" if bits > 8 else "yuv444p", colors, sampled, sampled
            )
            values = codes if bits > 8 else codes.transpose(1, 2, 0)
            return self._orientation.upright(rgb_from_yuv(values, colors.matrix, bits))
        # 16 bits rather than floats: swscale's float output is neither faster nor more exact.
        values = self._reformatted(frame, "rgb48le" if bits > 8 else "rgb24", colors, colors.range_tag)
        return self._orientation.upright(_pixels(values, bits))

    def with_alpha(self, frame: VideoFrame, colors: Colors) -> tuple[Pixels, Pixels | None]:
        """The colours as they are stored, and (H, W) how opaque each pixel is; None where all of them are."""
        if not has_alpha(frame.format):
            return self(frame, colors), None
        bits = depth(frame.format)
        values = self._reformatted(frame, "rgba64le" if bits > 8 else "rgba", colors, colors.range_tag)
        alpha = self._orientation.upright(_pixels(np.ascontiguousarray(values[:, :, 3]), bits))
        if colors.full_yuv:
            return self(frame, colors), alpha
        return self._orientation.upright(_pixels(np.ascontiguousarray(values[:, :, :3]), bits)), alpha

    def _reformatted(
        self, frame: VideoFrame, pix_fmt: str, colors: Colors, source: int, target: int = 2
    ) -> npt.NDArray[Any]:
        height, width = self._coded_size
        return self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format=pix_fmt,
            src_colorspace=colors.swscale_matrix,
            dst_colorspace=colors.swscale_matrix,
            src_color_range=source,
            dst_color_range=target,
            interpolation=self._scaling,
        ).to_ndarray()


class FromPixels:
    """Converts RGB pixels to frames of a pixel format with known colours; one for each thread.

    Args:
        pix_fmt: FFmpeg's name of the format.
        colors: what the numbers of the frames mean.
        scaling: swscale's flags: exact (`SCALING`), or quick (`FAST_SCALING`) and off by a few levels.
    """

    def __init__(self, pix_fmt: str, colors: Colors, scaling: int = SCALING) -> None:
        self._pix_fmt, self._colors, self._scaling = pix_fmt, colors, scaling
        self._bits = depth(VideoFormat(pix_fmt))
        self._alpha = has_alpha(VideoFormat(pix_fmt))
        self._reformatter = VideoReformatter()

    def __call__(self, pixels: Pixels, alpha: Pixels | None = None) -> VideoFrame:
        """(H, W, 3) uint8, or float32 in 0..1 -> a frame of the same size, tagged.

        8-bit pixels stay 8-bit on the way to an 8-bit format; floats are rounded once, to 16 bits for
        deeper formats and to 8 bits otherwise. Values outside 0..1 are clipped. A format with transparency
        takes `alpha` (H, W), opaque if it is None; one without knows of none.
        """
        full = self._colors.full_yuv and not self._alpha
        source = self._full_yuv(pixels) if full else self._rgb(pixels, alpha)
        frame = self._reformatter.reformat(
            source,
            format=self._pix_fmt,
            src_colorspace=self._colors.swscale_matrix,
            dst_colorspace=self._colors.swscale_matrix,
            src_color_range=_SAMPLED[self._bits > 8] if full else 2,
            dst_color_range=_SAMPLED[self._bits > 8] if full else self._colors.range_tag,
            interpolation=self._scaling,
        )
        frame.colorspace = self._colors.matrix_tag
        frame.color_range = self._colors.range_tag
        frame.color_primaries = self._colors.primaries
        frame.color_trc = self._colors.transfer
        # A picture type left over from a decoder would make every frame a keyframe.
        frame.pict_type = 0
        return frame

    def _rgb(self, pixels: Pixels, alpha: Pixels | None) -> VideoFrame:
        deep = self._bits > 8 and pixels.dtype != np.uint8
        values = _whole(pixels, deep=deep)
        if self._alpha:
            opaque = np.full(pixels.shape[:2], 65535 if deep else 255, values.dtype)
            values = np.dstack([values, opaque if alpha is None else _whole(alpha, deep=deep)])
        name = ("rgba64le" if deep else "rgba") if self._alpha else ("rgb48le" if deep else "rgb24")
        return VideoFrame.from_ndarray(np.ascontiguousarray(values), format=name)

    def _full_yuv(self, pixels: Pixels) -> VideoFrame:
        values = Frame(pixels).floats()
        if self._bits <= 8:
            values = Frame(Frame(pixels).bytes()).floats()
        codes = yuv_from_rgb(values, self._colors.matrix, self._bits)
        if self._bits > 8:
            return VideoFrame.from_ndarray(codes, format="yuv444p16le")
        return VideoFrame.from_ndarray(np.ascontiguousarray(codes.transpose(2, 0, 1)), format="yuv444p")


def depth(pix_fmt: VideoFormat) -> int:
    """Bits per component; a palette's colours have 8."""
    return max(component.bits for component in pix_fmt.components)


def has_alpha(pix_fmt: VideoFormat) -> bool:
    """Whether the format has transparency."""
    return any(component.is_alpha for component in pix_fmt.components)


def over_white(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Colours (H, W, 3) as they look on white paper, of the same kind; alpha (H, W)."""
    share = Frame(alpha).floats()[:, :, None]
    if pixels.dtype == np.uint8:
        mixed = pixels.astype(np.float32) * share + 255 * (1 - share)
        return (mixed + 0.5).astype(np.uint8)
    return pixels.astype(np.float32, copy=False) * share + (1 - share)


def scaled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """(H, W) or (H, W, 3) at another size (height, width)."""
    # Of all ways, area alone does not alias on the way down.
    way = cv2.INTER_AREA if size[0] < pixels.shape[0] else cv2.INTER_CUBIC
    done = cv2.resize(pixels, (size[1], size[0]), interpolation=way)
    return done.astype(pixels.dtype, copy=False)  # type: ignore[return-value]


def _pixels(values: npt.NDArray[Any], bits: int) -> Pixels:
    """Whole numbers of 8 or 16 bits -> uint8, or float32 in 0..1."""
    if bits <= 8:
        return values.astype(np.uint8, copy=False)
    return values.astype(np.float32) / np.float32(65535)


def _whole(pixels: Pixels, *, deep: bool) -> npt.NDArray[Any]:
    if not deep:
        return Frame(pixels).bytes()
    return (np.clip(Frame(pixels).floats(), 0, 1) * 65535 + 0.5).astype(np.uint16)
