"""Procedural surfaces: tileable noise, and the paints of the scene's bodies (see tracing.Paint).

Colours are written as sRGB hex and used as linear light.
"""

from __future__ import annotations

import cv2
import numpy as np
from shapes import Array, unit
from tracing import Paint

TILE = 512  # pixels on each side of a noise tile


def linear(code: str) -> Array:
    """ "#rrggbb" -> (3,) float32, linear light."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _tile(seed: int, slope: float, coarsest: float) -> Array:
    """(TILE + 1, TILE + 1) periodic noise, mean 0, deviation 1: amplitude falls as frequency^-slope."""
    x = np.fft.fftfreq(TILE, 1 / TILE)
    frequency = np.hypot(x[:, None], x[None])
    amplitude = np.where(frequency < coarsest, 0, 1 / np.maximum(frequency, 1) ** slope)
    phase = np.fft.fft2(np.random.default_rng(seed).standard_normal((TILE, TILE)))
    noise = np.fft.ifft2(phase * amplitude).real
    return np.pad((noise / noise.std()).astype(np.float32), ((0, 1), (0, 1)), mode="wrap")


CLOUD = _tile(1, 1.75, 2)  # large soft shapes with detail down to the finest
EARTH = _tile(2, 1.25, 6)  # mottled at every scale
STIPPLE = _tile(3, 0.6, 40)  # fine and even


def noise(tile: Array, u: Array, v: Array, scale: float) -> Array:
    """The tile at (u, v), `scale` world units wide; (N,) float32."""
    count = len(u)
    width = min(max(count, 1), 16384)  # cv2.remap takes no side of 32767 or more
    rows = -(-max(count, 1) // width)
    grid = np.zeros((2, rows * width), np.float32)
    grid[0, :count] = np.mod(u * (TILE / scale), TILE)
    grid[1, :count] = np.mod(v * (TILE / scale), TILE)
    x, y = grid.reshape(2, rows, width)
    return cv2.remap(tile, x, y, cv2.INTER_LINEAR).reshape(-1)[:count].astype(np.float32, copy=False)


def fade(footprint: Array, feature: float) -> Array:
    """1 where features of this size are four pixels wide or more, down to 0 at one and a half."""
    return np.clip((feature / np.maximum(footprint, 1e-6) - 1.5) / 2.5, 0, 1)


def mix(a: Array, b: Array, share: Array) -> Array:
    """Blend colours (3,) or (N, 3) by share (N,)."""
    return a + (b - a) * share[:, None]


def step(edge: float, value: Array, soft: Array | float) -> Array:
    """0 below the edge, 1 above, with a ramp as wide as `soft`."""
    return np.clip((value - edge) / np.maximum(soft, 1e-4) + 0.5, 0, 1)


def bump(normals: Array, points: Array, tile: Array, scale: float, strength: Array | float) -> Array:
    """Normals tilted by three slices of noise."""
    x, y, z = points.T
    tilt = np.stack(
        [noise(tile, y, z, scale), noise(tile, z + 3.7, x, scale), noise(tile, x + 9.1, y, scale)], 1
    )
    return unit(normals + tilt * np.reshape(strength, (-1, 1)))


def mottled(code: str, other: str, scale: float = 3.0, rough: float = 0.0) -> Paint:
    """Two colours mixed by noise at three scales: rock, foliage, plaster, sand."""
    a, b = linear(code), linear(other)

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        u, v = x + 0.61 * y, z + 0.47 * y
        share = 0.5 + 0.24 * noise(EARTH, u, v, scale)
        share += 0.16 * noise(STIPPLE, u, v, scale) * fade(footprint, scale / 60)
        if rough:
            normals = bump(normals, points, EARTH, scale, rough * (0.3 + 0.7 * fade(footprint, scale / 40)))
        return mix(a, b, np.clip(share, -0.15, 1.15)).clip(0), normals

    return paint


def facade(
    wall: str, shutter: str, roof: str, storey: float = 1.45, bay: float = 1.3, phase: float = 0.0
) -> Paint:
    """A town house: plaster, windows with shutters and frames, a tiled roof."""
    plaster, blind, tile = linear(wall), linear(shutter), linear(roof)
    glass, frame, stone = linear("#2b3a4d"), linear("#f4ead6"), linear("#b9a88c")

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        along = np.where(np.abs(normals[:, 0]) > 0.5, z, x) + phase
        stain = 0.1 * noise(EARTH, along + 5 * normals[:, 0], y, 5.0) + 0.05 * noise(STIPPLE, along, y, 3.0)
        colour = plaster * (1 + stain - 0.22 * step(0.5, 1 - y / 1.2, 0.8))[:, None]
        across, up = np.mod(along / bay, 1) * bay - bay / 2, np.mod((y - 0.45) / storey, 1) * storey
        high, soft = (up > 0.18) & (up < 1.08) & (y > 0.45), footprint
        colour = mix(
            colour,
            blind * (0.85 + 0.3 * np.mod(up * 9, 1)[:, None]),
            step(-0.47, -np.abs(across), soft) * high,
        )
        colour = mix(colour, frame, step(-0.25, -np.abs(across), soft) * high)
        inner = step(-0.2, -np.abs(across), soft) * (up > 0.24) * (up < 1.02)
        inner = inner * high * (1 - 0.8 * step(-0.022, -np.abs(across), soft)) * (np.abs(up - 0.68) > 0.02)
        colour = mix(colour, glass * (0.7 + 0.9 * up[:, None]), inner)
        colour = mix(colour, stone, step(-0.07, -np.abs(up - 1.33), soft) * 0.35)
        down = np.where(np.abs(normals[:, 2]) > 0.1, z, x)
        rows = np.abs(np.mod(along * 4, 1) - 0.5) * 2
        lines = np.mod(down * 3.2, 1)
        seen = fade(footprint, 0.28)
        shade = 1 + 0.16 * noise(STIPPLE, along, down, 9.0) + 0.12 * noise(EARTH, along, down, 4.0)
        shade = shade * (1 - seen * (0.4 * rows**2 + 0.25 * (lines > 0.85)) + 0.18 * seen)
        roofed = (normals[:, 1] > 0.1)[:, None]
        return np.where(roofed, tile * shade[:, None], colour).clip(0), normals

    return paint


def masonry(code: str, other: str, course: float = 0.35, length: float = 0.8) -> Paint:
    """Blocks of stone in courses with dark joints."""
    a, b = linear(code), linear(other)

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        top = np.abs(normals[:, 1]) > 0.5
        u = np.where(np.abs(normals[:, 0]) > 0.5, z, x)
        v = np.where(top, z, y)
        row = np.floor(v / course)
        place = u / length + 0.37 * row + 0.2 * np.sin(row * 12.9)
        value = np.sin(np.floor(place) * 78.233 + row * 37.719) * 43758.5453
        share = 0.55 * np.mod(value, 1) + 0.3 + 0.2 * noise(EARTH, u, v, 3.0)
        gap = np.minimum(np.mod(v / course, 1) * course, np.mod(place, 1) * length)
        joint = 1 - 0.5 * step(-0.03, -gap, footprint) * fade(footprint, 0.25)
        grain = 1 + 0.12 * noise(STIPPLE, u, v, 4.0) * fade(footprint, 0.06)
        return mix(a, b, share) * (joint * grain)[:, None], normals

    return paint


def striped(colours: list[str], count: int, waves: float = 0.0, band: str = "") -> Paint:
    """Gores about the y axis (a balloon): colour by azimuth, zigzag with height, a band at the waist."""
    palette = np.stack([linear(c) for c in colours])
    belt = linear(band) if band else None

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        turn = np.arctan2(z, x) / (2 * np.pi) + 0.5
        gore = np.mod(turn * count, 1)
        place = turn * count + (waves * np.abs(np.mod(y * 0.9, 2) - 1) if waves else 0)
        colour = palette[np.floor(place).astype(int) % len(palette)]
        if belt is not None:
            edge = 0.35 * np.abs(np.mod(turn * count * 1.0, 2) - 1)
            colour = mix(colour, belt, step(-0.55, -np.abs(y - 0.2 - edge), footprint) * 1.0)
        seam = 1 - 0.3 * step(-0.05, -np.minimum(gore, 1 - gore), footprint * count / 20)
        cloth = 1 + 0.05 * noise(EARTH, turn * 20, y, 6.0)
        round_ = np.sin(np.pi * gore)[:, None] * 0.25 - 0.125
        side = np.stack([-z, np.zeros_like(x), x], axis=1) / np.maximum(np.hypot(x, z), 0.05)[:, None]
        puffed = unit(normals + side * np.cos(np.pi * gore)[:, None] * 0.28)
        return colour * (seam * cloth)[:, None] * (1 + round_), puffed

    return paint


def banded(colours: list[str], height: float) -> Paint:
    """Level bands of the given height: a lighthouse, a mooring post."""
    palette = np.stack([linear(c) for c in colours])

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        place = y / height
        share = np.clip((np.mod(place, 1) - 0.5) * height / np.maximum(footprint, 1e-3) + 0.5, 0, 1)
        index = np.floor(place).astype(int)
        colour = mix(palette[index % len(palette)], palette[(index + 1) % len(palette)], share)
        turn = np.arctan2(z, x) * 4
        return colour * (0.95 + 0.07 * noise(EARTH, turn, y, 6.0) + 0.03 * noise(STIPPLE, turn, y, 3.0))[
            :, None
        ], normals

    return paint


def waves(deep: str, shallow: str) -> Paint:
    """Water: ripples at four scales, as tilted normals and as streaks of colour. Drifts with its body."""
    a, b = linear(deep), linear(shallow)

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, _, z = points.T
        tilt, height = np.zeros_like(points), np.zeros_like(x)
        for tile, scale, strength in (
            (CLOUD, 90.0, 0.04),
            (CLOUD, 34.0, 0.07),
            (EARTH, 22.0, 0.075),
            (STIPPLE, 26.0, 0.04),
        ):
            seen = fade(footprint, scale / 30)
            value = noise(tile, x * 0.42 + 0.15 * z, z * 1.3, scale)
            height += value * seen * strength
            tilt[:, 0] += seen * strength * noise(tile, x * 0.42 + 0.15 * z + scale / 3, z * 1.3, scale)
            tilt[:, 2] += seen * strength * value
        return mix(a, b, np.clip(0.4 + 2.6 * height, 0, 1.3)), unit(normals + tilt)

    return paint


def rows(colours: tuple[str, str, str], spacing: float, turn: float = 0.0) -> Paint:
    """A field planted in rows: soil, leaf and flower."""
    soil, leaf, flower = (linear(c) for c in colours)

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, _, z = points.T
        across, along = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
        wobble = 0.06 * noise(EARTH, across, along, 5.0)
        ridge = np.sin(2 * np.pi * (across + wobble) / spacing)
        seen = fade(footprint, spacing)
        share = step(-0.35, ridge, 0.9)
        share = 0.62 + (share - 0.62) * seen
        speck = np.clip(0.5 + 0.6 * noise(STIPPLE, across, along, 7.0) * fade(footprint, 0.12), 0, 1)
        speck = speck + 0.2 * noise(EARTH, across, along, 8.0)
        colour = mix(
            soil * (1 + 0.2 * noise(EARTH, across, along, 3.0))[:, None],
            mix(leaf, flower, speck.clip(0, 1.2)),
            share,
        )
        side = np.array([np.cos(turn), 0, np.sin(turn)], points.dtype)
        slope = -np.cos(2 * np.pi * (across + wobble) / spacing) * 0.5 * seen
        patch = 1 + 0.14 * noise(CLOUD, across, along, 60.0)
        return (colour * patch[:, None]).clip(0), bump(
            unit(normals + slope[:, None] * side), points, STIPPLE, 7.0, 0.2 * fade(footprint, 0.12)
        )

    return paint


def plain(code: str) -> Paint:
    """One colour with a little grain."""
    a = linear(code)

    def paint(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, z = points.T
        return a * (1 + 0.1 * noise(EARTH, x + y, z + y, 2.0))[:, None], normals

    return paint
