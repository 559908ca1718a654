"""What the layers show: painted grounds, people, rocks, reeds, trees and lattices, all drawn from numbers."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Sprite = tuple[Float32, Float32]  # picture (h, w, 3) and alpha (h, w), float32 in 0..1

FINE = 4  # cut-outs are drawn this many times as large, then shrunk: smooth edges


def color(code: str) -> Float32:
    """ "#rrggbb" -> (3,) float32 in 0..1."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / np.float32(255)


def clouds(height: int, width: int, seed: int, coarsest: int = 64, roughness: float = 0.6) -> Float32:
    """(height, width) noise of all sizes up to `coarsest` pixels, mean 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    total, share, cell = np.zeros((height, width), np.float32), 1.0, coarsest
    while cell >= 2:
        grid = rng.standard_normal((height // cell + 3, width // cell + 3)).astype(np.float32)
        large = cv2.resize(grid, None, fx=cell, fy=cell, interpolation=cv2.INTER_CUBIC)
        total += share * large[:height, :width]
        share, cell = share * roughness, cell // 2
    noise: Float32 = (total - total.mean()) / total.std()
    return noise


def mottled(height: int, width: int, codes: list[str], seed: int, coarsest: int = 64) -> Float32:
    """(height, width, 3): a ramp of colours laid over noise."""
    ramp = np.stack([color(code) for code in codes])
    level = np.clip(0.5 + 0.22 * clouds(height, width, seed, coarsest), 0, 1) * (len(codes) - 1)
    low = np.minimum(level.astype(np.int64), len(codes) - 2)
    share = (level - low)[..., None].astype(np.float32)
    colors: Float32 = ramp[low] * (1 - share) + ramp[low + 1] * share
    return colors


def bricks(height: int, width: int, codes: list[str], seed: int, size: int = 14) -> Float32:
    """(height, width, 3): courses of stones of many shades, mortar between."""
    rng = np.random.default_rng(seed)
    wall = mottled(height, width, codes, seed, 16)
    for row, top in enumerate(range(0, height, size)):
        for left in range(-(row % 2) * size, width, 2 * size):
            here = (slice(top, top + size - 1), slice(max(left, 0), max(left + 2 * size - 1, 0)))
            wall[here] = np.clip(wall[here] * rng.uniform(0.75, 1.2), 0, 1)
        wall[top + size - 1 : top + size] *= 0.55
        for left in range(-(row % 2) * size, width, 2 * size):
            wall[top : top + size, max(left - 1, 0) : max(left, 0)] *= 0.55
    return wall


def blob(size: int, codes: list[str], seed: int) -> Sprite:
    """A rock or a bush: a round thing with a ragged edge."""
    y, x = (np.mgrid[:size, :size] - (size - 1) / 2) / (size / 2)
    edge = 0.72 - np.hypot(x, y) + 0.12 * clouds(size, size, seed, size // 3)
    alpha = np.clip(edge * size / 6, 0, 1).astype(np.float32)
    light = np.clip(0.8 - 0.45 * y + 0.1 * x, 0.3, 1.3)[..., None]
    return np.clip(mottled(size, size, codes, seed + 1, 24) * light, 0, 1).astype(np.float32), alpha


def person(height: int, codes: tuple[str, str, str], seed: int) -> Sprite:
    """Someone who stands: head, striped coat, legs, arms."""
    width, big = height // 2, height * FINE
    mask = np.zeros((big, width * FINE), np.uint8)
    middle = width * FINE // 2
    parts = {
        1: [((0.0, 0.24), (0.30, 0.66)), ((-0.30, 0.30), (-0.20, 0.60)), ((0.20, 0.30), (0.30, 0.60))],
        2: [((-0.16, 0.62), (-0.02, 0.99)), ((0.02, 0.62), (0.16, 0.99))],
    }
    cv2.ellipse(mask, (middle, int(0.44 * big)), (int(0.15 * big), int(0.23 * big)), 0, 0, 360, 2, -1)
    for number, boxes in parts.items():
        for (left, top), (right, bottom) in boxes[number == 1 :]:
            corners = [
                (int(middle + left * big / 2), int(top * big)),
                (int(middle + right * big / 2), int(bottom * big)),
            ]
            cv2.rectangle(mask, corners[0], corners[1], number + 1, -1)
    cv2.circle(mask, (middle, int(0.12 * big)), int(0.10 * big), 1, -1)
    picture = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros((height, width), np.float32)
    for number, code in enumerate(codes, start=1):
        share = cv2.resize((mask == number).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        cloth = color(code) * (1 + 0.22 * clouds(height, width, seed + number, 12)[..., None])
        if number == 2:
            cloth = cloth * np.where(np.arange(height)[:, None, None] // 5 % 2, 1.0, 0.62)
        picture += share[..., None] * cloth
        alpha += share
    return np.clip(picture / np.maximum(alpha, 1e-3)[..., None], 0, 1).astype(np.float32), np.clip(
        alpha, 0, 1
    )


def strokes(height: int, width: int, lines: list[tuple[Float32, float, str]], seed: int) -> Sprite:
    """Thin things: lines of points (N, 2), x then y in pixels, each with its width and colour."""
    canvas = np.zeros((height * FINE, width * FINE, 4), np.float32)
    rng = np.random.default_rng(seed)
    for points, thickness, code in lines:
        shade = tuple(float(c) for c in np.clip(color(code) * rng.uniform(0.7, 1.25), 0, 1))
        path = np.round(points * FINE).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [path], False, (*shade, 1.0), max(1, round(thickness * FINE)), cv2.LINE_8)
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
    alpha = small[..., 3]
    picture: Float32 = np.divide(small[..., :3], np.maximum(alpha, 1e-3)[..., None], dtype=np.float32)
    return picture, alpha


def reeds(height: int, width: int, count: int, codes: list[str], seed: int) -> Sprite:
    """Blades of grass, one and a half to two and a half pixels wide, rooted at the bottom."""
    rng, lines = np.random.default_rng(seed), []
    for number in range(count):
        root, tall = rng.uniform(0, width), rng.uniform(0.5, 0.98) * height
        lean, t = rng.normal(0, 0.18) * tall, np.linspace(0, 1, 12)
        points = np.stack([root + lean * t * t, height - tall * t], axis=1).astype(np.float32)
        lines.append((points, rng.uniform(1.5, 2.5), codes[number % len(codes)]))
    return strokes(height, width, lines, seed + 1)


def bare_tree(size: int, codes: list[str], seed: int) -> Sprite:
    """A tree in winter: branches that fork down to twigs of a pixel and a half."""
    rng = np.random.default_rng(seed)
    lines: list[tuple[Float32, float, str]] = []

    def grow(x: float, y: float, angle: float, length: float, thickness: float) -> None:
        tip = (x + length * np.sin(angle), y - length * np.cos(angle))
        lines.append((np.array([(x, y), tip], np.float32), thickness, codes[len(lines) % len(codes)]))
        if length > size / 24:
            for side in (-1, 1):
                fork = angle + side * rng.uniform(0.25, 0.6)
                grow(*tip, fork, length * rng.uniform(0.66, 0.8), max(1.5, thickness * 0.68))

    grow(size / 2, size - 1, 0.0, size * 0.24, size / 18)
    return strokes(size, size, lines, seed + 1)


def lattice(height: int, width: int, code: str, seed: int, gap: int = 18) -> Sprite:
    """A fence of crossing bars, two pixels thick."""
    lines = []
    for offset in range(-height, width + height, gap):
        for lean in (-1, 1):
            ends = np.array([(offset, 0), (offset + lean * height * 0.6, height)], np.float32)
            lines.append((ends, 2.0, code))
    return strokes(height, width, lines, seed)
