"""A mask shows its latest frame that is not after the clip's time, white as 1 and black as 0."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from vidstyle.errors import InputError
from vidstyle.media import Mask
from vidstyle.media.masks import NEARLY

SIZE = (48, 64)


def number(covered):
    """Which frame of a clip by `make_video` a mask shows: each has a grey of its own."""
    level = (float(covered.mean()) * (1 - 2 * NEARLY) + NEARLY) * 255
    return round((level - 20) / 15)


def shown(path, times, **options):
    mask = Mask(path, SIZE, **options)
    try:
        return [number(mask.at(Fraction(time))) for time in times]
    finally:
        mask.close()


def still(path, picture):
    cv2.imwrite(str(path), picture)
    return path


def test_a_mask_of_another_rate_follows_the_time_of_the_clip(make_video):
    path = make_video("mask.mp4", pts=range(12), time_base=Fraction(1, 10), rate=10)
    clip = [Fraction(n, 25) for n in range(25)]
    assert shown(path, clip) == [int(time * 10) for time in clip]


def test_a_slow_mask_holds_each_frame_until_the_next(make_video):
    path = make_video("mask.mp4", pts=(0, 7, 30), time_base=Fraction(1, 10), rate=10)
    assert shown(path, ["0", "0.69", "0.7", "2.99", "3", "9"]) == [0, 0, 1, 1, 2, 2]


def test_times_rounded_by_matroska_bring_no_frame_late(make_video):
    path = make_video("mask.mkv", pts=range(12), time_base=Fraction(1, 30), rate=30)
    clip = [Fraction(n, 30) for n in range(12)]
    assert shown(path, clip) == list(range(12))


def test_a_mask_that_ends_early_holds_its_last_frame(make_video):
    path = make_video("mask.mp4", pts=range(5))
    assert shown(path, ["0", "0.16", "0.2", "60"]) == [0, 4, 4, 4]
    assert shown(path, ["50", "60"], since=Fraction(50)) == [4, 4]


@pytest.mark.parametrize("since", ["0.5", "3", "23.3", "39.9", "70"])
def test_a_look_from_anywhere_on_shows_the_same_as_one_from_the_start(make_video, since):
    times = (*range(0, 400, 90), 390)  # gaps longer than what is looked back over first
    path = make_video("mask.mp4", pts=times, time_base=Fraction(1, 10), rate=10)
    clip = [Fraction(since) + Fraction(n, 4) for n in range(8)]
    assert shown(path, clip, since=clip[0]) == shown(path, clip)


def test_a_mask_whose_clock_starts_late_starts_with_the_clip(make_video):
    path = make_video("mask.ts", pts=range(5))
    assert shown(path, ["0", "0.04", "0.12"]) == [0, 1, 3]


def test_numbered_masks_follow_at_the_rate_of_the_clip(tmp_path):
    for place in range(4):
        still(tmp_path / f"mask_{place}.png", np.full((*SIZE, 3), 20 + 15 * place, np.uint8))
    pattern = tmp_path / "mask_%d.png"
    assert shown(pattern, ["0", "0.1", "0.25", "0.3"], rate=Fraction(10)) == [0, 1, 2, 3]


def covered(path, size=SIZE):
    mask = Mask(path, size)
    mask.close()
    return mask.at(Fraction(0))


def test_white_is_one_black_is_zero_and_grey_between(tmp_path):
    picture = np.zeros((*SIZE, 3), np.uint8)
    picture[:, 20:40], picture[:, 40:] = 128, 255
    found = covered(still(tmp_path / "mask.png", picture))
    assert found.dtype == np.float32
    assert [found[0, 0], found[0, 50]] == [0, 1]
    assert found[0, 30] == pytest.approx(0.5, abs=0.01)


def test_what_is_transparent_is_black(tmp_path):
    picture = np.full((*SIZE, 4), 255, np.uint8)
    picture[:, :32, 3] = 0
    found = covered(still(tmp_path / "mask.png", picture))
    assert [found[:, :32].max(), found[:, 32:].min()] == [0, 1]


def test_sixteen_bits_are_read_as_such(tmp_path):
    picture = np.full((*SIZE, 3), 32768, np.uint16)
    assert covered(still(tmp_path / "mask.png", picture)).mean() == pytest.approx(0.5, abs=0.001)


def test_a_mask_is_scaled_to_the_frame_and_a_hard_edge_softens(tmp_path):
    picture = np.zeros((12, 16, 3), np.uint8)
    picture[:, 8:] = 255
    found = covered(still(tmp_path / "mask.png", picture))
    assert found.shape == SIZE
    assert [found[:, :24].max(), found[:, 40:].min()] == [0, 1]
    assert ((found > 0) & (found < 1)).any(1).all()


def test_noise_of_lossy_video_is_neither_black_nor_white_grown_grey(make_video):
    path = make_video(
        "mask.mp4",
        pts=(0,),
        picture=lambda n: np.kron([[0, 255]], np.ones((48, 32)))[..., None].repeat(3, 2).astype(np.uint8),
        options={"crf": "30"},
    )
    found = covered(path)
    assert [found[:, :24].max(), found[:, 40:].min()] == [0, 1]


def test_a_file_without_a_picture_is_told(tmp_path):
    (tmp_path / "text.png").write_text("Dear diary")
    with pytest.raises(InputError, match=r"text\.png: is no video or picture"):
        Mask(tmp_path / "text.png", SIZE)
