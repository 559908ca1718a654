"""What YUV numbers mean as colours, and what is assumed where a file does not tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from av.video.format import VideoFormat
from av.video.reformatter import Interpolation

from vidstyle.errors import InputError

Range = Literal["limited", "full"]
Matrix = Literal["bt601", "bt709", "bt2020", "fcc", "smpte240m", "rgb"]

# FFmpeg's numbers (those of ITU-T H.273) for the matrices that swscale converts.
_MATRICES: dict[int, Matrix] = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt601",  # BT.470BG: the same coefficients as 6
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
}
_MATRIX_TAGS: dict[Matrix, int] = {
    "rgb": 0,
    "bt709": 1,
    "fcc": 4,
    "bt601": 6,
    "smpte240m": 7,
    "bt2020": 9,
}
# swscale's own numbers, which differ; for RGB it ignores the number.
_SWSCALE: dict[Matrix, int] = {"rgb": 1, "bt709": 1, "fcc": 4, "bt601": 5, "smpte240m": 7, "bt2020": 9}
# Primaries and transfer that go with a matrix where the file does not tell them.
_COMPANIONS: dict[Matrix, tuple[int, int]] = {
    "rgb": (1, 13),
    "bt709": (1, 1),
    "fcc": (4, 4),
    "bt601": (6, 6),
    "smpte240m": (7, 7),
    "bt2020": (9, 14),
}
_UNSPECIFIED = 2
_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020"}
_PRIMARIES |= {10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213"}
_TRANSFERS = {1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear"}
_TRANSFERS |= {11: "iec61966-2-4", 12: "bt1361e", 13: "srgb", 14: "bt2020-10", 15: "bt2020-12"}
_TRANSFERS |= {16: "pq", 17: "smpte428", 18: "hlg"}

# Accurate rounding and full chroma: swscale's fast paths are off by up to 6 of 255 on saturated patches.
# Bit-exact: the same bytes on every processor.
SCALING = int(
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.BITEXACT
)

# For live pictures: at 640x360 a fortieth of the time, and off by less than a camera's noise.
FAST_SCALING = int(Interpolation.BILINEAR)


@dataclass(frozen=True)
class Colors:
    """What the numbers of a stream mean; written as tags on what is made from it.

    Attributes:
        range: "limited" (luma 16..235 of 255) or "full".
        matrix: coefficients between RGB and YUV; "rgb" where the stream holds RGB.
        primaries: FFmpeg's (H.273's) number of the colour primaries.
        transfer: FFmpeg's (H.273's) number of the transfer characteristic.
        assumed: the stream does not tell its matrix; it was chosen by its size.
    """

    range: Range = "limited"
    matrix: Matrix = "bt709"
    primaries: int = 1
    transfer: int = 1
    assumed: bool = False

    @property
    def matrix_tag(self) -> int:
        """FFmpeg's number of the matrix."""
        return _MATRIX_TAGS[self.matrix]

    @property
    def range_tag(self) -> int:
        """FFmpeg's number of the range: 1 limited, 2 full."""
        return 2 if self.range == "full" else 1

    @property
    def full_yuv(self) -> bool:
        """YUV in full range, which swscale converts only roughly."""
        return self.range == "full" and self.matrix != "rgb"

    @property
    def swscale_matrix(self) -> int:
        """swscale's number of the matrix."""
        return _SWSCALE[self.matrix]

    @property
    def primaries_name(self) -> str:
        """Name of the primaries, for people."""
        return _PRIMARIES.get(self.primaries, "unknown")

    @property
    def transfer_name(self) -> str:
        """Name of the transfer characteristic, for people."""
        return _TRANSFERS.get(self.transfer, "unknown")

    def for_format(self, pix_fmt: str, height: int, width: int) -> Colors:
        """These colours as a stream of `pix_fmt` can carry them.

        RGB formats have neither matrix nor range; YUV made from RGB takes the matrix of its size.
        """
        if VideoFormat(pix_fmt).is_rgb:
            return replace(self, range="full", matrix="rgb")
        if self.matrix == "rgb":
            return replace(self, range="limited", matrix=assumed_matrix(height, width))
        return self


def assumed_matrix(height: int, width: int) -> Matrix:
    """The matrix of a YUV stream that does not tell: BT.709 from 720p on, else BT.601, as players assume."""
    return "bt709" if height >= 720 or width >= 1280 else "bt601"


def colors_of(
    pix_fmt: str,
    height: int,
    width: int,
    *,
    matrix: int = _UNSPECIFIED,
    color_range: int = 0,
    primaries: int = _UNSPECIFIED,
    transfer: int = _UNSPECIFIED,
    picture: bool = False,
) -> Colors:
    """The colours of a stream from its tags, with what it leaves out filled in.

    Untagged YUV is BT.709 from 720 lines or 1280 columns on, else BT.601; untagged range is limited
    (full for the `yuvj` formats). Still pictures (JPEG, WebP) are BT.601 whatever their size (JFIF).

    Args:
        pix_fmt: FFmpeg's name of the pixel format.
        height: lines of the coded picture.
        width: columns of the coded picture.
        matrix: FFmpeg's number; 2 where unknown.
        color_range: 0 unknown, 1 limited, 2 full.
        primaries: FFmpeg's number; 2 where unknown.
        transfer: FFmpeg's number; 2 where unknown.
        picture: the stream is a still picture.

    Raises:
        InputError: a matrix that cannot be converted (YCgCo, ICtCp, constant luminance).
    """
    known, assumed = True, False
    name: Matrix
    if VideoFormat(pix_fmt).is_rgb:
        name = "rgb"
    elif matrix in _MATRICES and matrix != 0:
        name = _MATRICES[matrix]
    elif matrix in (0, _UNSPECIFIED, 3):
        name, assumed = ("bt601" if picture else assumed_matrix(height, width)), True
    else:
        known, name = False, "bt709"
    if not known:
        raise InputError(
            f"has colours of an unusual kind (matrix {matrix})", hint="Convert it to BT.709 or BT.2020 first."
        )
    full = name == "rgb" or color_range == 2 or (color_range == 0 and pix_fmt.startswith("yuvj"))
    companions = _COMPANIONS[name]
    return Colors(
        range="full" if full else "limited",
        matrix=name,
        primaries=companions[0] if primaries in (0, _UNSPECIFIED, 3) else primaries,
        transfer=companions[1] if transfer in (0, _UNSPECIFIED, 3) else transfer,
        assumed=assumed,
    )
