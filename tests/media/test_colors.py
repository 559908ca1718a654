"""A colour painted is the colour seen: through the encoder, the file and back."""

from fractions import Fraction

import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.media import Colors, Encoding, VideoShape, VideoWriter, probe, read, segment_suffix
from vidstyle.media.colors import colors_of

PATCHES = [
    *[(200, 40, 90), (40, 200, 90), (30, 60, 220), (255, 255, 255)],
    *[(0, 0, 0), (128, 128, 128), (250, 240, 20), (20, 240, 250)],
    *[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 255)],
]


def chart() -> np.ndarray:
    patches = np.array(PATCHES, np.uint8).reshape(3, 4, 3)
    return patches.repeat(20, axis=0).repeat(24, axis=1)


def largest_error(pixels: np.ndarray) -> float:
    values = pixels.astype(np.float64) * (255 if pixels.dtype == np.float32 else 1)
    middles = values.reshape(3, 20, 4, 24, 3)[:, 8:12, :, 8:16]
    return float(np.abs(middles - np.array(PATCHES).reshape(3, 1, 4, 1, 3)).max())


def through_a_file(folder, encoding, colors, pixels=None):
    path = folder / ("chart" + segment_suffix(encoding))
    with VideoWriter(path, VideoShape(96, 60, colors=colors), encoding) as writer:
        for index in range(3):
            writer.add(Frame(chart() if pixels is None else pixels, index, Fraction(1, 25), index))
    return path


@pytest.mark.parametrize("matrix", [1, 6, 9], ids=["bt709", "bt601", "bt2020"])
@pytest.mark.parametrize("color_range", [1, 2], ids=["limited", "full"])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_a_colour_chart_comes_back(tmp_path, matrix, color_range, pix_fmt):
    colors = colors_of("yuv420p", 60, 96, matrix=matrix, color_range=color_range)
    path = through_a_file(tmp_path, Encoding(crf=1, pix_fmt=pix_fmt), colors)
    assert probe(path).video.colors == colors
    assert largest_error(next(read(path)).pixels) <= 2


@pytest.mark.parametrize(
    "encoding",
    [
        Encoding("hevc", crf=1, preset="ultrafast"),
        Encoding("hevc", crf=1, preset="ultrafast", pix_fmt="yuv420p10le"),
        Encoding("vp9", crf=1, preset="8"),
        Encoding("av1", crf=1, preset="10"),
        Encoding("prores"),
    ],
    ids=lambda e: f"{e.codec}-{e.pixel_format}",
)
def test_every_codec_keeps_the_chart_and_its_tags(tmp_path, encoding):
    path = through_a_file(tmp_path, encoding, Colors())
    assert probe(path).video.colors == Colors()
    assert largest_error(next(read(path)).pixels) <= 2


def test_ffv1_keeps_every_byte(tmp_path):
    path = through_a_file(tmp_path, Encoding("ffv1"), Colors())
    np.testing.assert_array_equal(next(read(path)).pixels, chart())


def test_a_codec_that_cannot_tell_full_range_is_written_in_limited_range(tmp_path):
    path = through_a_file(tmp_path, Encoding("prores"), Colors(range="full"))
    assert probe(path).video.colors.range == "limited"
    assert largest_error(next(read(path)).pixels) <= 2


def test_deep_pixels_keep_more_than_eight_bits(tmp_path):
    ramp = np.linspace(0.2, 0.8, 96, dtype=np.float32)[None, :, None].repeat(60, 0).repeat(3, 2)
    encoding = Encoding("ffv1", pix_fmt="yuv444p10le")
    back = next(read(through_a_file(tmp_path, encoding, Colors(), ramp))).pixels
    assert back.dtype == np.float32
    assert np.abs(back - ramp).max() < 0.6 / 876 + 1e-4


def test_floats_out_of_range_are_clipped(tmp_path):
    wild = np.full((60, 96, 3), 1.5, np.float32)
    wild[:, :48] = -0.5
    back = next(read(through_a_file(tmp_path, Encoding("ffv1"), Colors(), wild))).pixels
    assert back[:, :48].max() == 0
    assert back[:, 48:].min() == 255


def test_an_untagged_film_is_taken_for_what_players_take_it_for(make_video):
    assert probe(make_video("small.mp4")).video.colors == Colors(
        matrix="bt601", primaries=6, transfer=6, assumed=True
    )
    assert colors_of("yuv420p", 720, 960).matrix == "bt709"
    assert colors_of("yuv420p", 540, 1280).matrix == "bt709"
    assert colors_of("yuv420p", 719, 1279).matrix == "bt601"
    assert colors_of("yuv420p", 1080, 1920, picture=True).matrix == "bt601"
    assert colors_of("yuvj420p", 100, 100).range == "full"
    assert colors_of("gbrp", 100, 100).matrix == "rgb"


def test_hdr_keeps_its_tags(tmp_path):
    hdr = Colors(matrix="bt2020", primaries=9, transfer=16)
    path = through_a_file(tmp_path, Encoding("hevc", preset="ultrafast", pix_fmt="yuv420p10le"), hdr)
    assert probe(path).video.colors == hdr
    assert probe(path).video.colors.transfer_name == "pq"


def test_a_matrix_that_cannot_be_converted_is_refused():
    with pytest.raises(InputError, match="matrix 8"):
        colors_of("yuv420p", 100, 100, matrix=8)
