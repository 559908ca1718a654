"""Brush work: curl-noise fields, strokes of many bristles, paper, and relief that catches the light."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]  # what random numbers have a part in is float64


def soft_noise(rng: np.random.Generator, shape: tuple[int, int], size: float, octaves: int = 4) -> Floats:
    """(H, W) noise, mean 0 and deviation 1, its largest features about `size` pixels."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        scale = max(size / 2**octave, 1.0)
        small = (int(np.ceil(shape[0] / scale)) + 3, int(np.ceil(shape[1] / scale)) + 3)
        values = rng.standard_normal(small).astype(np.float32)
        wide = cv2.resize(values, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        y, x = (int(scale * 0.5), int(scale * 0.5))
        total += wide[y : y + shape[0], x : x + shape[1]] * 0.55**octave
    noise: Floats = (total - total.mean()) / total.std()
    return noise


def sample(field: Floats, points: Floats) -> Floats:
    """The field (H, W) or (H, W, C) at points (N, 2), x then y, clamped to the border."""
    x = np.clip(points[:, 0], 0, field.shape[1] - 1).astype(int)
    y = np.clip(points[:, 1], 0, field.shape[0] - 1).astype(int)
    found: Floats = field[y, x]
    return found


def follow(field: Floats, starts: Floats, length: float, pace: float = 3.0) -> Floats:
    """Paths (N, steps, 2), of the given length, through the starts along directions (H, W, 2)."""
    halves = []
    for sign in (-1, 1):
        points, path = starts.copy(), []
        for _ in range(max(int(length / pace / 2), 1)):
            points = points + sign * pace * sample(field, points)
            path.append(points)
        halves.append(path)
    return np.stack([*halves[0][::-1], starts, *halves[1]], axis=1).astype(np.float32)


def scatter(rng: np.random.Generator, shape: tuple[int, int], spacing: float) -> Floats:
    """Points (N, 2) on a jittered grid, in random order."""
    ys, xs = np.meshgrid(np.arange(0, shape[0], spacing), np.arange(0, shape[1], spacing), indexing="ij")
    points = np.stack([xs.ravel(), ys.ravel()], axis=1) + rng.uniform(0, spacing, (xs.size, 2))
    return rng.permutation(points).astype(np.float32)


def bristles(
    canvas: Floats,
    relief: Floats,
    path: Floats,
    colour: Floats,
    width: float,
    rng: np.random.Generator,
    dry: float = 0.0,
) -> None:
    """One stroke along path (steps, 2): parallel hairs, each a little different in colour and height.

    Draws on canvas (H, W, 3) and relief (H, W). `dry` is the share of hairs that run out of paint.
    """
    tangent = np.gradient(path, axis=0)
    across = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    count = max(int(width / 1.5), 2)
    taper = np.sqrt(np.clip(np.sin(np.linspace(0.12, np.pi - 0.06, len(path))), 0, 1))[:, None]
    swell = rng.uniform(0.3, 1.0)
    for hair, place in enumerate(np.linspace(-0.5, 0.5, count)):
        line = path + across * (place * width) * taper
        first, last = int(rng.uniform(0, 0.12) * len(path)), int(rng.uniform(0.88, 1.0) * len(path)) + 1
        if rng.random() < dry:
            last = max(int(last * rng.uniform(0.3, 0.9)), first + 2)
        points = np.round(line[first:last] * 16).astype(np.int32)[:, None]
        edge = 1.12 - 0.5 * abs(place) if hair < count / 2 else 0.95 - 0.3 * abs(place)
        tint = np.clip(colour * edge + rng.normal(0, 0.035, 3), 0, 1)
        thick = 2 if rng.random() < 0.7 else 1
        cv2.polylines(canvas, [points], False, tint.tolist(), thick, cv2.LINE_AA, 4)
        cv2.polylines(relief, [points], False, float(swell + rng.uniform(-0.35, 0.35)), thick, cv2.LINE_AA, 4)


def catch_light(canvas: Floats, relief: Floats, strength: float) -> Floats:
    """Light from the top left over the relief of the paint."""
    height = cv2.GaussianBlur(relief, (0, 0), 0.8)
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)
    shine = np.clip(slope, -1.2, 1.2) * strength
    lit: Floats = np.clip(canvas * (1 + shine[..., None]) + np.maximum(shine, 0)[..., None] * 0.1, 0, 1)
    return lit


def colour(code: str) -> Floats:
    """ "#rrggbb" -> (3,) in 0..1."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def ramp(value: Floats, codes: list[str]) -> Floats:
    """Colours (..., 3) along the list for values 0..1."""
    stops = np.stack([colour(code) for code in codes])
    place = np.clip(value, 0, 1) * (len(codes) - 1)
    index = np.minimum(place.astype(int), len(codes) - 2)
    share = (place - index)[..., None]
    mixed: Floats = (stops[index] * (1 - share) + stops[index + 1] * share).astype(np.float32)
    return mixed


def finish(canvas: Floats, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """To (height, width, 3) uint8, averaged down."""
    small = cv2.resize(canvas, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
