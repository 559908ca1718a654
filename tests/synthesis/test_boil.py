"""Boil: strokes wobble from frame to frame by as much as was asked for, and stay the strokes they were."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.synthesis.conftest import strokes
from vidstyle.frames import Frame, Motion
from vidstyle.quality.style import style_distance, style_moments, taps_of
from vidstyle.quality.warping import warping_error
from vidstyle.settings import Settings
from vidstyle.synthesis.boil import WANDERING, Boiling, wobble

HEIGHT, WIDTH = 96, 128
STILL = Motion(np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32), cut=False)


class Standing:
    """Paints every frame the same; remembers what it was given back."""

    def __init__(self):
        self.restored = None

    def start(self, frame):
        return frame.with_pixels(strokes(HEIGHT, WIDTH))

    def next(self, frame, motion):
        return self.start(frame)

    def state(self):
        return {"of": np.array(7)}

    def restore(self, state):
        self.restored = state


def frame(index):
    return Frame(np.zeros((HEIGHT, WIDTH, 3), np.uint8), pts=index, index=index)


def pictures(amount, seed=0):
    boiling = Boiling(Standing(), Settings(boil=amount, seed=seed))
    return [boiling.start(frame(0))] + [boiling.next(frame(t), STILL) for t in range(1, 4)]


def unrest(amount):
    shown = [picture.floats() for picture in pictures(amount)]
    return np.mean([warping_error(b, a, STILL) for a, b in pairwise(shown)])


def test_more_boil_is_more_unrest():
    measured = [unrest(amount) for amount in (0.1, 0.25, 0.5, 1.0)]
    assert measured == sorted(measured)
    assert measured[-1] > 5 * measured[0] > 0


def test_the_style_stays(network):
    own = strokes(HEIGHT, WIDTH).astype(np.float32) / 255
    style = style_moments([(own, 1.0)], network)
    grey = style_distance(taps_of(np.full_like(own, 0.5), network), style, network)
    for picture in pictures(0.5):
        assert style_distance(taps_of(picture.floats(), network), style, network) < 0.03 * grey


def test_the_wobble_hangs_on_seed_and_frame_alone():
    first, again, other = pictures(0.5), pictures(0.5), pictures(0.5, seed=1)
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a.pixels, b.pixels)
        assert np.abs(a.pixels - c.pixels).mean() > 0.01
    resumed = Boiling(Standing(), Settings(boil=0.5))
    resumed.restore(Boiling(Standing(), Settings(boil=0.5)).state())
    np.testing.assert_array_equal(resumed.next(frame(3), STILL).pixels, first[3].pixels)


def test_what_is_gone_on_from_does_not_wobble():
    inner = Standing()
    boiling = Boiling(inner, Settings(boil=1.0))
    assert boiling.state() == inner.state()
    boiling.restore({"a": np.array(1)})
    assert inner.restored == {"a": np.array(1)}


@pytest.mark.parametrize(("height", "width"), [(270, 480), (1080, 1920), (40, 32)])
def test_strokes_wander_by_a_share_of_the_height_and_neighbours_together(height, width):
    away = wobble(height, width, seed=0, index=5)
    assert away.shape == (1, 2, height, width)
    assert float(away.square().mean().sqrt()) == pytest.approx(WANDERING * height, rel=1e-3)
    bend = (away[..., 1:] - away[..., :-1]).abs().max()
    assert float(bend) < 1  # strokes bend; from 1 on they would fold over
    assert not torch.equal(away, wobble(height, width, seed=0, index=6))
