"""A textured thing that passes before flat ground: flow bleeds into the ground, whose own is known."""

import cv2
import numpy as np
import pytest

from vidstyle.frames import Frame
from vidstyle.motion import flow_between, track, trust_of
from vidstyle.motion.flow import grey_flow, grey_of
from vidstyle.motion.mending import mended
from vidstyle.motion.trust import inside

HEIGHT, WIDTH, SIDE = 160, 240, 44
TOP, LEFT = 60, 90  # of the thing in the frame
PAN = np.array([0.8, 0.3])  # pixels to the previous frame, of the ground
STRIDE = np.array([5.0, 1.0])  # the same, of the thing


def noise(side, seed, cell):
    """(side, side, 3) of detail of `cell` pixels, deviation 1."""
    grid = np.random.default_rng(seed).normal(size=(side // cell + 2, side // cell + 2, 3))
    large = cv2.resize(grid.astype(np.float32), None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
    return (large / large.std())[:side, :side]


def shown(picture, place):
    """A window of the picture, whose corner is at `place`: (HEIGHT, WIDTH, 3)."""
    to_picture = np.array([[1, 0, place[0]], [0, 1, place[1]]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, to_picture, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT)


def sky():
    """Faint clouds: what a patch of a few pixels sees is less than the grain."""
    return np.float32([0.75, 0.7, 0.8]) + 0.02 * noise(320, 1, 32)


def lattice():
    return np.clip(0.45 + 0.2 * noise(SIDE, 2, 4), 0, 1)


def frame(ground, thing, steps, seed):
    """The picture `steps` frames before, the alpha of the thing in it, and where the thing is."""
    picture = shown(ground, np.array([30.0, 30.0]) - steps * PAN)
    move = np.array([[1, 0, LEFT + steps * STRIDE[0]], [0, 1, TOP + steps * STRIDE[1]]], np.float64)
    ones = np.ones((SIDE, SIDE), np.float32)
    alpha = cv2.warpAffine(ones, move, (WIDTH, HEIGHT))
    moved = cv2.warpAffine(thing, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    picture = picture * (1 - alpha[..., None]) + moved * alpha[..., None]
    grain = 0.006 * np.random.default_rng(seed).normal(size=picture.shape)
    return np.clip(255 * (picture + grain) + 0.5, 0, 255).astype(np.uint8), alpha > 0.5


class Passing:
    """Two frames with the flow and trust that are found, and what is known of them."""

    def __init__(self, ground, thing):
        self.now, self.thing = frame(ground, thing, 0, 10)
        self.before, there = frame(ground, thing, 1, 11)
        self.flow = flow_between(self.now, self.before)
        self.trust = trust_of(self.now, self.before, self.flow, flow_between(self.before, self.now))
        self.exact = np.where(self.thing[..., None], STRIDE, PAN).astype(np.float32)
        carried = cv2.warpAffine(
            there.astype(np.uint8), np.array([[1, 0, -PAN[0]], [0, 1, -PAN[1]]]), (WIDTH, HEIGHT)
        )
        self.revealed = (carried > 0) & ~self.thing
        wide = cv2.dilate(self.thing.astype(np.uint8), np.ones((41, 41))) > 0
        # Soft means reach over the silhouettes: three pixels beside them nothing can be told.
        narrow = cv2.dilate((self.thing | self.revealed).astype(np.uint8), np.ones((7, 7))) > 0
        self.halo = wide & ~narrow

    def errors(self, flow):
        return np.linalg.norm(flow - self.exact, axis=2)


@pytest.fixture(scope="module")
def passing():
    return Passing(sky(), lattice())


def test_flat_ground_beside_a_moving_thing_moves_with_the_ground(passing):
    halo, bled = passing.halo, passing.errors(passing.flow) > 1
    assert (bled & halo).sum() > 0.5 * halo.sum()  # the fault is there to be mended
    flow, trust = mended(passing.now, passing.before, passing.flow, passing.trust)
    assert (passing.errors(flow)[halo & (trust > 0.5)] > 1).mean() < 0.05
    assert np.median(passing.errors(flow)[halo]) < 0.6 * np.median(passing.errors(passing.flow)[halo])
    assert passing.trust[halo].mean() < 0.5
    assert trust[halo].mean() > 0.9


def test_what_the_thing_revealed_is_not_trusted_though_it_looks_like_all_ground(passing):
    revealed = passing.revealed
    assert revealed.sum() > 150
    _, trust = mended(passing.now, passing.before, passing.flow, passing.trust)
    assert (trust[revealed] > 0.5).mean() < 0.12
    assert trust[~inside(passing.exact)].max() < 0.5  # came in over the border


def test_trust_that_bled_flow_had_on_revealed_ground_is_taken_back(passing):
    careless = np.ones_like(passing.trust)
    careless[passing.halo] = 0
    _, trust = mended(passing.now, passing.before, passing.flow, careless)
    inner = cv2.erode(passing.revealed.astype(np.uint8), np.ones((3, 3))) > 0
    assert inner.sum() > 40
    assert (trust[inner] > 0.5).mean() < 0.1


def test_texture_keeps_the_flow_that_was_found_on_it(passing):
    flow, trust = mended(passing.now, passing.before, passing.flow, passing.trust)
    inner = cv2.erode(passing.thing.astype(np.uint8), np.ones((9, 9))) > 0
    believed = inner & (passing.trust > 0.5)
    assert believed.mean() > 0.01
    assert (passing.errors(flow)[believed] < 0.6).mean() > 0.95
    assert trust[believed].mean() > 0.8


def test_a_plain_thing_is_not_taken_along_by_ground_of_another_colour():
    plain = np.full((SIDE, SIDE, 3), (0.9, 0.35, 0.2), np.float32)
    passing = Passing(sky(), plain)
    inner = cv2.erode(passing.thing.astype(np.uint8), np.ones((13, 13))) > 0
    before = np.median(passing.errors(passing.flow)[inner])
    flow, _ = mended(passing.now, passing.before, passing.flow, passing.trust)
    assert np.median(passing.errors(flow)[inner]) < before + 0.3


@pytest.mark.parametrize("gain", [0.85, 1.1])
def test_a_change_of_light_does_not_hide_how_the_ground_moves(passing, gain):
    now = np.clip(passing.now * gain, 0, 255).astype(np.uint8)
    flow = flow_between(now, passing.before)
    trust = trust_of(now, passing.before, flow, flow_between(passing.before, now))
    flow, trust = mended(now, passing.before, flow, trust)
    assert trust[passing.halo].mean() > 0.7
    assert (passing.errors(flow)[passing.halo & (trust > 0.5)] > 1).mean() < 0.2


def test_painters_may_have_it_mended_and_judges_have_it_as_it_was_found(passing):
    frames = [Frame(passing.before), Frame(passing.now, index=1)]
    (_, found), (_, better) = (list(track(frames, mend=mend))[1] for mend in (False, True))
    assert np.abs(found.flow_to_previous - passing.flow).max() < 1e-3
    back = grey_flow(grey_of(passing.before), grey_of(passing.now), rough=True)
    trusted = trust_of(passing.now, passing.before, passing.flow, back)
    flow, trust = mended(passing.now, passing.before, passing.flow, trusted)
    # But for the rounding of what is told.
    assert np.abs(better.flow_to_previous - flow).max() < 1e-3 and np.abs(better.trust - trust).max() < 1e-3
    assert not np.array_equal(flow, found.flow_to_previous)


@pytest.mark.parametrize("shape", [(9, 40), (16, 17), (31, 16)])
def test_small_pictures_are_mended_or_left(shape):
    random = np.random.default_rng(0)
    now = random.integers(0, 255, (*shape, 3), dtype=np.uint8)
    flow, trust = mended(now, now, np.zeros((*shape, 2), np.float32), np.ones(shape, np.float32))
    assert flow.shape == (*shape, 2) and flow.dtype == np.float32
    assert np.isfinite(flow).all() and trust.min() > 0.9


def test_a_picture_in_which_nothing_is_trusted_stays_as_it_is(passing):
    nothing = np.zeros_like(passing.trust)
    flow, trust = mended(passing.now, passing.before, passing.flow, nothing)
    assert flow is passing.flow and trust is nothing
