"""Mountains, a pine and plum blossom in ink on paper."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from strokes import Floats, colour, finish, soft_noise

SIZE = (512, 640)
SCALE = 2
Window = tuple[slice, slice]
WHOLE: Window = (slice(None), slice(None))
INK, BLUE, RED = "#14161c", "#24405a", "#a81f1c"


def _paper(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """(H, W, 3) warm paper with clouds of age, grain and fibres."""
    tone = 0.035 * soft_noise(rng, shape, 300, 4) + 0.025 * soft_noise(rng, shape, 5, 2)
    paper: Floats = colour("#ecdfc2") * (1 + tone)[..., None]
    for _ in range(1500):
        start, turn, length = rng.uniform(0, 1, 2) * shape[::-1], rng.uniform(0, np.pi), rng.uniform(10, 46)
        bend = np.linspace(0, 1, 8)
        angle = turn + rng.normal(0, 0.8) * bend
        line = start + np.cumsum(np.stack([np.cos(angle), np.sin(angle)], 1) * length / 8, axis=0)
        tint = (colour("#b99a6a") if rng.random() < 0.6 else colour("#fff8e6")).tolist()
        cv2.polylines(paper, [np.round(line * 16).astype(np.int32)[:, None]], False, tint, 1, cv2.LINE_AA, 4)
    return paper


class Sheet:
    """Paper that takes layers of ink: each darkens what lies below, as light passes through all of them."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int]) -> None:
        self.rng, self.shape = rng, shape
        self.light = _paper(rng, shape)
        self.tooth = soft_noise(rng, shape, 4, 2)
        self.edge = 9 * soft_noise(rng, shape, 60, 5)
        self.clouds = soft_noise(rng, shape, 150, 5)

    def stain(self, density: Floats, code: str, window: Window = WHOLE) -> None:
        """density (H, W) of the window, 0 none, 1 the pure ink."""
        ink = np.maximum(colour(code), 0.02)
        self.light[window] *= np.exp(np.log(ink) * np.clip(density, 0, 1.2)[..., None])

    def wash(self, inside: Floats, strength: Floats | float, code: str = INK, rim: float = 0.35) -> None:
        """A pool of ink, blotched, dark at the rim; `inside` (H, W): pixels from its edge."""
        distance = inside + self.edge
        body = np.clip(distance / 3 + 0.5, 0, 1)
        dried = np.exp(-np.maximum(distance, 0) / 5) * rim
        blotch = 1 + 0.22 * self.clouds + 0.1 * self.tooth
        self.stain(body * (np.asarray(strength) * blotch + dried * np.asarray(strength)), code)

    def brush(
        self, path: Floats, width: Floats | float, strength: float, dry: float, code: str = INK
    ) -> None:
        """A brush along path (steps, 2): hairs side by side that leave streaks where it runs dry."""
        path = np.asarray(path, np.float32)
        tangent = np.gradient(path, axis=0)
        across = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
        breadth = np.broadcast_to(np.asarray(width, np.float32), len(path))
        # Only the stroke's own window is worked on: most strokes are small.
        margin = breadth.max() + 6
        low = np.clip(path.min(axis=0) - margin, 0, self.shape[::-1]).astype(int)
        high = np.clip(path.max(axis=0) + margin, 0, self.shape[::-1]).astype(int)
        if (high - low).min() < 2:
            return
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        mask = np.zeros(high[::-1] - low[::-1], np.float32)
        count = max(int(breadth.max() / 1.1), 3)
        for place in np.linspace(-0.5, 0.5, count):
            load = self.rng.uniform(0.45, 1.0)
            wander = np.cumsum(self.rng.normal(0, 0.12, len(path)))
            line = path - low + across * (place * breadth + wander)[:, None]
            # A hair leaves streaks: it lifts and lands again, the more often the drier it runs.
            lifted = np.convolve(self.rng.standard_normal(len(path) + 12), np.ones(13) / 3.6, "valid")
            down = lifted > 3.4 * dry * np.linspace(0.4, 1.25, len(path)) - 2.3
            for start, end in _runs(down):
                points = np.round(line[start : end + 1] * 16).astype(np.int32)[:, None]
                cv2.polylines(mask, [points], False, float(load), 2, cv2.LINE_AA, 4)
        gaps = np.clip((self.tooth[window] + 2.3 - 2.2 * dry) * 1.2, 0.12, 1)
        self.stain(mask * gaps * strength, code, window)


def _runs(down: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and ends of the stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], down, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _ridge(
    rng: np.random.Generator, shape: tuple[int, int], level: float, rise: float, size: float
) -> Floats:
    """(W,) height of a skyline, pixels from the top."""
    line = soft_noise(rng, (4, shape[1]), size, 5)[1]
    height: Floats = shape[0] * level - shape[0] * rise * np.maximum(line, -0.6)
    return height


def _mountains(sheet: Sheet) -> None:
    y = np.arange(sheet.shape[0], dtype=np.float32)[:, None]
    for level, rise, size, strength, code, texture in (
        (0.40, 0.10, 330, 0.16, BLUE, 60),
        (0.50, 0.14, 300, 0.3, BLUE, 110),
        (0.66, 0.15, 260, 0.52, INK, 170),
        (0.9, 0.07, 300, 0.75, INK, 130),
    ):
        line = _ridge(sheet.rng, sheet.shape, level, rise, size)
        below = y - line[None]
        mist = np.exp(-np.maximum(below, 0) / (0.13 * sheet.shape[0]))
        sheet.wash(below, strength * (0.12 + 0.88 * mist), code)
        for _ in range(texture):
            column = sheet.rng.uniform(0, sheet.shape[1] - 1)
            top = line[int(column)] + abs(sheet.rng.normal(0, 60))
            length, lean = sheet.rng.uniform(40, 150), sheet.rng.normal(0, 0.5)
            steps = np.linspace(0, 1, 40)
            path = np.stack(
                [column + lean * length * steps + 6 * np.sin(steps * 5 + column), top + length * steps], 1
            )
            sheet.brush(
                path,
                sheet.rng.uniform(4, 16) * (1.1 - 0.6 * steps),
                strength * 0.85,
                sheet.rng.uniform(0.5, 0.95),
                code,
            )


def _branch(
    sheet: Sheet,
    start: tuple[float, float],
    turn: float,
    length: float,
    width: float,
    depth: int,
    tips: list[tuple[float, float]],
) -> None:
    """A bough that forks; the ends are collected in `tips`."""
    steps = 60
    angle = turn + np.cumsum(sheet.rng.normal(0, 0.055, steps))
    path = np.array(start) + np.cumsum(np.stack([np.cos(angle), np.sin(angle)], 1) * length / steps, axis=0)
    sheet.brush(path, width * np.linspace(1, 0.5, steps), 1.0, 0.5 if depth > 1 else 0.42)
    tips.extend((float(px), float(py)) for px, py in path[14::11])
    if depth == 0:
        return
    for at in (0.4, 0.68, 0.98):
        side = sheet.rng.choice([-1, 1])
        origin = path[int(at * (steps - 1))]
        _branch(
            sheet,
            (origin[0], origin[1]),
            angle[int(at * (steps - 1))] + side * sheet.rng.uniform(0.35, 0.9),
            length * sheet.rng.uniform(0.45, 0.7),
            width * 0.55,
            depth - 1,
            tips,
        )


def _clouds(sheet: Sheet) -> None:
    """Wide pale sweeps of a dry brush across the sky, and a flight of birds."""
    height, width = sheet.shape
    for _ in range(26):
        steps = np.linspace(0, 1, 70)
        start, length = sheet.rng.uniform(-0.15, 0.85) * width, sheet.rng.uniform(160, 520)
        level = sheet.rng.uniform(0.03, 0.46) * height
        path = np.stack([start + length * steps, level + 16 * np.sin(steps * 4 + start) - 18 * steps], 1)
        wide = sheet.rng.uniform(14, 60) * np.sin(np.pi * (0.1 + 0.85 * steps))
        sheet.brush(
            path,
            wide,
            sheet.rng.uniform(0.1, 0.26),
            sheet.rng.uniform(0.45, 0.85),
            BLUE if sheet.rng.random() < 0.7 else INK,
        )
    for _ in range(9):
        x, y, span = (
            sheet.rng.uniform(0.76, 0.95) * width,
            sheet.rng.uniform(0.08, 0.3) * height,
            sheet.rng.uniform(16, 34),
        )
        steps = np.linspace(-1, 1, 16)
        path = np.stack(
            [
                x + span * steps,
                y - 0.62 * span * np.sin(np.pi * np.abs(steps) ** 0.8) * np.where(steps < 0, 1, 0.8),
            ],
            1,
        )
        sheet.brush(path, 6 * (1.1 - np.abs(steps)), 1.0, 0.1)


def _needles(sheet: Sheet, tips: list[tuple[float, float]]) -> None:
    """Fans of fine strokes on the boughs."""
    for place in tips:
        if sheet.rng.random() > 0.13:
            continue
        middle, size = sheet.rng.uniform(-2.6, -0.5), sheet.rng.uniform(30, 74)
        for angle in middle + np.linspace(-1.2, 1.2, 15) + sheet.rng.normal(0, 0.07, 15):
            steps = np.linspace(0.05, 1, 10)[:, None]
            bend = 0.18 * np.sin(steps * 2)
            path = np.array(place) + size * sheet.rng.uniform(0.7, 1.1) * steps * np.concatenate(
                [np.cos(angle + bend), np.sin(angle + bend)], 1
            )
            sheet.brush(path, 1.6 * (1.2 - steps[:, 0]), 0.8, 0.2)


def _blossom(sheet: Sheet, place: tuple[float, float], size: float) -> None:
    x0, y0 = (int(max(v - 4 * size, 0)) for v in place)
    window = (slice(y0, y0 + int(8 * size)), slice(x0, x0 + int(8 * size)))
    if not sheet.light[window].size:
        return
    y, x = np.mgrid[: sheet.shape[0], : sheet.shape[1]][(slice(None), *window)].astype(np.float32)
    density = np.zeros_like(x)
    turn = sheet.rng.uniform(0, 6)
    for petal in range(5):
        angle = turn + petal * 2 * np.pi / 5
        px, py = place[0] + size * np.cos(angle), place[1] + size * np.sin(angle)
        radius = size * sheet.rng.uniform(0.6, 0.95)
        inside = 1 - np.hypot(x - px, y - py) / radius + 0.05 * sheet.edge[window] / 3
        body = np.clip(inside * 6, 0, 1) * (
            0.45 + 0.5 * np.exp(-np.maximum(inside, 0) * 3.5) + 0.12 * sheet.tooth[window]
        )
        density = np.maximum(density, body)
    sheet.stain(density * 0.8, RED, window)


def ink() -> npt.NDArray[np.uint8]:
    """(512, 640, 3) uint8."""
    rng = np.random.default_rng(1506)
    shape = (SIZE[0] * SCALE, SIZE[1] * SCALE)
    sheet = Sheet(rng, shape)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    sheet.wash(62 - np.hypot(x - 0.71 * shape[1], y - 0.17 * shape[0]), 0.62, RED, 0.3)
    sheet.wash(40 * sheet.clouds - 30 - 0.1 * y, 0.1, BLUE, 0.2)
    _clouds(sheet)
    _mountains(sheet)
    tips: list[tuple[float, float]] = []
    _branch(sheet, (-90, 0.93 * shape[0]), -0.62, 800, 54, 3, tips)
    _needles(sheet, tips)
    for place in tips:
        if rng.random() < 0.3:
            offset = rng.normal(0, 10, 2)
            _blossom(sheet, (place[0] + offset[0], place[1] + offset[1]), rng.uniform(8, 15))
    for _ in range(150):
        px, py = rng.uniform(0, shape[1]), rng.uniform(0, shape[0])
        cv2.circle(
            sheet.light,
            (int(px * 16), int(py * 16)),
            int(rng.exponential(1.6) * 16),
            (colour(INK) + 0.12).tolist(),
            -1,
            cv2.LINE_AA,
            4,
        )
    return finish(sheet.light, SIZE)
