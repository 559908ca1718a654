import cv2
import numpy as np
import pytest
from commands import one_thread  # noqa: F401

from vidstyle.features import load_features
from vidstyle.frames import Frame
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture


@pytest.fixture(scope="session")
def network():
    return load_features("builtin")


def strokes(height=96, width=128, seed=1):
    """A style picture of short oriented strokes in blue, ochre and white."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), (30, 50, 110), np.uint8)
    for _ in range(height * width // 24):
        x, y = rng.integers(width), rng.integers(height)
        angle = np.sin(x / 17) + np.cos(y / 13)
        end = (int(x + 9 * np.cos(angle)), int(y + 9 * np.sin(angle)))
        color = ((30, 60, 140), (220, 170, 40), (235, 230, 210), (10, 20, 60))[rng.integers(4)]
        cv2.line(picture, (int(x), int(y)), end, color, 2, cv2.LINE_AA)
    return picture


def landscape(height=64, width=96):
    """A source: sky, hill and a sun, (H, W, 3) uint8."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:] = np.linspace((120, 170, 230), (230, 220, 200), height)[:, None]
    cv2.ellipse(picture, (width // 3, height), (width // 2, height // 2), 0, 0, 360, (60, 120, 50), -1)
    cv2.circle(picture, (width * 3 // 4, height // 4), height // 8, (250, 210, 90), -1)
    return picture


@pytest.fixture
def style():
    return StylePicture(strokes())


@pytest.fixture
def source():
    return Frame(landscape())


def quick_settings(**overrides):
    return Settings.preset("draft", **{"first_steps": (20, 20), "precision": "float32", **overrides})


@pytest.fixture
def quick():
    """Settings for pictures of a few thousand pixels."""
    return quick_settings


@pytest.fixture(scope="session")
def begun_once(network):
    """The first frame of `source` in `style`, and the state after it: forty steps that many begin with."""
    painter = OptimisingStylizer([StylePicture(strokes())], quick_settings(), network)
    return painter.start(Frame(landscape())), painter.state()


@pytest.fixture
def begun(stylizer, begun_once):
    """A stylizer that has painted `source`, and what it painted.

    To go on from a state is to go on, bit for bit: a test of its own says so.
    """
    first, state = begun_once

    def make():
        painter = stylizer()
        painter.restore({name: array.copy() for name, array in state.items()})
        return painter, first.with_pixels(first.pixels.copy())

    return make


@pytest.fixture
def stylizer(network, style, quick):
    def make(*styles, **overrides):
        return OptimisingStylizer(styles or (style,), quick(**overrides), network)

    return make
