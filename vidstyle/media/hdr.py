"""High dynamic range: what a stream tells of its mastering, and pictures brought down for plain screens."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from vidstyle.frames import Frame, Pixels
from vidstyle.media.colors import Colors

HdrChoice = Literal["keep", "tonemap"]

PQ, HLG = 16, 18
_BT2020 = 9
# Nits of white paper in HDR (ITU-R BT.2408), which becomes the white of a plain screen, or nearly.
_WHITE = 203.0
# Nits that become the brightest there is: what most films are mastered to, and what HLG is shown at.
_PEAK = 1000.0
# BT.2020 to BT.709 primaries, linear light (ITU-R BT.2087).
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)


@dataclass(frozen=True)
class Mastering:
    """The screen that a film was mastered on, and how bright it gets (SMPTE ST 2086, CTA-861.3).

    Attributes:
        red: chromaticity (x, y) of its primaries; None where only the light levels are told.
        green: likewise.
        blue: likewise.
        white: likewise.
        luminance: least and most nits.
        content: brightest pixel and brightest mean of a frame, nits; None where untold.
    """

    red: tuple[Fraction, Fraction] | None = None
    green: tuple[Fraction, Fraction] | None = None
    blue: tuple[Fraction, Fraction] | None = None
    white: tuple[Fraction, Fraction] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    content: tuple[int, int] | None = None

    def parameters(self, encoder: str) -> tuple[str, str]:
        """The encoder's option that tells it all this, and its value; empty for encoders that cannot."""
        names = {
            "libx264": ("x264-params", "mastering-display", "cll"),
            "libx265": ("x265-params", "master-display", "max-cll"),
            "libsvtav1": ("svtav1-params", "mastering-display", "content-light"),
        }
        if encoder not in names:
            return "", ""
        option, screen, light = names[encoder]
        told = [f"{screen}={self._screen(plain=encoder == 'libsvtav1')}"] if self.luminance else []
        if self.content:
            told.append(f"{light}={self.content[0]},{self.content[1]}")
        if encoder == "libx265":
            told.append("hdr10=1")
        return option, ":".join(told)

    def _screen(self, *, plain: bool) -> str:
        """G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min): plain numbers, or in 1/50000 and 1/10000 nit."""

        def told(pair: tuple[Fraction, Fraction] | None, unit: int) -> str:
            one, two = pair or (Fraction(0), Fraction(0))
            if plain:
                return f"({float(one):.6g},{float(two):.6g})"
            return f"({round(one * unit)},{round(two * unit)})"

        least, most = self.luminance or (Fraction(0), Fraction(0))
        places = "".join(
            f"{name}{told(pair, 50_000)}"
            for name, pair in (("G", self.green), ("B", self.blue), ("R", self.red), ("WP", self.white))
        )
        return f"{places}L{told((most, least), 10_000)}"


def is_hdr(colors: Colors) -> bool:
    """Whether the transfer is that of HDR10 or HLG."""
    return colors.transfer in (PQ, HLG)


def mastering_of(frame: VideoFrame) -> Mastering | None:
    """What a decoded frame tells of its mastering; None if nothing."""
    try:
        side_data: Any = frame.side_data
    except ValueError:  # kinds that PyAV 18 does not know
        return None
    screen, light = (
        side_data.get(kind) for kind in (Type.MASTERING_DISPLAY_METADATA, Type.CONTENT_LIGHT_LEVEL)
    )
    content = None if light is None else struct.unpack("=2I", bytes(light)[:8])
    if screen is None:
        return None if content is None else Mastering(content=(content[0], content[1]))
    # AVMasteringDisplayMetadata: ten rationals, then whether the first eight and the last two are told.
    numbers = struct.unpack("=22i", bytes(screen)[:88])
    pairs = zip(numbers[0:20:2], numbers[1:20:2], strict=True)
    values = [Fraction(over, under) if under else Fraction(0) for over, under in pairs]
    corners = [(values[place], values[place + 1]) for place in (0, 2, 4, 6)]
    red, green, blue, white = corners if numbers[20] else (None,) * 4
    return Mastering(
        red,
        green,
        blue,
        white,
        luminance=(values[8], values[9]) if numbers[21] else None,
        content=None if content is None else (content[0], content[1]),
    )


def tone_mapped(pixels: Pixels, colors: Colors) -> npt.NDArray[np.float32]:
    """HDR pictures (H, W, 3) as plain BT.709 ones, float32 in 0..1.

    To linear light (PQ: SMPTE ST 2084; HLG: BT.2100 with its OOTF for a screen of 1000 nits); white paper,
    203 nits, becomes 1; each pixel is scaled by t(m) / m with m its largest component and
    t(m) = m (1 + m / p^2) / (1 + m), p = 1000 / 203 (Reinhard et al. 2002, with p becoming white), which
    keeps its hue; then to BT.709's primaries, clipped, and its screens' transfer (BT.1886, gamma 2.4).
    """
    light = _light_of(colors.transfer)[_codes(pixels)]  # nits / 203; for HLG the scene's light in 0..1
    if colors.transfer == HLG:
        scene = (light @ _LUMA)[:, :, None]
        light = light * np.power(np.maximum(scene, 1e-6), np.float32(0.2)) * np.float32(_PEAK / _WHITE)
    peak = np.float32(_PEAK / _WHITE)
    largest = light.max(axis=2, keepdims=True)
    mapped = light * ((1 + largest / peak**2) / (1 + largest))
    if colors.primaries == _BT2020:
        mapped = cv2.transform(mapped, _TO_BT709).astype(np.float32, copy=False)
    plain: npt.NDArray[np.float32] = np.power(np.clip(mapped, 0, 1), np.float32(1 / 2.4))
    return plain


def tone_mapped_colors(colors: Colors, choice: HdrChoice) -> Colors:
    """What the numbers mean after `tone_mapped`: plain BT.709; unchanged where nothing is mapped."""
    return Colors() if choice == "tonemap" and is_hdr(colors) else colors


def _codes(pixels: Pixels) -> npt.NDArray[np.uint16]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * np.uint16(257)
    floats = Frame(pixels).floats()
    codes: npt.NDArray[np.uint16] = (np.clip(floats, 0, 1) * np.float32(65535) + np.float32(0.5)).astype(
        np.uint16
    )
    return codes


@lru_cache(maxsize=2)
def _light_of(transfer: int) -> npt.NDArray[np.float32]:
    """Linear light for each code of 16 bits."""
    signal = np.arange(65536, dtype=np.float64) / 65535
    formula: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]] = _pq if transfer == PQ else _hlg
    return formula(signal).astype(np.float32)


def _pq(signal: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """SMPTE ST 2084, in units of white paper."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    nits = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return np.asarray(nits / _WHITE)


def _hlg(signal: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """ITU-R BT.2100: the scene's light in 0..1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
