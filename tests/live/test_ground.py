"""Strokes stay where the source is what they were painted on, and nowhere else."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from vidstyle.frames import Frame, Motion
from vidstyle.live.ground import Ground, held_on, painted_on
from vidstyle.motion import quick_motion
from vidstyle.motion.quick import reduced

HEIGHT, WIDTH = 120, 200
LEAST = 0.72


def scene(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).random((HEIGHT // 10 + 2, WIDTH // 10 + 2, 3))
    whole = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(whole * 200 + 20, 0, 255)


def noisy(pixels: np.ndarray, seed: int) -> Frame:
    grain = np.random.default_rng(seed).normal(0, 3, pixels.shape)
    return Frame(np.clip(pixels + grain + 0.5, 0, 255).astype(np.uint8))


def trusting(frame: Frame) -> Motion:
    shape = reduced(frame).pixels.shape[:2]
    return Motion(np.zeros((*shape, 2), np.float32), np.ones(shape, np.float32), cut=False)


def through(frames: list[Frame], motion: Motion) -> tuple[np.ndarray, Ground]:
    """Shares held in the last of some frames, and its ground."""
    held, ground = motion.trust, painted_on(frames[0])
    for frame in frames[1:]:
        held, ground = held_on(ground, frame, motion, LEAST)
    return held, ground


def test_more_is_held_of_a_still_scene_with_a_cameras_noise() -> None:
    frames = [noisy(scene(0), seed) for seed in range(16)]
    held, _ = through(frames, trusting(frames[0]))
    assert held.min() >= LEAST * 0.999
    assert np.median(held) > 0.9
    assert held.max() < 1


def test_the_first_pictures_are_held_no_longer_than_an_average_of_them_would_be() -> None:
    frames = [noisy(scene(0), seed) for seed in range(4)]
    assert np.allclose(through(frames[:3], trusting(frames[0]))[0], LEAST)  # two thirds are less
    assert through(frames, trusting(frames[0]))[0].max() <= 0.75 + 1e-5


def test_what_is_not_trusted_is_not_held() -> None:
    frames = [noisy(scene(0), seed) for seed in range(9)]
    motion = trusting(frames[0])
    motion.trust[:, 50:] = 0
    held, ground = through(frames, motion)
    assert held[:, 50:].max() == 0
    assert np.abs(ground.pixels[:, 30:] - painted_on(frames[-1]).pixels[:, 30:]).max() < 1e-3


@pytest.mark.parametrize("step", [0.25, 1.0])
def test_a_slow_fade_is_followed_though_no_step_of_it_can_be_seen(step: float) -> None:
    frames = [Frame(np.clip(scene(1) + step * n + 0.5, 0, 255).astype(np.uint8)) for n in range(60)]
    _, ground = through(frames, trusting(frames[0]))
    behind = painted_on(frames[-1]).pixels - ground.pixels
    assert behind.mean() < max(3.0, 1.1 * step * LEAST / (1 - LEAST))


def test_a_ghost_trusted_wrongly_shows_in_the_ground_and_goes_as_fast_as_before() -> None:
    before, now = scene(2), scene(2)
    before[40:80, 60:120] = 255 - before[40:80, 60:120]
    stood, gone = [noisy(before, seed) for seed in range(20)], [noisy(now, seed) for seed in range(7)]
    motion = trusting(stood[0])
    ghost = np.abs(before - now)[50:70, 80:100].mean()
    _, ground = through(stood, motion)
    for frame in gone:
        _, ground = held_on(ground, frame, motion, LEAST)
    left = np.abs(ground.pixels - painted_on(noisy(now, 0)).pixels)[14:16, 22:24].mean()
    assert ghost > 40
    assert left < 1.5 * ghost * LEAST ** len(gone) + 1


def test_a_pan_of_a_fifth_of_a_pixel_a_frame_is_followed() -> None:
    """Carried by the flow for forty frames, a pattern lies where its surface has gone: eight pixels on."""
    wide = cv2.GaussianBlur(np.random.default_rng(5).random((HEIGHT, WIDTH, 3)), (0, 0), 2.5)
    wide = np.clip((wide - 0.5) * 900 + 128, 0, 255)

    def at(shift: float) -> np.ndarray:
        way = np.array([[1, 0, shift], [0, 1, 0]], np.float32)
        return cv2.warpAffine(
            wide, way, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )

    frames = [noisy(at(0.2 * n), n) for n in range(41)]
    ground = painted_on(frames[0])
    for before, frame in pairwise(frames):
        _, ground = held_on(ground, frame, quick_motion(before, frame), LEAST)
    inner = (slice(4, -4), slice(8, -8))

    def away(shift: float) -> float:
        there = painted_on(Frame(np.clip(at(shift), 0, 255).astype(np.uint8))).pixels
        return float(np.abs(ground.pixels - there)[inner].mean())

    assert abs(min(np.arange(6.0, 10.0, 0.25), key=away) - 8) <= 0.5
