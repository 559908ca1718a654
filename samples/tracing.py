"""Bodies in the world, cameras that look at them, and which body a ray meets first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from shapes import Array, Shape, unit

SKY = -1  # the body index of a ray that meets nothing


class Pose(NamedTuple):
    """Local to world: rotation (3, 3) @ point + place (3,)."""

    rotation: Array
    place: Array


# (points, normals, footprint) -> (albedo, normals): all (N, 3) in the body's own axes, linear light;
# the footprint (N,) is the width of a pixel there, in world units, to fade what is too fine to show.
Paint = Callable[[Array, Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Body:
    """A painted solid and its pose at a time in seconds.

    `gloss` is how much of the sky it mirrors at a grazing angle; `moves` says that the pose changes.
    """

    shape: Shape
    paint: Paint
    pose: Callable[[float], Pose]
    moves: bool = False
    gloss: float = 0.0


def turned(yaw: float = 0.0, roll: float = 0.0) -> Array:
    """(3, 3) rotation: `roll` about z, then `yaw` about y, radians."""
    cy, sy, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    rotation: Array = about_y @ about_z
    return rotation


def still(place: Sequence[float], yaw: float = 0.0, roll: float = 0.0) -> Callable[[float], Pose]:
    pose = Pose(turned(yaw, roll), np.array(place, np.float64))
    return lambda time: pose


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole. Pixel centres lie at whole numbers, (0, 0) top left; `axes` rows: right, up, forward.

    Rays have a forward part of 1, so that a ray's parameter is the depth.
    """

    place: Array
    axes: Array
    focal: float
    centre: tuple[float, float]

    @classmethod
    def looking(
        cls, place: Sequence[float], target: Sequence[float], focal: float, size: tuple[int, int]
    ) -> Camera:
        """From `place` at `target`, level; `size` is (height, width), `focal` in pixels."""
        start = np.array(place, np.float64)
        forward = unit(np.array(target, np.float64) - start)
        right = unit(np.cross([0.0, 1.0, 0.0], forward))
        axes = np.stack([right, np.cross(forward, right), forward])
        return cls(start, axes, focal, ((size[1] - 1) / 2, (size[0] - 1) / 2))

    def rays(self, pixels: Array) -> tuple[Array, Array]:
        """Pixels (N, 2), x then y -> origin (1, 3) and directions (N, 3)."""
        x = (pixels[:, 0] - self.centre[0]) / self.focal
        y = (self.centre[1] - pixels[:, 1]) / self.focal
        right, up, forward = self.axes.astype(pixels.dtype)
        # Axis by axis: a matrix product of this shape is many times slower.
        directions = np.empty((len(pixels), 3), pixels.dtype)
        for axis in range(3):
            directions[:, axis] = x * right[axis] + y * up[axis] + forward[axis]
        return self.place.astype(pixels.dtype)[None], directions

    def project(self, points: Array) -> tuple[Array, Array]:
        """World points (N, 3) -> pixels (N, 2) and depths (N,)."""
        return self._project((points - self.place) @ self.axes.T)

    def project_directions(self, directions: Array) -> tuple[Array, Array]:
        """As `project`, of points infinitely far away."""
        return self._project(directions @ self.axes.T)

    def _project(self, seen: Array) -> tuple[Array, Array]:
        depth = seen[:, 2]
        safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        x = self.centre[0] + self.focal * seen[:, 0] / safe
        y = self.centre[1] - self.focal * seen[:, 1] / safe
        return np.stack([x, y], axis=1), depth


@dataclass(frozen=True, eq=False)
class SunCamera:
    """Parallel rays along the sun's light, for shadows. `axes` rows: across, up, along the light."""

    place: Array
    axes: Array
    scale: float  # pixels to a world unit
    centre: tuple[float, float]

    def rays(self, pixels: Array) -> tuple[Array, Array]:
        x, y = (pixels[:, 0] - self.centre[0]) / self.scale, (self.centre[1] - pixels[:, 1]) / self.scale
        axes = self.axes.astype(pixels.dtype)
        origins = self.place.astype(pixels.dtype) + x[:, None] * axes[0] + y[:, None] * axes[1]
        return origins, axes[2][None]

    def project(self, points: Array) -> tuple[Array, Array]:
        seen = (points - self.place.astype(points.dtype)) @ self.axes.T.astype(points.dtype)
        x, y = self.centre[0] + self.scale * seen[:, 0], self.centre[1] - self.scale * seen[:, 1]
        return np.stack([x, y], axis=1), seen[:, 2]


class Hits(NamedTuple):
    """What each ray met first: depth (N,), inf for the sky; body index (N,); face of the body (N,)."""

    depth: Array
    body: npt.NDArray[np.int16]
    face: npt.NDArray[np.int8]


def trace(camera: Camera | SunCamera, pixels: Array, bodies: Sequence[Body], poses: Sequence[Pose]) -> Hits:
    """The first hit of the ray through each pixel (N, 2), anywhere, not only at pixel centres."""
    origin, direction = camera.rays(pixels)
    count = len(pixels)
    depth = np.full(count, np.inf, pixels.dtype)
    body = np.full(count, SKY, np.int16)
    face = np.zeros(count, np.int8)
    grid = _Blocks(pixels)
    for number, (solid, pose) in enumerate(zip(bodies, poses, strict=True)):
        chosen = grid.inside(_picture(camera, solid, pose))
        if not len(chosen):
            continue
        turn = pose.rotation.astype(pixels.dtype)
        near = (origin if len(origin) == 1 else origin[chosen]) - pose.place.astype(pixels.dtype)
        ahead = direction if len(direction) == 1 else direction[chosen]
        t, faces = solid.shape.meet(near @ turn, ahead @ turn)
        closer = t < depth[chosen]
        chosen = chosen[closer]
        depth[chosen], body[chosen], face[chosen] = t[closer], number, faces[closer]
    return Hits(depth, body, face)


class _Blocks:
    """Pixels in runs of consecutive ones, to find those in a rectangle without a look at each.

    Pixels come row by row, or nearly so, thus a run is a strip of the picture.
    """

    RUN = 2048

    def __init__(self, pixels: Array) -> None:
        self.columns, self.rows = np.ascontiguousarray(pixels[:, 0]), np.ascontiguousarray(pixels[:, 1])
        self.starts = np.arange(0, len(pixels), self.RUN)
        self.top = np.minimum.reduceat(self.rows, self.starts)
        self.bottom = np.maximum.reduceat(self.rows, self.starts)

    def inside(self, rectangle: tuple[float, float, float, float]) -> npt.NDArray[np.intp]:
        """Indices of the pixels within left, top, right, bottom."""
        left, top, right, bottom = rectangle
        found = []
        for start in self.starts[(self.bottom >= top) & (self.top <= bottom)]:
            columns, rows = self.columns[start : start + self.RUN], self.rows[start : start + self.RUN]
            within = (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
            found.append(np.flatnonzero(within) + start)
        return np.concatenate(found) if found else np.zeros(0, np.intp)


def _picture(camera: Camera | SunCamera, solid: Body, pose: Pose) -> tuple[float, float, float, float]:
    """The rectangle (left, top, right, bottom) that holds the body's picture."""
    everywhere, nowhere = (-np.inf, -np.inf, np.inf, np.inf), (np.inf, np.inf, -np.inf, -np.inf)
    low, high = solid.shape.bounds
    if not np.isfinite(low).all():
        return everywhere
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, 8).T
    shown, depths = camera.project(corners @ pose.rotation.T + pose.place)
    if (
        isinstance(camera, Camera) and depths.min() <= 0.05
    ):  # reaches behind the camera: its picture has no bounds
        return nowhere if depths.max() <= 0 else everywhere
    (left, top), (right, bottom) = shown.min(axis=0) - 0.5, shown.max(axis=0) + 0.5
    return left, top, right, bottom
