"""Flat cut-outs in space before a moving camera: their pictures, and their exact motion.

Each layer faces the camera, so that it goes through a similarity from its own picture to the
screen: moved, turned and scaled. The flow of a pixel is the similarity of its layer at the other
time after the inverse of that at this one, and it is visible there if no nearer layer stands before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Motion

Float32 = npt.NDArray[np.float32]
Floats = npt.NDArray[np.floating]  # float64, but NumPy tells no more of an inverse

SIZE = (136, 320)  # height, width: the proportions of MPI-Sintel
FRAMES = 20
SAMPLES = 3  # to a pixel, each way


@dataclass(frozen=True)
class Place:
    """Where something is: x right, y down in pixels at depth 1, turned by radians, `scale` times as large."""

    x: float = 0.0
    y: float = 0.0
    turn: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class View:
    """Where the camera is: as `Place`, and `z` depths further in."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True, eq=False)
class Layer:
    """A cut-out.

    Attributes:
        picture: (h, w, 3) float32 in 0..1; its middle is what is placed.
        alpha: (h, w) float32 in 0..1.
        depth: its distance from where the camera stands at z = 0.
        path: its place at each frame.
    """

    picture: Float32
    alpha: Float32
    depth: float
    path: Callable[[int], Place]

    def to_screen(self, frame: int, view: View) -> Floats:
        """(3, 3): pixels of the picture, (x, y, 1), to pixels of the screen."""
        place = self.path(frame)
        middle = ((self.picture.shape[1] - 1) / 2, (self.picture.shape[0] - 1) / 2)
        own = _similarity(place.x, place.y, place.turn, place.scale) @ _similarity(-middle[0], -middle[1])
        near = 1 / (self.depth - view.z)
        seen = _similarity(0, 0, -view.turn, near) @ _similarity(-view.x, -view.y)
        return _similarity((SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2) @ seen @ own


@dataclass(frozen=True, eq=False)
class Scene:
    """A camera before layers, the furthest first; that one covers the whole screen at all times."""

    name: str
    about: str
    layers: tuple[Layer, ...]
    camera: Callable[[int], View]
    frames: int = FRAMES

    def render(self, index: int) -> Float32:
        """Frame `index`: (H, W, 3) float32 in 0..1. Raises IndexError outside of the scene."""
        self._check(index)
        height, width = SIZE[0] * SAMPLES, SIZE[1] * SAMPLES
        # Pixel centres lie at whole numbers, those of the screen and those of the finer one that is drawn.
        finer = _similarity((SAMPLES - 1) / 2, (SAMPLES - 1) / 2, scale=SAMPLES)
        drawn = np.zeros((height, width, 3), np.float32)
        for layer in self.layers:
            sheet = np.dstack([layer.picture * layer.alpha[..., None], layer.alpha])
            way = (finer @ layer.to_screen(index, self.camera(index)))[:2]
            moved = cv2.warpAffine(sheet, way, (width, height), flags=cv2.INTER_LINEAR)
            drawn = drawn * (1 - moved[..., 3:]) + moved[..., :3]
        small = cv2.resize(drawn, (SIZE[1], SIZE[0]), interpolation=cv2.INTER_AREA)
        return np.clip(small, 0, 1)

    def flow_between(self, index: int, other: int) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """Where what lies at each pixel of frame `index` lies in frame `other`, and whether it shows there.

        Returns the flow (H, W, 2) float32, pixels, x then y, and visible (H, W) bool: False where
        that point is outside of the other frame or behind something.
        """
        pixels = _centres()
        top = self._top(index, pixels)
        moved = pixels.copy()
        for number, layer in enumerate(self.layers):
            mine = top == number
            if mine.any():
                back = np.linalg.inv(layer.to_screen(index, self.camera(index)))
                moved[mine] = _apply(layer.to_screen(other, self.camera(other)) @ back, pixels[mine])
        height, width = SIZE
        inside = (moved >= 0).all(axis=1) & (moved[:, 0] <= width - 1) & (moved[:, 1] <= height - 1)
        visible = inside & (self._top(other, moved) == top)
        flow = (moved - pixels).astype(np.float32).reshape(height, width, 2)
        return flow, visible.reshape(height, width)

    def motion_between(self, index: int, other: int) -> Motion:
        """`flow_between` as a Motion, trusted where visible."""
        flow, visible = self.flow_between(index, other)
        return Motion(flow, visible.astype(np.float32), cut=False)

    def moving(self) -> Iterator[tuple[Frame, Motion]]:
        """Each frame with its exact motion back to the one before."""
        for index in range(self.frames):
            motion = self.motion_between(index, index - 1) if index else Motion.first_of_shot(*SIZE)
            yield self.frame(index), motion

    def frame(self, index: int) -> Frame:
        """`render` in 8 bits, as a file would hold it."""
        pixels = Frame(self.render(index)).bytes()
        return Frame(pixels, pts=index, time_base=Fraction(1, 24), index=index)

    def _top(self, index: int, points: Floats) -> npt.NDArray[np.int64]:
        """The number of the nearest layer that covers each point (N, 2) of the screen."""
        self._check(index)
        top = np.zeros(len(points), np.int64)
        for number, layer in enumerate(self.layers[1:], start=1):
            local = _apply(np.linalg.inv(layer.to_screen(index, self.camera(index))), points)
            columns = local.astype(np.float32).reshape(SIZE[0], -1, 2)
            alpha = cv2.remap(layer.alpha, columns[..., 0], columns[..., 1], cv2.INTER_LINEAR)
            top[alpha.ravel() > 0.5] = number
        return top

    def _check(self, index: int) -> None:
        if not 0 <= index < self.frames:
            raise IndexError(f"{self.name} has frames 0 to {self.frames - 1}, not {index}")


@lru_cache(maxsize=1)
def _centres() -> Floats:
    """(H * W, 2) pixel centres, x then y."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)


def _similarity(x: float, y: float, turn: float = 0.0, scale: float = 1.0) -> Floats:
    """(3, 3): turn and scale about the origin, then move."""
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[c, -s, x], [s, c, y], [0, 0, 1]])


def _apply(way: Floats, points: Floats) -> Floats:
    return points @ way[:2, :2].T + way[:2, 2]
