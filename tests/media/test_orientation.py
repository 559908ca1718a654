"""Phone clips come upright, and the pixels keep their shape."""

from fractions import Fraction

import numpy as np
import pytest
from corners import quadrants

import vidstyle.media.orientation as orientation
from vidstyle.media import probe, read


def corners(pixels: np.ndarray) -> str:
    names = {(1, 1, 1): "w", (1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b"}
    h, w = pixels.shape[:2]
    spots = [(h // 4, w // 4), (h // 4, 3 * w // 4), (3 * h // 4, w // 4), (3 * h // 4, 3 * w // 4)]
    return "".join(names[tuple(int(v > 128) for v in pixels[y, x])] for y, x in spots)


# ffmpeg's rule for (degrees, hflip, vflip): the display matrix turns counter-clockwise by `degrees`,
# and its flips are of the picture as shown.
@pytest.mark.parametrize(
    ("display", "shown", "size"),
    [
        (None, "wrgb", (48, 64)),
        ((90, False, False), "rbwg", (64, 48)),
        ((180, False, False), "bgrw", (48, 64)),
        ((270, False, False), "gwbr", (64, 48)),
        ((0, True, False), "rwbg", (48, 64)),
        ((0, False, True), "gbwr", (48, 64)),
    ],
)
def test_rotated_and_mirrored_clips_come_upright(make_video, display, shown, size):
    path = make_video(picture=lambda index: quadrants(), display=display, pts=range(3))
    info = probe(path)
    frame = next(read(path))
    assert frame.pixels.shape[:2] == size == (info.video.height, info.video.width)
    assert corners(frame.pixels) == shown
    assert corners(next(read(path, size=(32, 40))).pixels) == shown


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_a_matrix_means_what_moving_each_pixel_by_it_gives(degrees, flipped):
    import struct

    turn = round(np.cos(np.radians(degrees))), round(np.sin(np.radians(degrees)))
    # p right, q down: counter-clockwise is (p, q) -> (cos p + sin q, -sin p + cos q), after p -> -p.
    a, b, c, d = turn[0], -turn[1], turn[1], turn[0]
    if flipped:
        a, b = -a, -b
    raw = struct.pack("=9i", a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30)
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    placed = {(a * x + c * y, b * x + d * y): tuple(pixels[y, x]) for y in range(2) for x in range(3)}
    left, top = min(x for x, _ in placed), min(y for _, y in placed)
    got = orientation.from_matrix(raw).upright(pixels)
    assert all(tuple(got[y - top, x - left]) == value for (x, y), value in placed.items())


def test_the_pixel_aspect_turns_with_the_picture(make_video):
    flat = probe(make_video("flat.mp4", sar=Fraction(4, 3)))
    turned = probe(make_video("turned.mp4", sar=Fraction(4, 3), display=(90, False, False)))
    assert flat.video.sample_aspect_ratio == Fraction(4, 3)
    assert turned.video.sample_aspect_ratio == Fraction(3, 4)
    assert turned.video.rotation == 90
