"""The sample clip: each frame's picture, and the exact motion of each of its pixels.

`render(index)` draws a frame. `flow_to_previous(index)` and `flow_between(i, j)` say where what lies at
a pixel of a frame lay in another one, computed from the scene and not from the pictures: the surface
point under the pixel's centre is carried to the other time and seen through the other camera.
Frames FRAMES, a second FPS, the first frame of the second shot CUT.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from harbour import harbour
from light import poses_at, shade
from shapes import Array
from shot import CUT, FPS, FRAMES, SIZE, Shot
from tracing import SKY, Camera, Hits, Pose, trace
from windmill import windmill

__all__ = [
    "CUT",
    "FPS",
    "FRAMES",
    "SIZE",
    "depth_and_body",
    "flow_between",
    "flow_to_previous",
    "render",
    "sunlight",
]

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SAMPLES = 2  # rays to a pixel, each way


def _moment(index: int) -> tuple[Shot, float]:
    """The shot of a frame, and the seconds since the shot began."""
    if not 0 <= index < FRAMES:
        raise IndexError(f"the sample clip has frames 0 to {FRAMES - 1}, not {index}")
    return (harbour(), index / FPS) if index < CUT else (windmill(), (index - CUT) / FPS)


def sunlight(index: int) -> float:
    """How bright the sun shines in a frame: 1, and less while a cloud covers it."""
    shot, time = _moment(index)
    return shot.sunlight(time)


def render(index: int) -> Float32:
    """Frame `index`: (270, 480, 3) float32, RGB in 0..1. Raises IndexError outside of the clip."""
    shot, time = _moment(index)
    height, width = SIZE
    fine = (np.arange(max(SIZE) * SAMPLES, dtype=np.float32) + 0.5) / SAMPLES - 0.5
    grid = np.meshgrid(fine[: width * SAMPLES], fine[: height * SAMPLES])
    pixels = np.stack([axis.ravel() for axis in grid], axis=1)
    light = shade(shot, time, pixels).reshape(height * SAMPLES, width * SAMPLES, 3)
    small = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
    return _develop(small.astype(np.float32, copy=False))


def _develop(light: Float32) -> Float32:
    """Linear light -> display: the shoulder and toe of a film, a little more colour, then sRGB."""
    x = np.maximum(light * 0.92, 0)
    x = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)  # Narkowicz's fit of the ACES curve
    x = np.clip(x, 0, 1)
    grey = x @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    x = np.clip(grey[..., None] + 1.06 * (x - grey[..., None]), 0, 1)
    display: Float32 = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)
    return display


def _centres() -> npt.NDArray[np.float64]:
    """(H * W, 2) pixel centres, x then y."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)


@lru_cache(maxsize=4)
def _first_hits(index: int) -> Hits:
    shot, time = _moment(index)
    return trace(shot.camera(time), _centres(), shot.bodies, poses_at(shot, time))


def depth_and_body(index: int) -> tuple[Float32, npt.NDArray[np.int16]]:
    """Depth (H, W), world units, inf for the sky, and the body's number (H, W), -1 for the sky."""
    hits = _first_hits(index)
    return hits.depth.reshape(SIZE).astype(np.float32), hits.body.reshape(SIZE).copy()


def flow_to_previous(index: int) -> tuple[Float32, Mask]:
    """`flow_between(index, index - 1)`. Raises ValueError for the first frame of a shot."""
    return flow_between(index, index - 1)


def flow_between(index: int, other: int) -> tuple[Float32, Mask]:
    """Where what lies at each pixel of frame `index` lay in frame `other` of the same shot.

    Returns the flow (H, W, 2) float32, pixels, x then y, from `index` to `other`; and visible (H, W):
    False where that point was outside of the other picture or covered by something.
    Raises ValueError where the frames are not of one shot.
    """
    (shot, time), (shot_then, then) = _moment(index), _moment(other)
    if shot is not shot_then:
        raise ValueError(f"frames {index} and {other} are of different shots: the cut is at {CUT}")
    pixels, hits = _centres(), _first_hits(index)
    now, before = poses_at(shot, time), poses_at(shot, then)
    camera = shot.camera(then)
    moved, depth = _carry(shot.camera(time), camera, pixels, hits, now, before)
    found = trace(camera, moved, shot.bodies, before)
    same = found.body == hits.body
    # A body may cover itself: the point must also be the first that the other camera sees there.
    with np.errstate(invalid="ignore"):
        same &= np.isinf(depth) | (np.abs(found.depth - depth) <= 1e-3 * depth + 1e-3)
    height, width = SIZE
    inside = (moved >= 0).all(axis=1) & (moved[:, 0] <= width - 1) & (moved[:, 1] <= height - 1)
    flow = (moved - pixels).astype(np.float32).reshape(height, width, 2)
    return flow, (same & inside & (depth > 0)).reshape(height, width)


def _carry(
    camera: Camera, other: Camera, pixels: Array, hits: Hits, now: list[Pose], then: list[Pose]
) -> tuple[Array, Array]:
    """The hits of `pixels`, moved with their bodies and seen by the other camera: pixels and depths."""
    origin, rays = camera.rays(pixels)
    moved, depth = other.project_directions(rays)
    depth = np.where(depth > 0, np.inf, -1.0)
    for number in np.unique(hits.body[hits.body != SKY]):
        mine = np.flatnonzero(hits.body == number)
        points = origin + rays[mine] * hits.depth[mine, None]
        local = (points - now[number].place) @ now[number].rotation
        world = local @ then[number].rotation.T + then[number].place
        moved[mine], depth[mine] = other.project(world)
    return moved, depth
