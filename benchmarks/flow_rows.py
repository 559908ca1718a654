"""How far flow and trust are right, as they are found and as they are mended: rows of a table of TEMPORAL.md.

The judge is the exact flow of the sample clip's two shots and of the five scenes; nothing is painted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scene
from clip_rows import SAMPLE, exact
from scenes import SCENES
from scenes.layers import FRAMES

from vidstyle.frames import Frame, Motion
from vidstyle.media import read
from vidstyle.motion import motion_between
from vidstyle.motion.trust import inside

Pair = tuple[Frame, Frame, Motion]  # a frame, the one before it, and the exact motion, trusted where visible

WRONG = 1.0  # pixels of error at which strokes are seen to slide
COLUMNS = {
    "where": "where",
    "mended": "flow",
    "error": "error where trusted, px",
    "trusted": "trusted of what stayed in sight",
    "wrong": "of that, wrong by a pixel",
    "revealed": "trusted of what was revealed",
}


def rows(pairs: int) -> list[dict[str, float | str]]:
    """A row for each shot and for the scenes, flow as found and mended, over so many pairs of frames each."""
    frames = list(read(SAMPLE))
    places = {
        "harbour": _of_sample(frames, 1, scene.CUT - 1, pairs),
        "windmill": _of_sample(frames, scene.CUT + 1, scene.FRAMES - 1, pairs),
        "five scenes": _of_scenes(max(1, pairs // len(SCENES))),
    }
    made: list[dict[str, float | str]] = []
    for where, given in places.items():
        kept = list(given)
        for mend in (False, True):
            scores = [_scores(pair, motion_between(pair[1], pair[0], mend=mend)) for pair in kept]
            means = {name: float(np.nanmean([each[name] for each in scores])) for name in scores[0]}
            made.append({"where": where, "mended": "mended" if mend else "as found", **means})
    return made


def _scores(pair: Pair, motion: Motion) -> dict[str, float]:
    exact = pair[2]
    error = np.linalg.norm(motion.flow_to_previous - exact.flow_to_previous, axis=2)
    visible, trusted = exact.trust > 0.5, motion.trust > 0.5
    revealed = ~visible & inside(exact.flow_to_previous)
    believed = visible & trusted
    return {
        "error": _mean(error, believed),
        "trusted": _mean(trusted, visible),
        "wrong": _mean(error > WRONG, believed),
        "revealed": _mean(trusted, revealed),
    }


def _mean(values: npt.NDArray[np.generic], where: npt.NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else float("nan")


def _of_sample(frames: list[Frame], first: int, last: int, pairs: int) -> Iterator[Pair]:
    for index in np.linspace(first, last, pairs).round().astype(int).tolist():
        yield frames[index], frames[index - 1], exact(index, index - 1)


def _of_scenes(pairs: int) -> Iterator[Pair]:
    for make in SCENES.values():
        drawn = make()
        for index in np.linspace(1, FRAMES - 1, pairs).round().astype(int).tolist():
            yield drawn.frame(index), drawn.frame(index - 1), drawn.motion_between(index, index - 1)
