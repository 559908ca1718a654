"""The quick motion: right where it says so, silent where it cannot know."""

from __future__ import annotations

import gc
import weakref

import cv2
import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import quick_motion, track
from vidstyle.motion.quick import reduced


def scene(seed: int, height: int = 120, width: int = 200) -> np.ndarray:
    coarse = np.random.default_rng(seed).random((height // 10 + 2, width // 10 + 2, 3))
    whole = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return (np.clip(whole, 0, 1) * 255).astype(np.uint8)


def test_a_pan_is_found_and_trusted() -> None:
    wide = scene(0, 120, 212)
    before, now = Frame(wide[:, :200].copy()), Frame(wide[:, 6:206].copy())
    motion = quick_motion(before, now)
    height, width = motion.trust.shape
    assert (height, width) == (60, 100)
    inner = motion.flow_to_previous[10:-10, 10:-10]
    assert np.abs(np.median(inner, (0, 1)) - (3, 0)).max() < 0.2  # of pixels half the size
    assert motion.trust[10:-10, 10:-10].mean() > 0.8
    assert motion.trust[:, -2:].mean() < 0.3  # was beyond the border


def test_motion_of_less_than_a_pixel_is_found_in_fine_texture() -> None:
    grain = np.random.default_rng(7).random((130, 210, 3)).astype(np.float32)
    fine = (cv2.GaussianBlur(grain, (0, 0), 1.6) * 255).astype(np.uint8)
    shift = np.float32([[1, 0, -1.5], [0, 1, -0.7]])
    moved = cv2.warpAffine(fine, shift, (210, 130), flags=cv2.INTER_CUBIC)
    motion = quick_motion(Frame(fine[:120, :200].copy()), Frame(moved[:120, :200].copy()))
    inner = motion.flow_to_previous[8:-8, 8:-8]
    assert np.abs(inner - (0.75, 0.35)).mean() < 0.06
    assert motion.trust[8:-8, 8:-8].mean() > 0.9


def test_a_film_has_time_for_nearer_motion() -> None:
    grain = np.random.default_rng(7).random((280, 420, 3)).astype(np.float32)
    fine = cv2.GaussianBlur(grain, (0, 0), 1.6) * 255
    turn = cv2.getRotationMatrix2D((210, 140), 1.2, 1.0)
    turn[:, 2] += (4.3, -2.6)
    moved = cv2.warpAffine(fine, turn, (420, 280), flags=cv2.INTER_CUBIC)
    y, x = np.mgrid[20:260, 30:390].astype(np.float32)
    back = cv2.invertAffineTransform(turn)
    exact = np.stack(
        [row[0] * x + row[1] * y + row[2] - at for row, at in zip(back, (x, y), strict=True)], -1
    )
    half = cv2.resize(exact, (180, 120), interpolation=cv2.INTER_AREA) / 2
    inner = (slice(20, 260), slice(30, 390))
    now, then = (Frame(np.clip(each[inner], 0, 255).astype(np.uint8)) for each in (moved, fine))
    quick, near = (quick_motion(then, now, preset=preset).flow_to_previous for preset in ("live", "film"))
    errors = [np.linalg.norm(flow - half, axis=2)[12:-12, 12:-12].mean() for flow in (quick, near)]
    assert errors[1] < 0.75 * errors[0]
    tracked = [motion for _, motion in track([then, now], preset="quick")][1]
    assert np.array_equal(tracked.flow_to_previous, quick_motion(then, now, preset="film").flow_to_previous)


def test_fine_texture_that_flow_misses_by_half_a_pixel_is_trusted() -> None:
    lattice = np.zeros((132, 212, 3), np.uint8)
    lattice[::6] = lattice[:, ::6] = 230  # lines of a pixel, as of windows
    lattice[1::6] = lattice[:, 1::6] = 230
    way = np.array([[1, 0, 3.7], [0, 1, 2.3]], np.float32)
    moved = cv2.warpAffine(lattice, way, (212, 132), flags=cv2.INTER_LINEAR)
    motion = quick_motion(Frame(lattice[6:126, 6:206].copy()), Frame(moved[6:126, 6:206].copy()))
    assert motion.trust[8:-8, 8:-8].mean() > 0.8


def test_a_frame_is_reduced_once_and_forgotten_with_it() -> None:
    frame = Frame(scene(0))
    small = reduced(frame)
    assert reduced(frame) is small and reduced(Frame(scene(0))) is not small
    tiny = Frame(scene(0, 40, 40))  # already as small as flow is found on
    kept = [weakref.ref(each) for each in (frame, small, tiny)]
    assert reduced(tiny).pixels.shape == (40, 40, 3)
    del frame, small, tiny
    gc.collect()
    assert [each() for each in kept] == [None, None, None]


def test_what_is_revealed_is_not_trusted() -> None:
    ground = scene(1)
    before, now = ground.copy(), ground.copy()
    before[40:70, 60:90] = scene(2)[40:70, 60:90]
    now[40:70, 70:100] = scene(2)[40:70, 60:90]
    trust = quick_motion(Frame(before), Frame(now)).trust
    assert trust[22:33, 31:34].mean() < 0.25  # where the square was
    assert trust[:, 60:].mean() > 0.9


def test_the_change_is_what_motion_does_not_explain() -> None:
    wide, noise = scene(0, 120, 212).astype(int), np.random.default_rng(1)
    clean = [wide[:, :200], wide[:, 6:206]]
    loud = [np.clip(each + noise.normal(0, 6, each.shape), 0, 255) for each in clean]
    calm, noisy = (quick_motion(*(Frame(np.uint8(each)) for each in pair)).change for pair in (clean, loud))
    assert calm is not None and noisy is not None
    assert calm < (1 / 255) ** 2
    assert noisy == pytest.approx(2 * (6 / 255) ** 2, rel=0.35)  # less what a linear warp averages away


def test_a_cut_is_a_cut_and_a_new_size_too() -> None:
    assert quick_motion(Frame(scene(3)), Frame(255 - scene(4) // 3)).cut
    assert quick_motion(Frame(scene(3)), Frame(scene(3, 100, 200))).cut
    assert not quick_motion(Frame(scene(3)), Frame(scene(3))).cut


@pytest.mark.parametrize("size", [(32, 32), (33, 500), (40, 56)])
def test_small_and_long_pictures_are_safe(size: tuple[int, int]) -> None:
    frames = [Frame(scene(5, *size)), Frame(np.roll(scene(5, *size), 1, 1))]
    motions = [motion for _, motion in track(frames, preset="quick")]
    assert motions[0].cut
    assert motions[1].trust.shape == motions[1].flow_to_previous.shape[:2]
