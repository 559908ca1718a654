"""A small scene with exact motion, a perfect painting of it, and the faults that are planted in it."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from commands import one_thread  # noqa: F401

from vidstyle.frames import Frame, Motion
from vidstyle.quality import Judge
from vidstyle.synthesis.stylizer import StylePicture

HEIGHT, WIDTH, COUNT = 64, 96, 14
SIDE = 24  # of the square that moves across


class TestNetwork:
    """A FeatureNetwork without weights: colours and rectified slopes at three scales."""

    __test__ = False
    name = "test"
    strides = (1, 2, 4)
    style_taps = (0, 1, 2)
    content_taps = (1, 2)
    smallest_side = 8
    fingerprint = "0" * 64
    device = torch.device("cpu")

    def __call__(self, image):
        taps = []
        for _ in self.strides:
            across = F.pad(image[..., 1:] - image[..., :-1], (0, 1))
            down = F.pad(image[..., 1:, :] - image[..., :-1, :], (0, 0, 0, 1))
            taps.append(torch.cat([image, *(F.relu(s * 4) for s in (across, -across, down, -down))], 1))
            image = F.avg_pool2d(image, 2)
        return taps


def texture(height, width, seed, fineness):
    """(height, width, 3) float32 noise about 0, of standard deviation 1, soft over `fineness` pixels."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), fineness, borderType=cv2.BORDER_REFLECT)
    return noise / noise.std()


def painted(colors, seed):
    """The colours turned to the style's, with its strokes on them."""
    turned = 0.25 + 0.6 * colors[..., [2, 0, 1]]
    return np.clip(turned + 0.10 * texture(*colors.shape[:2], seed, 1.0), 0, 1)


@dataclass(frozen=True)
class Scene:
    """Background panning by one pixel a frame, a square going three the other way."""

    ground: np.ndarray
    square: np.ndarray

    def picture(self, t):
        picture = self.ground[:, t : t + WIDTH].copy()
        top, left = self.corner(t)
        picture[top : top + SIDE, left : left + SIDE] = self.square
        return picture

    @staticmethod
    def corner(t):
        return 20, 68 - 3 * t

    @classmethod
    def covered(cls, t):
        mask = np.zeros((HEIGHT, WIDTH), bool)
        top, left = cls.corner(t)
        mask[top : top + SIDE, left : left + SIDE] = True
        return mask

    @classmethod
    def motion(cls, t):
        """Exact flow back to t - 1: trust is 0 where the picture was covered or outside."""
        if t == 0:
            return Motion.first_of_shot(HEIGHT, WIDTH)
        now, before = cls.covered(t), np.pad(cls.covered(t - 1), ((0, 0), (0, 1)), constant_values=True)
        flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
        flow[..., 0] = np.where(now, 3, 1)
        trust = now | ~before[:, 1:]
        return Motion(flow, trust.astype(np.float32), cut=False)


def _scene(paint):
    ground = np.clip(0.6 + 0.12 * texture(HEIGHT, WIDTH + COUNT, 1, 3.0), 0, 1)
    square = np.clip(np.float32([0.1, 0.15, 0.45]) + 0.06 * texture(SIDE, SIDE, 2, 3.0), 0, 1)
    return Scene(paint(ground, 3), paint(square, 4))


@pytest.fixture(scope="session")
def source():
    """[(frame, exact motion)], with a little noise as codecs leave it."""
    scene = _scene(lambda colors, seed: colors)
    noise = np.random.default_rng(5).normal(0, 0.005, (COUNT, HEIGHT, WIDTH, 3))
    return [
        (
            Frame(np.clip(scene.picture(t) + noise[t], 0, 1).astype(np.float32), pts=t, index=t),
            Scene.motion(t),
        )
        for t in range(COUNT)
    ]


@pytest.fixture(scope="session")
def clean():
    """The perfect painting: strokes that move with what they lie on, (COUNT, HEIGHT, WIDTH, 3)."""
    scene = _scene(painted)
    return np.stack([scene.picture(t) for t in range(COUNT)])


@pytest.fixture(scope="session")
def alone():
    """Every frame painted alone: good pictures, other strokes in each."""
    plain = _scene(lambda colors, seed: colors)
    return np.stack([painted(plain.picture(t), 100 + t) for t in range(COUNT)])


@pytest.fixture(scope="session")
def judge(alone):
    ground = np.clip(0.6 + 0.12 * texture(128, 192, 21, 3.0), 0, 1)
    ground[30:60, 60:90] = np.clip(np.float32([0.1, 0.15, 0.45]) + 0.06 * texture(30, 30, 22, 3.0), 0, 1)
    return Judge(
        TestNetwork(),
        [StylePicture(painted(ground, 23))],
        style_size=2.0,
        alone=lambda frame: frame.with_pixels(alone[frame.index]),
        alone_every=1,
        across=lambda frame, earlier: exact_across(frame.index, earlier.index),
    )


def exact_across(now, then):
    """Exact motion over a gap of frames."""
    gap = now - then
    inside = np.arange(WIDTH) + gap < WIDTH
    before = np.zeros((HEIGHT, WIDTH), bool)
    before[:, : WIDTH - gap] = Scene.covered(then)[:, gap:]
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    flow[..., 0] = np.where(Scene.covered(now), 3 * gap, gap)
    trust = Scene.covered(now) | (inside[None] & ~before)
    return Motion(flow, trust.astype(np.float32), cut=False)


@pytest.fixture(scope="session")
def as_frames():
    """Turns a stack of pictures into frames."""
    return frames_of


@pytest.fixture(scope="session")
def network():
    """A FeatureNetwork that needs no weights."""
    return TestNetwork()


def frames_of(pictures):
    return [Frame(p.astype(np.float32), pts=t, index=t) for t, p in enumerate(pictures)]
