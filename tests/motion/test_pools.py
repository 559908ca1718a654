"""Pools add up what lies near and looks alike; flat ground's flow comes out of faint clouds."""

import cv2
import numpy as np

from vidstyle.motion.pooled import pooled_flow
from vidstyle.motion.pools import Pools

HEIGHT, WIDTH = 80, 120


def halves():
    """Red on the left of a slanted edge, blue on the right; and where it is red."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    red = x + 0.5 * y < 80
    colours = np.where(red[..., None], np.float32([0.8, 0.2, 0.2]), np.float32([0.2, 0.2, 0.8]))
    return colours.astype(np.float32), red


def test_sums_hold_all_that_was_gathered():
    colours, red = halves()
    blue = (~red).astype(np.float32)
    sums = Pools(colours).gather(red.astype(np.float32), blue)
    own = sums.max(axis=(3, 4, 5))  # red and blue are further apart than the shades that are added up
    assert own.sum(axis=(1, 2)).tolist() == [red.sum(), blue.sum()]


def test_a_mean_over_pools_knows_nothing_of_what_looks_otherwise():
    colours, red = halves()
    pools = Pools(colours)
    values = np.where(red, np.float32(1), np.float32(5))
    total, many = pools.spread(pools.gather(values, np.ones_like(values)), 2.0)
    mean = pools.look_up((total / np.maximum(many, 1e-6))[None])[0]
    assert np.allclose(mean, values, atol=1e-4)


def test_a_mean_over_pools_follows_what_changes_slowly_across_the_picture():
    colours = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    slope = np.tile(np.linspace(0, 1, WIDTH, dtype=np.float32), (HEIGHT, 1))
    pools = Pools(colours)
    total, many = pools.spread(pools.gather(slope, np.ones_like(slope)), 0.7)
    mean = pools.look_up((total / many)[None])[0]
    assert np.abs(mean - slope)[:, 20:-20].max() < 0.03


def test_flat_ground_tells_its_flow_where_a_wrong_one_was_given():
    random = np.random.default_rng(3)
    grid = random.normal(size=(12, 16, 3)).astype(np.float32)
    clouds = 0.6 + 0.03 * cv2.resize(grid, (WIDTH + 60, HEIGHT + 60), interpolation=cv2.INTER_CUBIC)

    def seen(x, y):
        way = np.array([[1, 0, 30 + x], [0, 1, 30 + y]], np.float64)
        return cv2.warpAffine(clouds, way, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)

    now, then = seen(0, 0), seen(-0.9, -0.4)  # what lies at p now lay at p + (0.9, 0.4)
    bled = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    bled[20:60, 30:90] = (2.5, -1.0)
    flow, texture = pooled_flow(now, then, bled, Pools(now))
    assert np.median(np.linalg.norm(flow - np.float32([0.9, 0.4]), axis=2)) < 0.25
    assert texture.max() < 1e-3  # patches show nothing
