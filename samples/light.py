"""Light: what the camera sees through each pixel, from sun, sky, ground and haze, with soft shadows."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import textures as paint
from shapes import Array, unit
from shot import Shot
from tracing import SKY, Camera, Hits, Pose, SunCamera, trace

Float32 = npt.NDArray[np.float32]

SHADOW_MAP = 1100  # pixels on each side
SHADOW_TAPS = (
    (0.0, 0.0),
    (0.9, 0.35),
    (-0.35, 0.9),
    (-0.9, -0.35),
    (0.35, -0.9),
    (1.7, -1.2),
    (-1.2, -1.7),
    (0.4, 1.9),
)


def poses_at(shot: Shot, time: float) -> list[Pose]:
    return [body.pose(time) for body in shot.bodies]


def shade(shot: Shot, time: float, pixels: Array) -> Array:
    """Linear light (N, 3) that reaches the camera through each pixel position (N, 2)."""
    camera, poses = shot.camera(time), poses_at(shot, time)
    hits = trace(camera, pixels, shot.bodies, poses)
    origin, rays = camera.rays(pixels)
    light = np.empty((len(pixels), 3), pixels.dtype)
    open_sky = np.flatnonzero(hits.body == SKY)
    light[open_sky] = shot.sky(unit(rays[open_sky]), 1 / camera.focal)
    solid = np.flatnonzero(hits.body != SKY)
    order = solid[np.argsort(hits.body[solid], kind="stable")]
    points = origin + rays[order] * hits.depth[order, None]
    albedo, normals, gloss = _surfaces(shot, poses, hits, order, points, camera)
    light[order] = _lit(
        shot, time, poses, unit(rays[order]), points, albedo, normals, gloss, hits.depth[order]
    )
    return light


def _surfaces(
    shot: Shot, poses: list[Pose], hits: Hits, order: npt.NDArray[np.intp], points: Array, camera: Camera
) -> tuple[Array, Array, Array]:
    """Albedo (N, 3), normals (N, 3) and gloss (N,) at the points of `order`, which goes body by body."""
    albedo, normals = np.empty_like(points), np.empty_like(points)
    gloss = np.zeros(len(points), points.dtype)
    numbers, starts = np.unique(hits.body[order], return_index=True)
    for number, start, end in zip(numbers, starts, [*starts[1:], len(order)], strict=True):
        body, pose, here = shot.bodies[number], poses[number], slice(start, end)
        turn = pose.rotation.astype(points.dtype)
        local = (points[here] - pose.place.astype(points.dtype)) @ turn
        facing = body.shape.normal(local, hits.face[order[here]])
        sight = unit(points[here] - camera.place.astype(points.dtype)) @ turn
        slant = np.abs(np.einsum("ij,ij->i", sight, facing))
        # A pixel is 1 / slant longer one way than the other: the root is what it covers on average.
        footprint = hits.depth[order[here]] / camera.focal / np.sqrt(np.maximum(slant, 0.01))
        albedo[here], tilted = body.paint(local, facing, footprint)
        normals[here] = tilted @ turn.T
        gloss[here] = body.gloss
    return albedo, normals, gloss


def _lit(
    shot: Shot,
    time: float,
    poses: list[Pose],
    rays: Array,
    points: Array,
    albedo: Array,
    normals: Array,
    gloss: Array,
    depth: Array,
) -> Array:
    """Sun with shadows, light of the sky and of the ground, the sky's mirror image in water, haze."""
    sun = unit(np.array(shot.sky.sun)).astype(points.dtype)
    power = shot.sunlight(time)
    facing = np.clip((normals @ sun + 0.08) / 1.08, 0, 1)
    direct = (3.0 * power) * facing * _sunlit(shot, time, poses, points, normals)
    skylight = (0.5 + 0.5 * normals[:, 1]) * (0.75 + 0.25 * power)
    crease = 0.62 + 0.38 * np.clip(points[:, 1] / 1.6, 0, 1)
    fill = (
        paint.mix(paint.linear("#a58463") * 0.5, paint.linear("#9db6dc") * 0.95, skylight) * crease[:, None]
    )
    light = albedo * (direct[:, None] * paint.linear(shot.sun_colour) + fill)
    wet = np.flatnonzero(gloss > 0)
    if len(wet):
        cosine = -np.einsum("ij,ij->i", rays[wet], normals[wet])
        mirrored = rays[wet] + 2 * cosine[:, None] * normals[wet]
        mirrored[:, 1] = np.abs(mirrored[:, 1])
        share = gloss[wet] * (0.03 + 0.62 * (1 - np.clip(cosine, 0, 1)) ** 4)
        light[wet] = paint.mix(light[wet], shot.sky.gradient(mirrored) * (0.6 + 0.4 * power), share)
    level = rays * np.array([1, 0, 1], rays.dtype) + np.array([0, 0.05, 0], rays.dtype)
    veil = 1 - np.exp(-shot.haze * np.maximum(depth - 12, 0))
    return paint.mix(light, shot.sky.gradient(unit(level)) * (0.55 + 0.25 * power), veil)


def _sun_camera(shot: Shot) -> SunCamera:
    """Looks along the light at the shot's focus from outside of everything that casts a shadow."""
    along = -unit(np.array(shot.sky.sun, np.float64))
    across = unit(np.cross([0.0, 1.0, 0.0], along))
    axes = np.stack([across, np.cross(along, across), along])
    middle = (SHADOW_MAP - 1) / 2
    return SunCamera(
        np.array(shot.focus) - 150 * along, axes, SHADOW_MAP / (2 * shot.reach), (middle, middle)
    )


@lru_cache(maxsize=4)
def _shadow_map(shot: Shot, time: float | None) -> Float32:
    """(SHADOW_MAP, SHADOW_MAP) distances along the light to what it meets first.

    Of the bodies that stand still, or, with a time, of those too that move.
    """
    sun = _sun_camera(shot)
    side = np.arange(SHADOW_MAP, dtype=np.float32)
    pixels = np.stack([axis.ravel() for axis in np.meshgrid(side, side)], axis=1)
    finite = [body for body in shot.bodies if np.isfinite(body.shape.bounds[0]).all()]
    chosen = [body for body in finite if body.moves == (time is not None)]
    hits = trace(sun, pixels, chosen, [body.pose(time or 0.0) for body in chosen])
    depth = hits.depth.reshape(SHADOW_MAP, SHADOW_MAP)
    return depth if time is None else np.minimum(depth, _shadow_map(shot, None))


def _sunlit(shot: Shot, time: float, poses: list[Pose], points: Array, normals: Array) -> Array:
    """Share (N,) of the sun that reaches each point: the mean of nearby looks at the shadow map."""
    sun, shadows = _sun_camera(shot), _shadow_map(shot, time)
    seen, depth = sun.project(points + 0.06 * normals)
    width = min(len(points), 16384)
    rows = -(-len(points) // width)
    grid = np.zeros((2, rows * width), np.float32)
    grid[:, : len(points)] = seen.T
    x, y = grid.reshape(2, rows, width)
    share = np.zeros(len(points), points.dtype)
    for dx, dy in SHADOW_TAPS:
        nearest = cv2.remap(
            shadows,
            x + 0.9 * dx,
            y + 0.9 * dy,
            cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=1e9,
        )
        share += nearest.reshape(-1)[: len(points)] > depth - 0.12
    return share / len(SHADOW_TAPS)
