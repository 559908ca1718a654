"""The sky and what lies at its foot, infinitely far away: gradient, sun, clouds, ridges of mountains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import textures as paint
from shapes import Array, unit


@dataclass(frozen=True)
class Sky:
    """Colours as sRGB hex. `sun` points to the sun; `ridges` are (height, colour, seed) far to near."""

    zenith: str
    middle: str
    horizon: str
    glow: str
    cloud: str
    shade: str
    sun: tuple[float, float, float]
    cover: float
    ridges: tuple[tuple[float, str, float], ...]
    drift: float = 0.0

    def gradient(self, directions: Array) -> Array:
        """(N, 3) unit directions -> (N, 3) linear light, without clouds and without the sun's disc."""
        up = np.maximum(directions[:, 1], 0)
        # By way of a third colour: warm light mixed with blue is a dull violet.
        colour = paint.mix(paint.linear(self.horizon), paint.linear(self.middle), 1 - np.exp(-9 * up))
        colour = paint.mix(colour, paint.linear(self.zenith), np.clip(1.15 - 1.15 * np.exp(-2.6 * up), 0, 1))
        facing = np.maximum(directions @ unit(np.array(self.sun)).astype(directions.dtype), 0)
        return colour + paint.linear(self.glow) * (0.55 * facing**6 + 0.7 * facing**48)[:, None]

    def __call__(self, directions: Array, footprint: float) -> Array:
        """(N, 3) unit directions -> (N, 3) linear light; `footprint` is a pixel's angle in radians."""
        colour = self.gradient(directions)
        x, y, z = directions.T
        toward = unit(np.array(self.sun)).astype(directions.dtype)
        colour += paint.linear(self.glow) * 6 * paint.step(0.9990, directions @ toward, 0.0004)[:, None]
        lift = np.maximum(y, 0) + 0.09
        u, v = x / lift, z / lift
        cover = self._cover(u, v)
        # A second look, a step towards the sun, tells which side of a cloud is lit.
        lit = np.clip(0.62 + 0.8 * (cover - self._cover(u + 0.22 * toward[0], v + 0.22 * toward[2])), 0, 1.25)
        body = paint.mix(paint.linear(self.shade), paint.linear(self.cloud), lit)
        veil = np.clip(cover * 2.4, 0, 1) ** 1.1 * np.clip((y - 0.015) * 14, 0, 1)
        colour = paint.mix(colour, body, veil * 0.94)
        for height, code, seed in self.ridges:
            colour = self._ridge(colour, directions, footprint, height, code, seed)
        return colour

    def _cover(self, u: Array, v: Array) -> Array:
        value = paint.noise(paint.CLOUD, 0.6 * u + self.drift, v, 9.0) + 0.35 * paint.noise(
            paint.EARTH, 0.7 * u, v, 6.0
        )
        return np.clip(value * 0.5 + self.cover, 0, 1)

    def _ridge(
        self, colour: Array, directions: Array, footprint: float, height: float, code: str, seed: float
    ) -> Array:
        x, y, z = directions.T
        azimuth, slope = np.arctan2(x, z), y / np.hypot(x, z)
        line = 0.72 + 0.22 * paint.noise(paint.CLOUD, azimuth + seed, np.full_like(x, seed), 2.4)
        line += 0.035 * paint.noise(paint.EARTH, azimuth + seed, np.full_like(x, 2 * seed), 0.9)
        inside = paint.step(0, line * height - slope, footprint)
        rock = paint.noise(paint.EARTH, azimuth + 0.6 * slope, 2.2 * slope + seed, 0.5)
        depth = np.clip(slope / height, 0, 1)
        base = paint.mix(paint.linear(self.horizon), paint.linear(code), 0.45 + 0.55 * np.sqrt(depth))
        return paint.mix(colour, base * (1 + 0.09 * rock)[:, None], inside)
