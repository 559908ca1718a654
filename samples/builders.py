"""Things made of several bodies: balloons, boats, trees, houses, a lighthouse, a windmill."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import textures as paint
from shapes import Array, Ellipsoid, Frustum, Shape, box, house, polytope, unit
from tracing import Body, Paint, Pose, still, turned

Path = Callable[[float], Pose]


def drift(
    start: Sequence[float], speed: Sequence[float], yaw: float = 0.0, rock: float = 0.0, turn: float = 0.0
) -> Path:
    """In a line from `start` at time 0, units a second; rocking by `rock` and turning, radians (a second)."""
    origin, velocity = np.array(start, np.float64), np.array(speed, np.float64)

    def pose(time: float) -> Pose:
        roll = rock * np.sin(2.6 * time + origin[0])
        lift = np.array([0, 0.9 * rock * np.sin(2.1 * time + origin[2]), 0])
        return Pose(turned(yaw + turn * time, roll), origin + velocity * time + lift)

    return pose


def shifted(path: Path, offset: Sequence[float], roll: float = 0.0, yaw: float = 0.0) -> Path:
    """A part at `offset` (in the whole's axes) of a whole that follows `path`."""
    place, turn = np.array(offset, np.float64), turned(yaw, roll)

    def pose(time: float) -> Pose:
        whole = path(time)
        return Pose(whole.rotation @ turn, whole.rotation @ place + whole.place)

    return pose


def balloon(path: Path, radius: float, envelope: Paint, moves: bool = True) -> list[Body]:
    """Centre of the envelope at the path. The cone below meets the sphere where they touch."""
    sine = 0.62  # of the cone's half angle
    ring, drop = radius * np.sqrt(1 - sine**2), radius * sine
    length = radius * 0.98
    foot = ring - length * sine / np.sqrt(1 - sine**2) * 1.02
    wicker, rope = paint.mottled("#6b4526", "#a8743f", 0.6), paint.plain("#3a2c22")
    low = drop + length
    parts: list[tuple[tuple[float, float, float], Shape, Paint]] = [
        ((0, 0, 0), Ellipsoid((radius, radius * 1.02, radius)), envelope),
        ((0, -low, 0), Frustum(length, max(foot, 0.1 * radius), ring), _raised(envelope, low)),
        ((0, -low - 0.62 * radius, 0), Frustum(0.24 * radius, 0.13 * radius, 0.16 * radius), wicker),
    ]
    for x in (-1, 1):
        for z in (-1, 1):
            at = (x * 0.11 * radius, -low - 0.42 * radius, z * 0.11 * radius)
            parts.append((at, Frustum(0.46 * radius, 0.012 * radius, 0.012 * radius), rope))
    return [Body(shape, colour, shifted(path, at), moves) for at, shape, colour in parts]


def _raised(colour: Paint, drop: float) -> Paint:
    """The envelope's paint on its cone, whose origin lies `drop` below the centre."""

    def painted(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        return colour(points - np.array([0, drop, 0], points.dtype), normals, footprint)

    return painted


def sailing_boat(path: Path, hull: str, trim: str, sail: str, stripe: str, size: float = 1.0) -> list[Body]:
    """Bow towards +x, waterline at the path."""
    s = size
    sides = (
        [((0, -0.45, z), 0.62 * s) for z in (-1, 1)]
        + [((0.42, -0.2, z), 1.35 * s) for z in (-1, 1)]
        + [((1, -0.75, 0), 2.5 * s)]
    )
    body = polytope(sides, (-2.4 * s, -0.3 * s, -s), (3.2 * s, 0.75 * s, s))
    rail = polytope(sides, (-2.44 * s, 0.56 * s, -1.05 * s), (3.2 * s, 0.7 * s, 1.05 * s))
    cloth, jib = sailcloth(sail, stripe, s), sailcloth(sail, sail, s)
    main = polytope(
        [((-1.0, 0.385, 0), 2.65 * s)], (-2.2 * s, 1.15 * s, -0.03 * s), (0.1 * s, 6.9 * s, 0.03 * s)
    )
    fore = polytope(
        [((1.0, 0.44, 0), 3.15 * s), ((-0.25, -1.0, 0), -1.2 * s)],
        (0.3 * s, 0.9 * s, -0.03 * s),
        (2.75 * s, 6.4 * s, 0.03 * s),
    )
    parts: list[tuple[tuple[float, float, float], float, Shape, Paint]] = [
        ((0, 0, 0), 0.0, body, paint.banded([hull, hull, trim], 0.3 * s)),
        ((0, 0, 0), 0.0, rail, paint.mottled("#7a4a26", "#b07a45", 1.0)),
        (
            (-0.9 * s, 0.6 * s, 0),
            0.0,
            box((-0.8 * s, 0, -0.42 * s), (0.7 * s, 0.55 * s, 0.42 * s)),
            paint.mottled("#efe3c8", "#d9c49c", 1.5),
        ),
        ((0.2 * s, 0, 0), 0.0, Frustum(7.3 * s, 0.07 * s, 0.045 * s), paint.plain("#6a4a2c")),
        ((0, 0, 0), 0.12, main, cloth),
        ((0, 0, 0), -0.16, fore, jib),
    ]
    return [Body(shape, colour, shifted(path, at, yaw=yaw), True) for at, yaw, shape, colour in parts]


def sailcloth(code: str, stripe: str, size: float) -> Paint:
    """Panels across the sail, a stripe, and the belly of the cloth as tilted normals."""
    a, b = paint.linear(code), paint.linear(stripe)

    def painted(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, _ = points.T / size
        seams = 1 - 0.16 * paint.step(0.9, np.mod(y * 1.5 + 0.1 * x, 1), 0.1)
        wide = paint.step(-0.55, -np.abs(y - 2.9 + 0.1 * x), footprint)
        cloth = seams * (1 + 0.05 * paint.noise(paint.EARTH, x, y, 5.0))
        belly = np.stack([0.5 * (x + 1.0), 0.22 * (y - 2.5), np.zeros_like(x)], axis=1)
        tilted = normals + belly * np.array([1, 1, 0], points.dtype)
        return paint.mix(a, b, wide) * cloth[:, None], unit(tilted)

    return painted


def rowing_boat(path: Path, hull: str, trim: str, moves: bool = True) -> list[Body]:
    sides = [((0, -0.5, z), 0.42) for z in (-1, 1)] + [
        ((x * 0.5, -0.3, z), 0.85) for z in (-1, 1) for x in (-1, 1)
    ]
    outer = polytope(sides, (-1.5, -0.2, -0.7), (1.5, 0.42, 0.7))
    inner = polytope(
        [((0, -0.5, z), 0.33) for z in (-1, 1)]
        + [((x * 0.5, -0.3, z), 0.7) for z in (-1, 1) for x in (-1, 1)],
        (-1.4, 0.3, -0.6),
        (1.4, 0.44, 0.6),
    )
    return [
        Body(outer, paint.banded([hull, trim], 0.33), path, moves),
        Body(inner, paint.mottled("#4a3020", "#8a5a34", 1.0), path, moves),
    ]


def tree(rng: np.random.Generator, place: Sequence[float], size: float, kind: str) -> list[Body]:
    x, y, z = place
    if kind == "cypress":
        leaves = paint.mottled("#16301f", "#4a6b33", 0.9 * size, 0.5)
        return [
            Body(
                Ellipsoid((0.42 * size, 2.3 * size, 0.42 * size)),
                leaves,
                still((x, y + 2.0 * size, z), rng.uniform(0, 6)),
            )
        ]
    leaves = paint.mottled("#2e4a22", "#93a04a", 1.6 * size, 0.55)
    bodies = [
        Body(
            Frustum(1.3 * size, 0.16 * size, 0.1 * size),
            paint.mottled("#4a3626", "#7a5a3c", 1.0),
            still((x, y, z)),
        )
    ]
    for _ in range(4):
        dx, dy, dz = rng.uniform(-0.65, 0.65, 3) * size
        radii = tuple(rng.uniform(0.55, 0.85, 3) * size)
        bodies.append(
            Body(
                Ellipsoid(radii),
                leaves,
                still((x + dx, y + 1.75 * size + 0.6 * dy, z + dz), rng.uniform(0, 6)),
            )
        )
    return bodies


def lighthouse(place: Sequence[float], size: float = 1.0) -> list[Body]:
    s, (x, y, z) = size, place
    glass, iron, white = (
        paint.plain("#ffe9a8"),
        paint.plain("#2c3440"),
        paint.mottled("#f2e8d4", "#d8c8a8", 2.0),
    )
    parts: list[tuple[float, Shape, Paint]] = [
        (0.0, Frustum(8.4 * s, 1.25 * s, 0.85 * s), paint.banded(["#f6efe0", "#c8402c"], 1.4 * s)),
        (8.4, Frustum(0.25 * s, 1.25 * s, 1.25 * s), iron),
        (8.65, Frustum(1.2 * s, 0.62 * s, 0.62 * s), glass),
        (9.85, Frustum(0.9 * s, 0.85 * s, 0.05 * s), paint.plain("#b23a2a")),
        (10.7, Ellipsoid((0.12 * s, 0.2 * s, 0.12 * s)), iron),
        (-0.4, Frustum(0.7 * s, 1.9 * s, 1.7 * s), white),
    ]
    return [Body(shape, colour, still((x, y + up * s, z))) for up, shape, colour in parts]


def windmill(place: Sequence[float], size: float, speed: float, facing: float) -> list[Body]:
    """The sails turn at `speed` radians a second about their axle, which points along `facing` (yaw)."""
    s, base = size, still(place, facing)
    slate = paint.mottled("#4a3a34", "#7d5b48", 1.2)
    bodies = [
        Body(
            Frustum(6.0 * s, 2.1 * s, 1.45 * s), paint.masonry("#f1e4cc", "#d7bf98", 0.3 * s, 0.7 * s), base
        ),
        Body(Frustum(0.35 * s, 1.62 * s, 1.62 * s), slate, shifted(base, (0, 5.9 * s, 0))),
        Body(Frustum(1.9 * s, 1.6 * s, 0.12 * s), slate, shifted(base, (0, 6.25 * s, 0))),
        Body(
            box((-0.5 * s, 0, -2.16 * s), (0.5 * s, 1.7 * s, -1.8 * s)),
            paint.mottled("#2f6d73", "#4a9698", 0.8),
            base,
        ),
        Body(
            box((-0.32 * s, 3.0 * s, -1.82 * s), (0.32 * s, 3.8 * s, -1.5 * s)),
            paint.mottled("#2a3544", "#45566a", 0.5),
            base,
        ),
    ]
    axle = shifted(base, (0, 6.5 * s, -2.15 * s))

    def sail(number: int) -> Path:
        def pose(time: float) -> Pose:
            whole, spin = axle(time), turned(roll=speed * time + 0.35 + number * np.pi / 2)
            return Pose(whole.rotation @ spin, whole.place)

        return pose

    arm, wood = paint.mottled("#5b3a22", "#8c6239", 0.8), canvas(s)
    for number in range(4):
        bodies.append(
            Body(box((-0.09 * s, 0, -0.09 * s), (0.09 * s, 5.2 * s, 0.09 * s)), arm, sail(number), True)
        )
        bodies.append(
            Body(
                box((-0.12 * s, 1.0 * s, -0.05 * s), (0.95 * s, 5.1 * s, 0.02 * s)), wood, sail(number), True
            )
        )
    bodies.append(Body(Ellipsoid((0.35 * s, 0.35 * s, 0.4 * s)), arm, sail(0), True))
    return bodies


def canvas(size: float) -> Paint:
    """A windmill's sail: cloth between the bars of a lattice."""
    cloth, red, wood = paint.linear("#f4e3bd"), paint.linear("#c9502f"), paint.linear("#5b3a22")

    def painted(points: Array, normals: Array, footprint: Array) -> tuple[Array, Array]:
        x, y, _ = points.T / size
        u, v = np.mod(x / 0.26 + 0.5, 1), np.mod(y / 0.5, 1)
        bar = np.maximum(
            paint.step(-0.09, -np.minimum(u, 1 - u), footprint * 4),
            paint.step(-0.06, -np.minimum(v, 1 - v), footprint * 2),
        )
        colour = paint.mix(cloth, red, paint.step(3.9, y, footprint) * 1.0)
        colour = colour * (1 + 0.08 * paint.noise(paint.EARTH, x, y, 3.0))[:, None]
        return paint.mix(colour, wood, bar * 0.8), normals

    return painted


def town_house(
    place: Sequence[float], size: Sequence[float], yaw: float, colours: Sequence[str], phase: float
) -> Body:
    """`size`: half width, half depth, wall and ridge heights; `colours`: wall, shutters, roof."""
    walls = house(size[0], size[1], size[2], size[3])
    return Body(walls, paint.facade(colours[0], colours[1], colours[2], phase=phase), still(place, yaw))
