"""A night over water in thick flowing strokes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from strokes import Floats, bristles, catch_light, colour, finish, follow, ramp, sample, scatter, soft_noise

SIZE = (512, 640)
SCALE = 2  # drawn this much larger, then averaged down

# Whirls: x, y (shares of the width and height), reach (share of the height), turn.
WHIRLS = (
    (0.30, 0.30, 0.24, 1.0),
    (0.52, 0.44, 0.17, -1.0),
    (0.82, 0.20, 0.20, -1.0),
    (0.10, 0.12, 0.12, 1.0),
    (0.68, 0.10, 0.10, 1.0),
)
SHORE = 0.66  # where the water begins, as a share of the height


def _field(rng: np.random.Generator, height: int, width: int) -> Floats:
    """(H, W, 2) directions: the curl of a stream function, with a whirl around each light."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    stream = 22 * soft_noise(rng, (height, width), height * 0.34, 2) + 0.3 * y
    for wx, wy, reach, turn in WHIRLS:
        distance = np.hypot(x - wx * width, y - wy * height) / (reach * height)
        # Near a light its whirl rules alone, so that the strokes close around it.
        near = np.exp(-((distance / 0.8) ** 4))
        stream = stream * (1 - near) + near * sample(
            stream, np.array([[wx * width, wy * height]], np.float32)
        )
        stream += turn * 190 * reach / 0.2 * np.exp(-(distance**2))
    stream = cv2.GaussianBlur(stream, (0, 0), 6)
    flow = np.stack([cv2.Sobel(stream, cv2.CV_32F, 0, 1), -cv2.Sobel(stream, cv2.CV_32F, 1, 0)], axis=-1)
    water = np.clip((y / height - SHORE) * 30 + 0.5, 0, 1)[..., None]
    ripple = np.stack(
        [np.ones_like(x), 0.18 * np.sin(x / 46 + 3 * soft_noise(rng, (height, width), 200, 2))], axis=-1
    )
    flow /= np.maximum(np.linalg.norm(flow, axis=-1, keepdims=True), 1e-6)
    flow = flow * (1 - water) + ripple * water
    field: Floats = flow / np.maximum(np.linalg.norm(flow, axis=-1, keepdims=True), 1e-6)
    return field


def _design(rng: np.random.Generator, height: int, width: int) -> Floats:
    """(H, W, 3): the colours that the strokes pick up."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    bands = (
        0.5
        + 0.26 * soft_noise(rng, (height, width), height * 0.16, 3)
        + 0.16 * np.sin(y / 42 + 2 * soft_noise(rng, (height, width), 300, 2))
    )
    sky = ramp(bands, ["#0b1a4a", "#12307a", "#1f55a8", "#3f86c4", "#8fc0d8", "#d9e6cf"])
    for wx, wy, reach, _ in WHIRLS:
        distance = np.hypot(x - wx * width, y - wy * height) / (reach * height)
        ring = 0.5 + 0.5 * np.cos(distance * 9 + 0.7 * soft_noise(rng, (height, width), 90, 2))
        warm = ramp(
            np.clip(1.08 - distance * 1.1, 0, 1),
            ["#c9cf8a", "#e8c65a", "#f0a028", "#f6c63a", "#fbe36a", "#fff6c8"],
        )
        # Chosen, not blended: blue and yellow mixed are mud.
        speckle = rng.random((height // 8 + 1, width // 8 + 1)).repeat(8, 0).repeat(8, 1)[:height, :width]
        share = (
            np.clip(1.3 - distance * 1.2, 0, 1) * (0.35 + 0.8 * ring) + np.clip(1.5 - 4 * distance, 0, 1)
            > 0.25 + 0.5 * speckle
        )
        share = share.astype(np.float32)[..., None]
        sky = sky * (1 - share) + warm * share
    hill = (
        SHORE
        - 0.1
        + 0.05 * np.sin(x / width * 7 + 1)
        + 0.035 * np.sin(x / width * 17)
        - 0.1 * np.exp(-(((x / width - 0.92) / 0.2) ** 2))
    )
    land = ramp(
        0.5 + 0.3 * soft_noise(rng, (height, width), 60, 3),
        ["#0c1c33", "#143a4c", "#2a5a4a", "#5f7a3a", "#c08a2e"],
    )
    sky = np.where((y / height > hill)[..., None], land, sky)
    ripples = (
        0.42
        + 0.25 * np.sin(y / 11 + 2.4 * soft_noise(rng, (height, width), 120, 2))
        + 0.14 * soft_noise(rng, (height, width), 40, 2)
    )
    water = ramp(ripples, ["#081a40", "#10387a", "#1d6a9a", "#4fa3b0", "#a9cfb8"])
    for wx, _, reach, _ in WHIRLS:
        glint = np.exp(-(((x / width - wx) / (0.32 * reach)) ** 2)) * (
            np.sin(y / 8 + 2 * soft_noise(rng, (height, width), 40, 2)) > -0.2
        )
        glint = (glint * np.clip(1.2 - (y / height - SHORE) * 3.2, 0, 1))[..., None]
        water = water * (1 - glint) + colour("#f4bd3c") * glint
    return np.where((y / height > SHORE)[..., None], water, sky).astype(np.float32)


def swirls() -> npt.NDArray[np.uint8]:
    """(512, 640, 3) uint8."""
    rng = np.random.default_rng(1889)
    height, width = SIZE[0] * SCALE, SIZE[1] * SCALE
    field, design = _field(rng, height, width), _design(rng, height, width)
    canvas = np.ascontiguousarray(design * 0.55 + 0.02)
    relief = np.zeros((height, width), np.float32)
    for spacing, length, breadth, jitter in (
        (30, 190, 34, 0.05),
        (20, 150, 22, 0.07),
        (19, 100, 14, 0.09),
        (24, 60, 8, 0.13),
        (40, 90, 5, 0.16),
    ):
        starts = scatter(rng, (height, width), spacing)
        paths = follow(field, starts, length)
        tints = (
            sample(design, starts)
            + rng.normal(0, jitter, (len(starts), 1))
            + rng.normal(0, 0.35 * jitter, (len(starts), 3))
        )
        for path, tint in zip(paths, tints, strict=True):
            reach = max(int(len(path) * rng.uniform(0.55, 1.0)), 4)
            bristles(
                canvas, relief, path[:reach], np.clip(tint, 0, 1), breadth * rng.uniform(0.6, 1.2), rng, 0.25
            )
    return finish(catch_light(canvas, relief, 0.2), SIZE)
