"""Transparency, colours, bits and HDR come through the whole path at strength 0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import scene
from identity import both, film, identity

from vidstyle.frames import Frame
from vidstyle.media import (
    Colors,
    Encoding,
    probe,
    read,
    write_picture,
)


def shaded(index: int, *, deep: bool = False) -> Frame:
    """A picture that is clear on the left and opaque on the right."""
    pixels = scene(index)
    alpha = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))
    if deep:
        return Frame(pixels.astype(np.float32) / 255, index, index=index, alpha=alpha)
    return Frame(pixels, index, index=index, alpha=(alpha * 255 + 0.5).astype(np.uint8))


@pytest.mark.parametrize(
    ("source", "encoding", "output", "close"),
    [
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "out.webm", 2.5),
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "out_%d.png", 0),
        ("in.mkv", Encoding("ffv1", pix_fmt="bgra"), "ffv1.mkv", 0),
        ("in.mov", Encoding("prores", pix_fmt="yuva444p10le", preset="4444"), "prores.mov", 1),
    ],
)
def test_transparency_is_kept(
    style: Path, tmp_path: Path, source: str, encoding: Encoding, output: str, close: float
) -> None:
    deep = encoding.codec == "prores"
    clip = film(tmp_path / source, [shaded(i, deep=deep) for i in range(4)], encoding)
    codec = output.split(".")[0] if output.startswith(("ffv1", "prores")) else "auto"
    assert not any(
        "transparency" in t for t in identity(clip, style, tmp_path / output, encoding=Encoding(codec))
    )
    for before, after in both(clip, tmp_path / output):
        assert before.alpha is not None
        assert after.alpha is not None
        assert np.abs(Frame(before.alpha).floats() - Frame(after.alpha).floats()).max() * 255 <= close


def test_vp9_and_gif_with_transparency_are_read_with_it(style: Path, tmp_path: Path) -> None:
    clip = film(tmp_path / "in.mkv", [shaded(i) for i in range(4)], Encoding("ffv1", pix_fmt="bgra"))
    identity(clip, style, tmp_path / "one.webm")
    identity(tmp_path / "one.webm", style, tmp_path / "two.webm")
    for before, after in both(tmp_path / "one.webm", tmp_path / "two.webm"):
        assert np.abs(before.alpha.astype(int) - after.alpha).max() <= 2
    identity(tmp_path / "one.webm", style, tmp_path / "out.gif")
    for _, after in both(clip, tmp_path / "out.gif"):
        assert set(np.unique(after.alpha)) == {0, 255}
        assert after.alpha[:, :24].max() == 0
        assert after.alpha[:, 40:].min() == 255


def test_transparency_that_does_not_fit_is_laid_over_white_and_told(style: Path, tmp_path: Path) -> None:
    clip = film(tmp_path / "in.mkv", [shaded(i) for i in range(4)], Encoding("ffv1", pix_fmt="bgra"))
    told = identity(clip, style, tmp_path / "out.mp4", encoding=Encoding(crf=1))
    assert any("laid over white" in text for text in told)
    assert next(read(tmp_path / "out.mp4")).pixels[:, :2].min() >= 240


def test_a_transparent_picture_stays_so(style: Path, tmp_path: Path) -> None:
    frame = shaded(0)
    write_picture(tmp_path / "in.png", frame.pixels, alpha=frame.alpha)
    identity(tmp_path / "in.png", style, tmp_path / "out.png")
    ((_, after),) = both(tmp_path / "in.png", tmp_path / "out.png")
    np.testing.assert_array_equal(after.alpha, frame.alpha)
    np.testing.assert_array_equal(after.pixels, frame.pixels)


def chart(levels: int) -> list[Frame]:
    """Flat patches; of 8 bits those that people draw, since rounding alone can take 2 of 255 from others."""
    drawn = [(200, 40, 90), (40, 200, 90), (30, 60, 220), (255, 255, 255), (0, 0, 0), (128, 128, 128)]
    drawn += [(250, 240, 20), (20, 240, 250), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)]
    patches = np.array(drawn * 2) / 255
    if levels > 255:
        patches[12:] = np.random.default_rng(7).random((12, 3))
    pixels = (np.round(patches * levels) / levels).reshape(4, 6, 3).repeat(24, 0).repeat(24, 1)
    return [Frame(pixels.astype(np.float32), index, index=index) for index in range(3)]


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "matrix", [pytest.param("bt601", marks=SLOW), "bt709", pytest.param("bt2020", marks=SLOW)]
)
@pytest.mark.parametrize("color_range", ["limited", "full"])
@pytest.mark.parametrize("bits", [8, 10])
def test_a_colour_chart_comes_back_through_the_whole_path(
    style: Path, tmp_path: Path, matrix: str, color_range: str, bits: int
) -> None:
    primaries = {"bt601": 6, "bt709": 1, "bt2020": 9}[matrix]
    transfer = {"bt601": 6, "bt709": 1, "bt2020": 14}[matrix]
    colors = Colors(range=color_range, matrix=matrix, primaries=primaries, transfer=transfer)
    levels = 2**bits - 1
    pix_fmt = "yuv420p" if bits == 8 else "yuv420p10le"
    lossless = {} if bits == 8 else {"x265-params": "lossless=1"}  # of x264, crf 0 is
    codec = "h264" if bits == 8 else "hevc"
    source = film(
        tmp_path / "in.mp4",
        chart(levels),
        Encoding(codec, 0, "ultrafast", pix_fmt, lossless),
        colors,
    )
    encoding = Encoding(codec, 0, "ultrafast", options=lossless)
    identity(source, style, tmp_path / "out.mp4", encoding=encoding)
    made = probe(tmp_path / "out.mp4").video
    assert (made.colors, made.bit_depth) == (colors, bits)
    allowed = 1 if bits == 8 else 2
    middles = (slice(11, None, 24), slice(11, None, 24))  # where no neighbour's chroma reaches
    for (before, after), drawn in zip(both(source, tmp_path / "out.mp4"), chart(levels), strict=True):
        moved = np.abs(before.floats()[middles] - after.floats()[middles]).max() * levels
        assert moved <= allowed + 1e-3
        # What was drawn is what is seen.
        seen = np.abs(drawn.floats()[middles] - after.floats()[middles]).max() * levels
        assert seen <= allowed + 1e-3


HDR10 = (
    "hdr10=1:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
)


@pytest.fixture(scope="module")
def hdr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PQ, BT.2020, 10 bits: black, white paper (203 nits) and ten times that, side by side."""
    # SMPTE ST 2084 of 0, 203 and 2030 nits.
    steps = np.array([0, 0.5807, 0.8295], np.float32).repeat(32)
    pixels = np.broadcast_to(steps[None, :, None], (64, 96, 3)).copy()
    frames = [Frame(pixels, index, index=index) for index in range(3)]
    encoding = Encoding(
        "hevc", preset="ultrafast", crf=1, pix_fmt="yuv420p10le", options={"x265-params": HDR10}
    )
    path = tmp_path_factory.mktemp("hdr") / "hdr.mp4"
    return film(path, frames, encoding, Colors(matrix="bt2020", primaries=9, transfer=16))


@pytest.mark.parametrize("codec", ["hevc", "av1", "h264"])
def test_hdr10_keeps_its_bits_tags_and_light_levels(
    hdr: Path, style: Path, tmp_path: Path, codec: str
) -> None:
    presets = {"hevc": "ultrafast", "h264": "ultrafast", "av1": "12"}
    told = identity(hdr, style, tmp_path / "out.mp4", encoding=Encoding(codec, crf=4, preset=presets[codec]))
    before, after = probe(hdr).video, probe(tmp_path / "out.mp4").video
    assert after.bit_depth == 10
    assert after.colors == before.colors
    assert before.mastering is not None
    assert after.mastering is not None
    assert after.mastering.content == (1000, 400)
    assert [float(nits) for nits in after.mastering.luminance] == pytest.approx([0.005, 1000], abs=1e-3)
    assert [float(x) for x in after.mastering.red] == pytest.approx([0.68, 0.32], abs=1e-4)
    assert any("--hdr tonemap" in text for text in told)


def test_hdr_can_be_mapped_to_a_plain_video(hdr: Path, style: Path, tmp_path: Path) -> None:
    told = identity(hdr, style, tmp_path / "out.mp4", hdr="tonemap", encoding=Encoding(crf=1))
    made = probe(tmp_path / "out.mp4").video
    assert (made.colors, made.bit_depth, made.mastering) == (Colors(), 8, None)
    assert not any("HDR" in text for text in told)
    black, paper, bright = (float(next(read(tmp_path / "out.mp4")).pixels[32, x].mean()) for x in (8, 48, 88))
    assert black <= 1
    # (1 + 1 / p^2) / 2 of linear light, p = 1000 / 203, by gamma 2.4; beyond the peak all is white.
    assert paper == pytest.approx(255 * ((1 + (203 / 1000) ** 2) / 2) ** (1 / 2.4), abs=3)
    assert bright >= 254


def test_ten_bits_that_do_not_fit_are_told(hdr: Path, style: Path, tmp_path: Path) -> None:
    told = identity(hdr, style, tmp_path / "out.webm", encoding=Encoding("vp9", preset="8"))
    assert any("10 bits are rounded to 8" in text for text in told)
    assert any("light levels" in text for text in told)
