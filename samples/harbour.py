"""The first shot: a harbour town, with boats and balloons that pass before it."""

from __future__ import annotations

from functools import lru_cache

import builders as build
import numpy as np
import textures as paint
from shapes import Ellipsoid, Frustum, Ground, box
from shot import SIZE, Shot
from sky import Sky
from tracing import Body, Camera, still


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


WALLS = [
    "#f2c879",
    "#e8946a",
    "#f3e2c0",
    "#d96f52",
    "#f0b6a0",
    "#e9d08f",
    "#c9d3c0",
    "#efc9a0",
    "#dd8a5c",
    "#f7ead0",
]
SHUTTERS = ["#2f6f73", "#3b6ea5", "#557a46", "#7a3b32", "#2b4c7e", "#8fa8a0"]
ROOFS = ["#b4532f", "#a84a2e", "#c26a3c", "#9c4a34"]


@lru_cache(maxsize=1)
def harbour() -> Shot:
    """A harbour town in low warm light, boats and balloons passing; a cloud dims the sun for a second."""
    rng = np.random.default_rng(11)
    bodies: list[Body] = [
        Body(
            Ground(),
            paint.waves("#0d5566", "#3fa7a4"),
            build.drift((0, 0, 0), (0.35, 0, -0.25)),
            True,
            gloss=1.0,
        ),
        Body(Ellipsoid((46, 17, 30)), paint.mottled("#4d5a2c", "#b59d54", 9.0, 0.5), still((-42, -3, 78))),
        Body(Ellipsoid((40, 11, 24)), paint.mottled("#55602f", "#a8954e", 8.0, 0.5), still((-6, -3, 92))),
        Body(
            box((-60, -1, 34), (4, 1.1, 52)), paint.masonry("#cdb894", "#9c8768", 0.4, 1.1), still((0, 0, 0))
        ),
        Body(
            box((3, -1, 40), (24, 0.8, 43)), paint.masonry("#c4b190", "#8f7c60", 0.4, 1.1), still((0, 0, 0))
        ),
        Body(
            box((-30, 2.2, 5.6), (30, 4.1, 6.3)),
            paint.masonry("#d9c29a", "#a08a68", 0.32, 0.7),
            still((0, 0, 0)),
        ),
        Body(
            box((-30, 4.1, 5.5), (30, 4.22, 6.4)), paint.mottled("#e5d2ac", "#b9a27c", 1.2), still((0, 0, 0))
        ),
    ]
    bodies += _town(rng)
    bodies += build.lighthouse((22, 0.8, 41.5), 1.12)
    bodies += [
        Body(
            Ellipsoid((2.6, 1.3, 2.2)), paint.mottled("#6b5d4c", "#b8a586", 1.6, 0.7), still((x, -0.1, z), x)
        )
        for x, z in ((24.5, 39.5), (20, 39.6), (26.4, 42), (16, 39.9))
    ]
    bodies += _pots()
    bodies += build.balloon(
        build.drift((9.2, 12.6, 36), (-1.5, 0.35, 0.0), turn=0.12),
        4.3,
        paint.striped(["#d7402b", "#f6e7c4", "#f0a52c", "#f6e7c4"], 16, 1.0, "#27406b"),
    )
    bodies += build.balloon(
        build.drift((3.0, 18.5, 62), (0.9, 0.25, 0.0), turn=-0.1),
        4.0,
        paint.striped(["#1f6f8b", "#f3d16b"], 12, 0.0, "#d7562b"),
    )
    bodies += build.balloon(
        build.drift((27, 20, 96), (-0.5, 0.5, 0.0)), 4.2, paint.striped(["#8c3b6f", "#f2c0a0", "#e2703a"], 15)
    )
    bodies += build.sailing_boat(
        build.drift((-12.0, 0.0, 22.5), (3.3, 0, 0.35), -0.1, 0.05),
        "#b3302a",
        "#f3ead8",
        "#f7ecd2",
        "#d8602f",
        1.1,
    )
    bodies += build.sailing_boat(
        build.drift((13.5, 0.0, 30), (-1.9, 0, 0.2), np.pi + 0.2, 0.04),
        "#1d4f73",
        "#f0e2c0",
        "#f2d7a0",
        "#2b6c88",
        1.0,
    )
    bodies += build.sailing_boat(
        build.drift((30, 0.0, 64), (-1.2, 0, 0), np.pi, 0.04), "#3c2f2a", "#e8d8b8", "#e5a05c", "#b8452f", 1.1
    )
    for x, z, yaw, hull in (
        (-14, 30.5, 0.5, "#2f7d86"),
        (-8, 31.6, 0.1, "#d99a2b"),
        (0.5, 31, -0.3, "#b8402c"),
        (-19, 29, 0.2, "#3a6b4a"),
    ):
        bodies += build.rowing_boat(build.drift((x, 0.12, z), (0, 0, 0), yaw, 0.05), hull, "#f2e6cc")

    def camera(time: float) -> Camera:
        place = (-2.6 + 2.0 * time, 5.6 + 0.12 * time, 0.5 * time)
        return Camera.looking(place, (-1.2 + 1.15 * time, 6.6 + 0.1 * time, 34), 430, SIZE)

    def sunlight(time: float) -> float:
        return 1 - 0.72 * (_smooth((time - 0.72) / 0.3) - _smooth((time - 1.62) / 0.3))

    sky = Sky(
        "#1470cc",
        "#a6dcea",
        "#ffe4b8",
        "#e08a3c",
        "#fff4e0",
        "#b9a6b4",
        (-0.75, 0.46, -0.25),
        -0.1,
        ((0.17, "#8a9fc4", 0.3), (0.10, "#5f82a0", 1.7)),
    )
    return Shot(tuple(bodies), camera, sunlight, sky, "#ffd9a0", 0.0042, (-4, 3, 36), 34)


def _town(rng: np.random.Generator) -> list[Body]:
    """Houses along the quay, rows of them up the hill, trees between, a church tower."""
    bodies: list[Body] = []
    for row, (depth, base, start, end) in enumerate(
        (
            (38.5, 1.1, -33, 1.5),
            (45, 3.0, -36, 1),
            (52, 6.2, -38, -8),
            (59, 9.3, -42, -14),
            (66, 11.8, -40, -22),
        )
    ):
        x = start + rng.uniform(0, 1.5)
        while x < end:
            half = rng.uniform(1.35, 2.0)
            wall = rng.choice([3.4, 4.85, 6.3]) if row < 2 else rng.choice([3.4, 4.85])
            size = (half, rng.uniform(1.8, 2.3), wall, wall + rng.uniform(1.0, 1.6))
            colours = (
                WALLS[rng.integers(len(WALLS))],
                SHUTTERS[rng.integers(len(SHUTTERS))],
                ROOFS[rng.integers(len(ROOFS))],
            )
            yaw = rng.normal(0, 0.1) + (np.pi / 2 if rng.random() < 0.3 and row else 0)
            lift = base + (0 if row == 0 else rng.uniform(-0.6, 0.5))
            bodies.append(
                build.town_house(
                    (x + half, lift, depth + rng.uniform(-0.4, 0.4)), size, yaw, colours, rng.uniform(0, 1)
                )
            )
            x += 2 * half + (0.03 if row == 0 else rng.choice([0.1, 0.6, 2.4]))
        for _ in range(5 if row else 0):
            place = (rng.uniform(start, end + 6), base - 0.6, depth - 2.6)
            bodies += build.tree(
                rng, place, rng.uniform(0.9, 1.4), "cypress" if rng.random() < 0.5 else "olive"
            )
    stone = paint.masonry("#ead6ae", "#cbb083", 0.5, 1.0)
    bodies += [
        Body(box((-1.5, 0, -1.5), (1.5, 11, 1.5)), stone, still((-13.5, 5.6, 55))),
        Body(
            box((-1.75, 10.9, -1.75), (1.75, 11.3, 1.75)),
            paint.mottled("#f1e2c2", "#c7ad80", 1.0),
            still((-13.5, 5.6, 55)),
        ),
        Body(
            box((-0.55, 8.2, -1.56), (0.55, 10.2, -1.4)),
            paint.mottled("#2b2a33", "#4a4550", 1.0),
            still((-13.5, 5.6, 55)),
        ),
        Body(Frustum(3.2, 1.7, 0.05), paint.mottled("#8e3f2a", "#b9603a", 1.0), still((-13.5, 16.9, 55))),
    ]
    return bodies


def _pots() -> list[Body]:
    """Flower pots on the parapet in front."""
    rng = np.random.default_rng(4)
    bodies: list[Body] = []
    for x, flower in (
        (-4.6, "#d8324a"),
        (-3.9, "#f2a03c"),
        (2.5, "#e0527a"),
        (3.4, "#d8324a"),
        (5.6, "#f4d35e"),
    ):
        bodies.append(
            Body(Frustum(0.3, 0.15, 0.21), paint.banded(["#b5562f", "#c8693c"], 0.12), still((x, 4.22, 5.95)))
        )
        for _ in range(11):
            dx, dy, dz = rng.normal(0, 0.13, 3)
            code = flower if rng.random() < 0.6 else "#3f6b33"
            radii = tuple(rng.uniform(0.06, 0.12, 3))
            bodies.append(
                Body(
                    Ellipsoid(radii),
                    paint.mottled(code, "#ee7a80" if code == flower else "#86a04f", 0.3, 0.4),
                    still((x + dx, 4.62 + abs(dy), 5.95 + 0.7 * dz)),
                )
            )
    return bodies
