"""The five scenes, and what each is hard for.

| scene | like Sintel's | what is hard |
|---|---|---|
| garden | alley_2, bandage_2 | small motion: errors pile up over many warps |
| chase | ambush_5, market_6 | large motion, up to some 25 pixels a frame |
| reeds | bamboo | fine structure, thinner than the patches that flow is found on |
| market | market_6 | many occlusions: people cross before and behind each other |
| tower | temple_2 | zoom with a turn: everything grows, strokes with it |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scenes import drawing
from scenes.layers import Layer, Place, Scene, View

COATS = ("#8c2f39", "#2f5d8c", "#d9a441", "#4a7c59", "#6b4a8c", "#c96f3b", "#2b2d42", "#e0d6c2")
SKINS = ("#e8b896", "#b07b56", "#f0cdae", "#7d5236")
TROUSERS = ("#2b2d42", "#4b3b2a", "#6b7a8f", "#3a3a3a")


def ground(picture: drawing.Float32, depth: float, y: float = 0.0, scale: float = 1.0) -> Layer:
    """A backdrop, without holes."""
    alpha = np.ones(picture.shape[:2], np.float32)
    return Layer(picture, alpha, depth, lambda t: Place(0, y * depth, 0, scale * depth))


def cutout(
    sprite: drawing.Sprite, depth: float, start: Sequence[float], speed: Sequence[float], sway: float = 0.0
) -> Layer:
    """A sprite that starts at (x, y) and moves by `speed` a frame, on the screen of a still camera."""
    phase = start[0]

    def path(t: int) -> Place:
        x, y = start[0] + speed[0] * t, start[1] + speed[1] * t
        return Place(x * depth, y * depth, sway * float(np.sin(0.35 * t + phase)), depth)

    return Layer(*sprite, depth, path)


def drift(x: float = 0.0, y: float = 0.0, z: float = 0.0, turn: float = 0.0) -> Callable[[int], View]:
    """A camera that moves evenly: so much a frame."""
    return lambda t: View(x * t, y * t, z * t, turn * t)


def someone(seed: int, height: int) -> drawing.Sprite:
    codes = (SKINS[seed % 4], COATS[seed % 8], TROUSERS[seed % 4])
    return drawing.person(height, codes, 10 * seed)


def garden() -> Scene:
    wall = drawing.bricks(300, 700, ["#7a4b3a", "#b9785a", "#d9a883", "#8c5a44"], 1)
    hedge = drawing.blob(150, ["#2f4a2a", "#557a3a", "#8aa352"], 2)
    layers = (
        ground(wall, 3.0),
        cutout(hedge, 2.4, (-95, 40), (0, 0), 0.01),
        cutout(drawing.blob(120, ["#3b5a2f", "#6f8f45", "#b5b86a"], 3), 2.2, (105, 45), (0, 0), 0.012),
        cutout(someone(1, 96), 1.8, (-20, 22), (0.25, 0), 0.012),
        cutout(someone(2, 104), 1.5, (40, 26), (-0.35, 0.02), 0.015),
        cutout(drawing.blob(90, ["#4a2f4a", "#a34f7a", "#e0a3b5"], 4), 1.2, (-125, 62), (0, 0), 0.01),
    )
    return Scene("garden", "small motion", layers, drift(x=0.5, y=0.06))


def chase() -> Scene:
    street = drawing.bricks(360, 2200, ["#3f4a5a", "#7d8a99", "#b5a68c", "#5a4f4a"], 11, 20)
    carts = [drawing.blob(110, ["#5a3f2f", "#9c6b45", "#d9b08c"], 12 + n) for n in range(3)]
    layers = (
        ground(street, 3.0),
        cutout(carts[0], 2.2, (-60, 40), (1.5, 0), 0.02),
        cutout(carts[1], 2.0, (150, 45), (1.0, 0), 0.02),
        cutout(someone(3, 120), 1.6, (-70, 18), (16, 0.4), 0.12),
        cutout(someone(4, 128), 1.3, (150, 22), (-7, -0.3), 0.1),
        cutout(carts[2], 1.0, (420, 62), (-2, 0), 0.03),
    )
    return Scene("chase", "large motion", layers, drift(x=24.0, y=0.5))


def reeds() -> Scene:
    water = drawing.mottled(300, 800, ["#1f3b4d", "#4f7f8c", "#c9b98c", "#e8d9b0"], 21, 48)
    layers = (
        ground(water, 3.0),
        cutout(drawing.bare_tree(150, ["#3a2f2a", "#6b5444"], 22), 2.2, (-80, 0), (0, 0), 0.02),
        cutout(someone(5, 90), 2.0, (60, 24), (-1.6, 0), 0.02),
        cutout(drawing.lattice(60, 420, "#e0d6c2", 23), 1.7, (30, 42), (0, 0)),
        cutout(
            drawing.reeds(110, 420, 70, ["#5a6b2f", "#a3a352", "#d9c97a"], 24), 1.4, (0, 34), (0, 0), 0.02
        ),
        cutout(drawing.bare_tree(170, ["#1f1a17", "#4b3b2a"], 25), 1.1, (120, -6), (0, 0), 0.015),
    )
    return Scene("reeds", "fine structure", layers, drift(x=3.0, y=0.1))


def market() -> Scene:
    stalls = drawing.bricks(320, 900, ["#6b2f2f", "#c97a45", "#e8d0a3", "#457a7a"], 31, 24)
    rng = np.random.default_rng(32)
    people = []
    for number in range(15):
        depth = 2.6 - 0.1 * number
        side = 1 if number % 2 else -1
        start = (-side * rng.uniform(-20, 150), 22 + 1.2 * number)
        people.append(
            cutout(someone(number, 84 + 3 * number), depth, start, (side * rng.uniform(2, 8), 0), 0.04)
        )
    return Scene("market", "many occlusions", (ground(stalls, 3.0), *people), drift(x=1.0))


def tower() -> Scene:
    sky = drawing.mottled(420, 800, ["#2f4a7a", "#7aa3c9", "#f0d9b5", "#e8a37a"], 41, 96)
    stone = drawing.bricks(180, 90, ["#8c7a5a", "#c9b58c", "#e8d9b5"], 42, 10)
    tower_layer = (stone, np.ones(stone.shape[:2], np.float32))
    layers = (
        ground(sky, 3.0, scale=1.0),
        cutout(tower_layer, 2.4, (15, 20), (0, 0)),
        cutout(drawing.blob(120, ["#4a3f3a", "#8c7a6b", "#c9b8a3"], 43), 2.1, (-90, 50), (0, 0)),
        cutout(drawing.blob(130, ["#3b4a2f", "#7a8c52", "#c9c98c"], 44), 1.9, (95, 55), (0, 0)),
        cutout(someone(7, 80), 1.7, (-35, 30), (0.4, 0), 0.01),
    )
    return Scene("tower", "zoom and turn", layers, drift(z=0.03, turn=0.006))


SCENES: dict[str, Callable[[], Scene]] = {
    make.__name__: make for make in (garden, chase, reeds, market, tower)
}
