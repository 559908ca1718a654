"""Two fish under the sun in glazed tesserae, laid in rows along the shapes.

The tiles are a centroidal Voronoi diagram under a square metric that turns with the drawing
(Hausner, Simulating Decorative Mosaics, 2001).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from strokes import Floats, colour, finish, ramp, sample, scatter, soft_noise

SIZE = (512, 640)
SCALE = 2
TILE = 17.0  # mean side of a tile, in pixels of the large picture
ROUNDS = 14  # of moving each tile to its middle


def _fish(
    x: Floats, y: Floats, cx: float, cy: float, size: float, turn: float, flip: int
) -> tuple[Floats, Floats, Floats]:
    """Signed distance (roughly, pixels; inside below 0), and the fish's own coordinates."""
    c, s = np.cos(turn), np.sin(turn)
    u, v = ((x - cx) * c + (y - cy) * s) / size * flip, ((y - cy) * c - (x - cx) * s) / size
    v = v + 0.12 * np.sin(1.6 * u + 0.6)
    body = np.hypot(u / 1.0, v / (0.44 * np.sqrt(np.clip(1.05 - 0.25 * u, 0.2, 2)))) - 1
    tail = np.maximum(np.abs(v) - 0.1 - 0.62 * np.maximum(-u - 0.9, 0), np.abs(u + 1.22) - 0.36)
    fin = np.maximum(np.abs(u + 0.05 + 0.55 * (-v - 0.4)) - 0.42 - 0.5 * v, np.abs(v + 0.52) - 0.18)
    return np.minimum(np.minimum(body * 0.45, tail), fin) * size, u, v


def _design(rng: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Colours (H, W, 3), and the distance-like field (H, W) whose level lines the rows of tiles follow."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    surface = 0.37 * height + 26 * np.sin(x / width * 9.4) + 14 * np.sin(x / width * 21 + 1)
    depth = y - surface
    band = 0.5 + 0.5 * np.sin(depth / 46 + 0.5 * soft_noise(rng, (height, width), 260, 2))
    picture = ramp(
        0.62 * band + 0.38 * np.clip(depth / (0.62 * height), 0, 1),
        ["#a9dccb", "#48b3ae", "#1f86a0", "#155f91", "#123a70", "#0e2552"],
    )
    picture[(depth > 0) & (depth < 22)] = colour("#f1f0dc")
    rows = depth.copy()
    sx, sy = 0.76 * width, 0.12 * height
    ray = np.hypot(x - sx, y - sy)
    angle = np.arctan2(y - sy, x - sx)
    glow = ramp(
        np.clip(ray / (0.62 * width), 0, 1) * 0.75 + 0.25 * (np.sin(angle * 18) > 0),
        ["#f9e27a", "#f4b93f", "#ea8a3c", "#e0664a", "#b9506a", "#6d4a86"],
    )
    disc = np.where(
        (ray < 0.1 * height)[..., None], ramp(ray / (0.1 * height), ["#fff6c4", "#f9d648", "#e8912a"]), glow
    )
    disc[np.abs(ray - 0.106 * height) < 10] = colour("#a5301f")
    above = depth < 0
    picture = np.where(above[..., None], disc, picture)
    rows = np.where(above, np.where(depth > -40, depth, ray), rows)
    fishes = (
        (0.36, 0.61, 275.0, -0.16, 1, ["#8e1f1a", "#d8402a", "#f08a2e", "#f9d04a"]),
        (0.77, 0.84, 185.0, 0.14, -1, ["#5b1c50", "#b03a6a", "#e88a5a", "#f4e0b0"]),
    )
    for fx, fy, size, turn, flip, codes in fishes:
        distance, u, v = _fish(x, y, fx * width, fy * height, size, turn, flip)
        scales = 0.5 + 0.5 * np.sin(12 * np.hypot(u - 0.9, 1.2 * v))
        skin = ramp(np.clip(0.5 - 0.95 * v + 0.3 * (scales - 0.5), 0, 1), codes)
        skin[np.abs(u - 0.52 + 0.9 * v * v) < 0.035] = colour("#f7efd2")
        tail = (u < -0.9) & (np.sin(v * 26) > 0)
        skin[tail] = colour(codes[3])
        eye = np.hypot(u - 0.72, v + 0.09)
        skin[eye < 0.15], skin[eye < 0.07] = colour("#f7f2dc"), colour("#161322")
        picture = np.where((distance < 0)[..., None], skin, picture)
        picture[np.abs(distance) < 9] = colour("#1b1a33")
        rows = np.where(distance < 70, distance, rows)
    return picture.astype(np.float32), rows.astype(np.float32)


def _turns(rows: Floats) -> Floats:
    """Angle (H, W) of the gradient of the rows, smoothed as a tile has four equal sides."""
    gx, gy = cv2.Sobel(rows, cv2.CV_32F, 1, 0), cv2.Sobel(rows, cv2.CV_32F, 0, 1)
    angle = np.arctan2(gy, gx)
    sharp = np.hypot(gx, gy) < 40  # a jump between two shapes has no direction
    c = cv2.GaussianBlur(np.where(sharp, np.cos(4 * angle), 0).astype(np.float32), (0, 0), 5)
    s = cv2.GaussianBlur(np.where(sharp, np.sin(4 * angle), 0).astype(np.float32), (0, 0), 5)
    return np.arctan2(s, c) / 4


def _assign(
    seeds: Floats, turns: Floats, shape: tuple[int, int]
) -> tuple[npt.NDArray[np.int32], Floats, Floats]:
    """For each pixel the nearest seed, its distance and the second seed's distance (square metric)."""
    reach = int(TILE * 1.7)
    first, second = np.full(shape, 1e9, np.float32), np.full(shape, 1e9, np.float32)
    owner = np.zeros(shape, np.int32)
    for number, ((sx, sy), turn) in enumerate(zip(seeds, turns, strict=True)):
        x0, y0 = max(int(sx) - reach, 0), max(int(sy) - reach, 0)
        x1, y1 = min(int(sx) + reach, shape[1]), min(int(sy) + reach, shape[0])
        dx = np.arange(x0, x1, dtype=np.float32)[None] - sx
        dy = np.arange(y0, y1, dtype=np.float32)[:, None] - sy
        c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        distance = np.maximum(np.abs(dx * c + dy * s), np.abs(dy * c - dx * s))
        here = (slice(y0, y1), slice(x0, x1))
        before = first[here]
        closer = distance < before
        second[here] = np.minimum(second[here], np.maximum(before, distance))
        first[here] = np.minimum(before, distance)
        owner[here][closer] = number
    return owner, first, second


def _settle(seeds: Floats, turns: Floats, shape: tuple[int, int]) -> Floats:
    """Move each seed to the middle of its pixels, a few times; at half size for speed."""
    for _ in range(ROUNDS):
        owner, _, _ = _assign(seeds, sample(turns, seeds), shape)
        count = np.maximum(np.bincount(owner.ravel(), minlength=len(seeds)), 1)
        y, x = np.mgrid[: shape[0], : shape[1]]
        middle = [np.bincount(owner.ravel(), axis.ravel(), len(seeds)) / count for axis in (x, y)]
        seeds = np.stack(middle, axis=1).astype(np.float32)
    return seeds


def mosaic() -> npt.NDArray[np.uint8]:
    """(512, 640, 3) uint8."""
    rng = np.random.default_rng(79)
    shape = (SIZE[0] * SCALE, SIZE[1] * SCALE)
    picture, rows = _design(rng, *shape)
    turns = _turns(rows)
    seeds = _settle(scatter(rng, shape, TILE), turns, shape)
    owner, first, second = _assign(
        seeds, sample(turns, seeds) + rng.normal(0, 0.05, len(seeds)).astype(np.float32), shape
    )
    glaze = sample(picture, seeds)
    glaze = glaze * rng.normal(1, 0.13, (len(seeds), 1)) + rng.normal(0, 0.035, (len(seeds), 3))
    gold = rng.random(len(seeds)) < 0.03
    glaze[gold] = colour("#f3cf5a")
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    lean = rng.normal(0, 1, (len(seeds), 2))
    dx, dy = x - seeds[owner, 0], y - seeds[owner, 1]
    tilt = (dx * lean[owner, 0] + dy * lean[owner, 1]) / TILE * 0.16
    grain = 0.05 * soft_noise(rng, shape, 8, 3) + 0.04 * soft_noise(rng, shape, 3, 1)
    tiles = glaze[owner] * (1 + tilt + grain)[..., None]
    gap = second - first
    edge = np.clip(gap / 7, 0, 1)
    height = cv2.GaussianBlur(np.sqrt(edge), (0, 0), 1.2)
    shine = -(cv2.Sobel(height, cv2.CV_32F, 1, 0) + cv2.Sobel(height, cv2.CV_32F, 0, 1))
    tiles = tiles * (1 - 0.28 * shine[..., None]) + 0.12 * np.maximum(-shine, 0)[..., None]
    grout = colour("#4b4038") * (1 + 0.3 * soft_noise(rng, shape, 5, 2))[..., None]
    chip = 3.2 + 0.9 * soft_noise(rng, shape, 14, 3)
    solid = np.clip((gap - chip) / 1.6 + 0.5, 0, 1)[..., None]
    return finish(grout * (1 - solid) + tiles * solid, SIZE)
