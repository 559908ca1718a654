"""Still pictures come as they look, and are written whole."""

import zlib
from fractions import Fraction

import cv2
import numpy as np
import pytest

from vidstyle.errors import InputError, OutputError
from vidstyle.media import probe, read, read_metadata, read_picture, write_picture


def scene(height=48, width=64) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], 2).astype(
        np.uint8
    )


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff", ".tif", ".PNG"])
def test_lossless_formats_keep_every_byte(tmp_path, suffix):
    write_picture(tmp_path / f"a{suffix}", scene())
    np.testing.assert_array_equal(read_picture(tmp_path / f"a{suffix}").pixels, scene())


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg"])
@pytest.mark.parametrize("size", [(48, 64), (1080, 1920)])
def test_jpeg_keeps_the_colours(tmp_path, suffix, size):
    pixels = np.full((*size, 3), (200, 40, 90), np.uint8)
    write_picture(tmp_path / f"a{suffix}", pixels)
    assert np.abs(read_picture(tmp_path / f"a{suffix}").pixels.astype(int) - pixels).max() <= 2


def test_floats_are_rounded(tmp_path):
    write_picture(tmp_path / "a.png", np.full((4, 4, 3), 0.5, np.float32))
    assert read_picture(tmp_path / "a.png").pixels[0, 0].tolist() == [128, 128, 128]


def test_a_deep_picture_comes_as_floats(tmp_path):
    deep = np.full((40, 40, 3), 12345, np.uint16)
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    frame = read_picture(tmp_path / "a.png")
    assert frame.pixels.dtype == np.float32
    assert abs(float(frame.pixels.mean()) - 12345 / 65535) < 1e-4


def test_grey_pictures_come_as_rgb(tmp_path):
    grey = scene()[:, :, 0]
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", grey)[1].tobytes())
    pixels = read_picture(tmp_path / "a.png").pixels
    assert np.abs(pixels.astype(int) - grey[:, :, None]).max() <= 1


def test_transparent_parts_come_over_white(tmp_path):
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, 20:, 3] = 255
    pixels[:, 30:, 3] = 128
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    read_back = read_picture(tmp_path / "a.png").pixels
    assert read_back[0, 0].tolist() == [255, 255, 255]
    assert read_back[0, 25].tolist() == [0, 0, 0]
    assert abs(int(read_back[0, 35, 0]) - 127) <= 1


def exif(orientation: int) -> bytes:
    body = (
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + bytes([0, orientation, 0, 0]) + b"\0\0\0\0"
    )
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_comes_upright_by_its_exif(tmp_path, orientation):
    upright = cv2.GaussianBlur(scene(), (0, 0), 2)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    blue_first = np.ascontiguousarray(stored[:, :, ::-1])
    content = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(content[:2] + exif(orientation) + content[2:])
    pixels = read_picture(tmp_path / "a.jpg").pixels
    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).mean() < 3


def test_a_picture_is_a_video_of_one_frame(tmp_path):
    write_picture(tmp_path / "a.png", scene())
    info = probe(tmp_path / "a.png")
    assert info.is_picture
    assert info.frames_between() == 1
    assert [f.pixels.shape for f in read(tmp_path / "a.png", size=(24, 32))] == [(24, 32, 3)]
    assert info.start == Fraction(0)


def test_a_video_is_no_picture(make_video):
    with pytest.raises(InputError, match="is a video, not a picture"):
        read_picture(make_video())


def test_a_picture_cut_short_is_told_or_read_in_part(tmp_path):
    write_picture(tmp_path / "a.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    with pytest.raises(InputError, match=r"a\.png"):
        read_picture(tmp_path / "a.png")


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"'\.xyz'"):
        write_picture(tmp_path / "a.xyz", scene())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path):
    (tmp_path / ".a.part.png").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="no space left"):
        write_picture(tmp_path / "a.png", scene())
    assert list(tmp_path.iterdir()) == []


def test_texts_in_a_png_and_a_jpeg_come_back(tmp_path):
    tags = {"comment": '{"style": "Nacht – ü"}' + "x" * 3000, "title": "A walk"}
    write_picture(tmp_path / "a.png", scene(), tags)
    assert read_metadata(tmp_path / "a.png") == tags
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.png"))[:, :, ::-1], scene())
    write_picture(tmp_path / "a.jpg", scene(), tags)
    assert read_metadata(tmp_path / "a.jpg") == {"comment": tags["comment"]}
    assert cv2.imread(str(tmp_path / "a.jpg")).shape == (48, 64, 3)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_png_or_webp_photo_comes_upright_too(tmp_path, suffix):
    write_picture(tmp_path / f"a{suffix}", scene())
    content = (tmp_path / f"a{suffix}").read_bytes()
    tiff = exif(6)[4:].removeprefix(b"Exif\0\0")
    if suffix == ".png":
        chunk = b"eXIf" + tiff
        added = len(tiff).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
        content = content[:33] + added + content[33:]
    else:
        head = b"VP8X" + (10).to_bytes(4, "little") + b"\x08\0\0\0" + b"\x3f\0\0" + b"\x2f\0\0"
        body = b"WEBP" + head + content[12:] + b"EXIF" + len(tiff).to_bytes(4, "little") + tiff
        content = b"RIFF" + len(body).to_bytes(4, "little") + body
    (tmp_path / f"a{suffix}").write_bytes(content)
    np.testing.assert_array_equal(read_picture(tmp_path / f"a{suffix}").pixels, np.rot90(scene(), -1))
