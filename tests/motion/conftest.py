"""Rendered scenes whose motion is known exactly: textured layers over one another, each moved by a matrix."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from vidstyle.frames import Frame

Floats = npt.NDArray[np.float32]


def texture(seed: int, side: int = 512) -> Floats:
    """Coloured noise with detail from 4 to 64 px: (side, side, 3) in 0..1."""
    random = np.random.default_rng(seed)
    picture = np.zeros((side, side, 3), np.float32)
    for cell, amplitude in ((64, 0.1), (32, 0.08), (16, 0.07), (8, 0.06), (4, 0.04)):
        noise = random.normal(size=(side // cell, side // cell, 3)).astype(np.float32)
        picture += amplitude * cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture + random.uniform(0.3, 0.7, 3).astype(np.float32), 0, 1)


def about(
    x: float, y: float, *, angle: float = 0, scale: float = 1, shift=(0.0, 0.0)
) -> npt.NDArray[np.float64]:
    """The 3x3 matrix that turns and scales about a point, then shifts."""
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = (x + shift[0], y + shift[1]), (-x, -y)
    return there @ turn @ back


@dataclass
class Layer:
    """A textured plane; `place(t)` leads from its own coordinates to the screen at time t."""

    texture: Floats
    place: Callable[[int], npt.NDArray[np.float64]]
    covers: Callable[[Floats, Floats], npt.NDArray[np.bool_]] | None = (
        None  # in its own coordinates; None: all
    )


@dataclass
class Scene:
    size: tuple[int, int]
    layers: list[Layer]

    def render(self, time: int, *, index: int | None = None) -> Frame:
        """Anti-aliased, with the noise of a camera: uint8."""
        height, width = self.size
        x, y = self._grid(3)
        owner = self._owner(time, x, y)
        fine = np.zeros((*x.shape, 3), np.float32)
        for number, layer in enumerate(self.layers):
            u, v = _mapped(np.linalg.inv(layer.place(time)), x, y)
            side = layer.texture.shape[0] / 4
            at = np.dstack([u + side, v + side]).astype(np.float32)
            seen = cv2.remap(layer.texture, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            fine[owner == number] = seen[owner == number]
        pixels = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA) * 255
        pixels += np.random.default_rng(1000 + time).normal(0, 1, pixels.shape)
        return Frame(
            np.clip(np.rint(pixels), 0, 255).astype(np.uint8), index=time if index is None else index
        )

    def flow_to_previous(self, time: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Exact flow (H, W, 2), and where the point was visible in the previous frame (H, W)."""
        height, width = self.size
        x, y = self._grid(1)
        owner = self._owner(time, x, y)
        before = np.zeros((2, height, width))
        for number, layer in enumerate(self.layers):
            u, v = _mapped(np.linalg.inv(layer.place(time)), x, y)
            before[:, owner == number] = np.stack(_mapped(layer.place(time - 1), u, v))[:, owner == number]
        inside = (before >= 0).all(0) & (before[0] <= width - 1) & (before[1] <= height - 1)
        visible = inside & (self._owner(time - 1, *before) == owner)
        return np.dstack([before[0] - x, before[1] - y]).astype(np.float32), visible

    def _grid(self, finer: int):
        height, width = self.size
        y, x = np.mgrid[0 : height * finer, 0 : width * finer]
        return (x + 0.5) / finer - 0.5, (y + 0.5) / finer - 0.5

    def _owner(self, time: int, x, y):
        owner = np.zeros(x.shape, int)
        for number, layer in enumerate(self.layers):
            if layer.covers is not None:
                owner[layer.covers(*_mapped(np.linalg.inv(layer.place(time)), x, y))] = number
        return owner


def _mapped(matrix, x, y):
    return (
        matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2],
        matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2],
    )


def background(
    *, size=(120, 160), shift=(0.0, 0.0), angle: float = 0, scale: float = 1, seed: int = 0
) -> Scene:
    """One texture that shifts, turns and grows by so much a frame, about the middle of the picture."""
    height, width = size

    def place(t: int):
        moved = (shift[0] * t, shift[1] * t)
        return about(width / 2, height / 2, angle=angle * t, scale=scale**t, shift=moved)

    return Scene(size, [Layer(texture(seed), place)])


def square_over_background(*, size=(120, 160), velocity=(4.0, 1.5), half: float = 20, seed: int = 0) -> Scene:
    """A square that moves over a background, which drifts slowly the other way."""
    height, width = size
    scene = background(size=size, shift=(-0.6, 0.3), seed=seed)
    x, y = width * 0.45, height * 0.5
    scene.layers.append(
        Layer(
            texture(seed + 100),
            lambda t: about(x, y, shift=(velocity[0] * t, velocity[1] * t)),
            lambda u, v: (np.abs(u - x) < half) & (np.abs(v - y) < half),
        )
    )
    return scene


@pytest.fixture(scope="session")
def still_scene() -> Callable[..., Scene]:
    return background


@pytest.fixture(scope="session")
def square_scene() -> Callable[..., Scene]:
    return square_over_background


@pytest.fixture(scope="session")
def sample_frames() -> list[Frame]:
    """The sample clip as it is shipped, decoded."""
    folder = Path(__file__).parents[2] / "samples"
    (path,) = folder.glob("*.mp4")
    clip, frames = cv2.VideoCapture(str(path)), []
    while (read := clip.read())[0]:
        frames.append(Frame(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), index=len(frames)))
    clip.release()
    return frames


@pytest.fixture(scope="session")
def sample_scene() -> ModuleType:
    """The drawn sample clip, whose motion is known exactly."""
    folder = str(Path(__file__).parents[2] / "samples")
    sys.path.insert(0, folder)
    try:
        import scene
    finally:
        sys.path.remove(folder)
    return scene
