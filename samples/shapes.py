"""Solids that a ray meets in closed form: ellipsoids, convex polytopes and frustums.

Each is given about its own origin; a pose puts it into the world. Rays come as origins and
directions that broadcast against each other, (N, 3) or (1, 3), so that a camera (one origin) and a
sun (one direction) use the same code. `meet` gives the ray parameter, inf where the ray misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Faces = npt.NDArray[np.int8]

NEAREST = 1e-3  # a ray does not meet what it starts on


class Shape(Protocol):
    """A solid: the box that bounds it, where rays meet it, and its outward normals."""

    @property
    def bounds(self) -> tuple[Array, Array]: ...

    def meet(self, origin: Array, direction: Array) -> tuple[Array, Faces]: ...

    def normal(self, points: Array, faces: Faces) -> Array: ...


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) scaled to length 1."""
    units: Array = vectors / np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    return units


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """Half axes along x, y and z."""

    radii: tuple[float, float, float]

    @property
    def bounds(self) -> tuple[Array, Array]:
        high = np.array(self.radii)
        return -high, high

    def meet(self, origin: Array, direction: Array) -> tuple[Array, Faces]:
        scale = (1 / np.array(self.radii)).astype(direction.dtype)
        o, d = origin * scale, direction * scale
        a = np.einsum("ij,ij->i", d, d)
        b = np.sum(o * d, axis=1)
        # |o|^2 - b^2/a as the squared distance of the nearest point: exact for far rays in float32.
        closest = o - (b / a)[:, None] * d
        inside = 1 - np.einsum("ij,ij->i", closest, closest)
        t = (-b - np.sqrt(np.maximum(inside, 0) * a)) / a
        t = np.where((inside > 0) & (t > NEAREST), t, np.inf)
        return t, np.zeros(t.shape, np.int8)

    def normal(self, points: Array, faces: Faces) -> Array:
        return unit(points / np.square(np.array(self.radii, points.dtype)))


@dataclass(frozen=True, eq=False)
class Polytope:
    """All x with normals @ x <= offsets: normals (K, 3) of length 1, offsets (K,)."""

    normals: Array
    offsets: Array
    bounds: tuple[Array, Array]

    def meet(self, origin: Array, direction: Array) -> tuple[Array, Faces]:
        normals = self.normals.astype(direction.dtype)
        slope = direction @ normals.T
        slope = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
        t = (self.offsets.astype(direction.dtype) - origin @ normals.T) / slope
        entering = np.where(slope < 0, t, -np.inf)
        leave = np.where(slope > 0, t, np.inf).min(axis=1)
        faces = entering.argmax(axis=1).astype(np.int8)
        enter = entering.max(axis=1)
        return np.where((enter < leave) & (enter > NEAREST), enter, np.inf), faces

    def normal(self, points: Array, faces: Faces) -> Array:
        return self.normals.astype(points.dtype)[faces]


def polytope(
    planes: Sequence[tuple[Sequence[float], float]], low: Sequence[float], high: Sequence[float]
) -> Polytope:
    """The part of the box low..high that lies behind every plane (normal of any length, offset)."""
    axes = [(axis, high[i]) for i, axis in enumerate(np.eye(3))]
    axes += [(-axis, -low[i]) for i, axis in enumerate(np.eye(3))]
    normals = np.array([n for n, _ in axes] + [n for n, _ in planes], np.float64)
    offsets = np.array([h for _, h in axes] + [h for _, h in planes], np.float64)
    length = np.linalg.norm(normals, axis=1)
    return Polytope(
        normals / length[:, None], offsets / length, (np.array(low, float), np.array(high, float))
    )


def box(low: Sequence[float], high: Sequence[float]) -> Polytope:
    return polytope([], low, high)


def house(half_width: float, half_depth: float, wall: float, ridge: float) -> Polytope:
    """Standing on y = 0, ridge along x: walls to the height `wall`, a gable roof to `ridge`."""
    rise = ridge - wall
    roof = [((0, half_depth, side * rise), half_depth * ridge) for side in (-1, 1)]
    return polytope(roof, (-half_width, 0, -half_depth), (half_width, ridge, half_depth))


@dataclass(frozen=True, eq=False)
class Frustum:
    """A round tower on y = 0 with the y axis in its middle; a cylinder, a cone or between."""

    height: float
    bottom: float
    top: float

    @property
    def bounds(self) -> tuple[Array, Array]:
        r = max(self.bottom, self.top)
        return np.array([-r, 0, -r]), np.array([r, self.height, r])

    def meet(self, origin: Array, direction: Array) -> tuple[Array, Faces]:
        k = (self.top - self.bottom) / self.height
        (ox, oy, oz), (dx, dy, dz) = origin.T, direction.T
        radius = self.bottom + k * oy
        a = dx * dx + dz * dz - (k * dy) ** 2
        b = ox * dx + oz * dz - k * dy * radius
        c = ox * ox + oz * oz - radius * radius
        disc = b * b - a * c
        root = np.sqrt(np.maximum(disc, 0))
        a = np.where(np.abs(a) < 1e-9, 1e-9, a)
        best = np.full(np.broadcast(b, a).shape, np.inf, direction.dtype)
        for t in ((-b - root) / a, (-b + root) / a):
            y = oy + t * dy
            good = (disc > 0) & (t > NEAREST) & (y >= 0) & (y <= self.height) & (t < best)
            best = np.where(good, t, best)
        faces = np.zeros(best.shape, np.int8)
        flat = np.where(np.abs(dy) < 1e-9, 1e-9, dy)
        for face, level, edge in ((1, self.height, self.top), (2, 0.0, self.bottom)):
            t = (level - oy) / flat
            off = (ox + t * dx) ** 2 + (oz + t * dz) ** 2
            good = (off <= edge * edge) & (t > NEAREST) & (t < best)
            best, faces = np.where(good, t, best), np.where(good, np.int8(face), faces)
        return best, faces

    def normal(self, points: Array, faces: Faces) -> Array:
        k = (self.top - self.bottom) / self.height
        side = np.stack([points[:, 0], -k * np.hypot(points[:, 0], points[:, 2]), points[:, 2]], axis=1)
        side[faces == 1], side[faces == 2] = (0, 1, 0), (0, -1, 0)
        return unit(side)


@dataclass(frozen=True, eq=False)
class Ground:
    """The plane y = 0, without end."""

    @property
    def bounds(self) -> tuple[Array, Array]:
        return np.full(3, -np.inf), np.full(3, np.inf)

    def meet(self, origin: Array, direction: Array) -> tuple[Array, Faces]:
        slope = np.where(np.abs(direction[:, 1]) < 1e-9, 1e-9, direction[:, 1])
        t = -origin[:, 1] / slope
        t = np.where((t > NEAREST) & (t < 4000), t, np.inf)  # 4000: what lies further is sky
        return t, np.zeros(t.shape, np.int8)

    def normal(self, points: Array, faces: Faces) -> Array:
        return np.broadcast_to(np.array([0, 1, 0], points.dtype), points.shape)
