"""The second shot: a windmill over lavender, at sundown."""

from __future__ import annotations

from functools import lru_cache

import builders as build
import numpy as np
import textures as paint
from shapes import Ellipsoid, Frustum, Ground, box
from shot import SIZE, Shot
from sky import Sky
from tracing import Body, Camera, still


@lru_cache(maxsize=1)
def windmill() -> Shot:
    """A turning windmill over fields of lavender at sundown; a red lorry and a balloon pass behind."""
    rng = np.random.default_rng(5)
    bodies: list[Body] = [
        Body(Ground(), paint.rows(("#5c3f3a", "#5b6f4c", "#9468d2"), 1.15, 0.18), still((0, 0, 0))),
        Body(
            Ellipsoid((30, 4.2, 16)),
            paint.rows(("#a97c3a", "#d8ac4a", "#f2d27a"), 0.9, 1.2),
            still((-20, -0.6, 52)),
        ),
        Body(
            Ellipsoid((40, 6.5, 22)),
            paint.rows(("#5b6a2f", "#7f9440", "#a8b052"), 1.6, -0.7),
            still((26, -1.2, 66)),
        ),
        Body(Ellipsoid((60, 9.5, 25)), paint.mottled("#4c6034", "#8d9350", 9.0, 0.4), still((-24, -1, 95))),
        Body(
            box((-80, -0.1, 26.0), (80, 0.06, 28.4)),
            paint.mottled("#d9bd8d", "#b8946a", 2.5),
            still((0, 0, 0)),
        ),
        Body(Ellipsoid((6.5, 1.0, 5)), paint.mottled("#6d8038", "#b3a552", 2.0, 0.4), still((5.6, 0, 19))),
    ]
    bodies += build.windmill((5.6, 0.85, 19), 1.0, 1.15, 0.32)
    bodies += build.balloon(
        build.drift((-1.5, 10.2, 40), (2.9, 0.3, 0), turn=0.2),
        3.4,
        paint.striped(["#e2572e", "#f6d98a", "#2a6f86", "#f6d98a"], 16, 1.0, "#7d2b3a"),
    )
    bodies += build.balloon(
        build.drift((-17, 14.5, 62), (0.8, 0.4, 0)), 3.6, paint.striped(["#c23b4e", "#f5e3bd"], 14)
    )
    lorry = build.drift((-6.5, 0.1, 27.2), (4.6, 0, 0))
    red, dark = paint.mottled("#c5322a", "#d9553a", 1.0), paint.plain("#23232b")
    for offset, shape, colour in (
        ((0, 0.35, 0), box((0.5, 0, -0.7), (1.9, 1.5, 0.7)), red),
        ((0, 0.35, 0), box((-2.2, 0.1, -0.8), (0.45, 1.1, 0.8)), paint.mottled("#2f6d73", "#3f8a8c", 1.0)),
        ((-0.9, 1.4, 0), Ellipsoid((1.25, 0.75, 0.75)), paint.mottled("#e3b34c", "#f3d68a", 0.8, 0.5)),
        ((0, 0.35, 0), box((0.9, 0.8, -0.72), (1.7, 1.35, 0.72)), paint.plain("#b8d4dc")),
        ((-1.4, 0.36, -0.75), Ellipsoid((0.4, 0.4, 0.15)), dark),
        ((1.3, 0.36, -0.75), Ellipsoid((0.4, 0.4, 0.15)), dark),
    ):
        bodies.append(Body(shape, colour, build.shifted(lorry, offset), True))
    house = [((-11, 0.1, 34), (3.0, 2.2, 3.3, 5.0), 0.25), ((-15.6, 0.1, 36), (1.8, 1.8, 2.6, 4.0), -0.2)]
    for place, size, yaw in house:
        bodies.append(build.town_house(place, size, yaw, ("#ecd0a0", "#4a7a86", "#b4532f"), 0.3))
    for place in (
        (-7.2, 0, 33),
        (-6.0, 0, 34),
        (-18.5, 0, 34),
        (14, 0.3, 33),
        (16.2, 0.4, 34),
        (18, 0.4, 36),
    ):
        bodies += build.tree(rng, place, rng.uniform(1.1, 1.5), "cypress")
    for place in (
        (-13, 0, 31),
        (10.5, 0, 31),
        (-24, 2, 44),
        (24, 1, 40),
        (-30, 2, 46),
        (30, 2, 44),
        (-3, 0.5, 42),
    ):
        bodies += build.tree(rng, place, rng.uniform(1.1, 1.6), "olive")
    for heap in ((-3.4, 0.55, 15.5), (-1.3, 0.55, 17.2), (-6.6, 0.55, 19)):
        straw = paint.mottled("#c99a3e", "#f0d084", 0.9, 0.35)
        bodies.append(Body(Ellipsoid((0.62, 0.62, 0.72)), straw, still(heap, rng.uniform(0, 3))))
    bodies += _poppies(rng)

    def camera(time: float) -> Camera:
        place = (-1.8 + 1.6 * time, 1.95 + 0.3 * time, -0.4 + 0.9 * time)
        return Camera.looking(place, (1.6 + 0.5 * time, 3.9 + 0.2 * time, 20), 400, SIZE)

    sky = Sky(
        "#2f72c8",
        "#f6bfa0",
        "#ffcb80",
        "#ff8a3c",
        "#ffe0b0",
        "#d08a90",
        (-0.72, 0.27, 0.42),
        0.0,
        ((0.15, "#8f7fb0", 2.3), (0.09, "#5d6a9a", 0.9)),
        4.0,
    )
    return Shot(tuple(bodies), camera, lambda time: 1.0, sky, "#ffc27a", 0.0055, (0, 3, 24), 28)


def _poppies(rng: np.random.Generator) -> list[Body]:
    bodies: list[Body] = []
    for _ in range(34):
        z = rng.uniform(4.4, 8.5)
        x, height = rng.uniform(-0.75, 0.75) * z, rng.uniform(0.55, 1.15)
        bodies.append(Body(Frustum(height, 0.018, 0.012), paint.plain("#4d6b30"), still((x, 0, z))))
        code = ("#e0352b", "#f08a3c") if rng.random() < 0.8 else ("#f4ead0", "#f6cf58")
        bodies.append(
            Body(Ellipsoid((0.13, 0.09, 0.13)), paint.mottled(*code, 0.2, 0.3), still((x, height, z)))
        )
    return bodies
