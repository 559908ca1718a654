"""One row of the second table: a scene of exact flow, by our method and by the plain one of 2016.

Both paint from the flow that is found on the pictures, as they would on any clip. Ruder et al. (2016)
measure with the exact flow where nothing was covered; Lai et al. (2018) with the flow found on the
source where it is trusted. Both are means of squares over pixels in 0..1.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from reference_2016 import Method, Step, video_method
from row_cache import MEASURING, PAINTING, code_of, say
from scenes import SCENES, Scene

from vidstyle.features import FeatureNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.media import read_picture
from vidstyle.motion import track
from vidstyle.pipeline.hashes import sha256
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.quality.warping import warping_error
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

CHECK = 10  # steps of the reference between looks at its style


@dataclass(frozen=True)
class SceneRun:
    """A scene in a style.

    Attributes:
        scene: a name in SCENES.
        style: the picture.
        frames: how many, from the scene's start.
        settings: of our render.
        reference_steps: at most so many a frame for the method of 2016.
    """

    scene: str
    style: Path
    frames: int
    settings: Settings
    reference_steps: int = 300

    def identity(self, judge: FeatureNetwork) -> dict[str, Any]:
        here = Path(__file__).parent
        scripts = [here / "scene_rows.py", here / "reference_2016.py", here / "scenes"]
        return {
            "scene": self.scene,
            "style": self.style.name,
            "file": sha256(self.style),
            "frames": self.frames,
            "settings": self.settings.as_dict(),
            "steps": self.reference_steps,
            "judge": judge.fingerprint,
            "code": code_of((*PAINTING, *MEASURING), *scripts),
        }


@dataclass(eq=False)
class Painted:
    """What a method made of a scene: its pictures, seconds of each, and the steps of each."""

    pictures: list[Frame] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)


class Scores:
    """VGG style and content of pictures of one scene in one style."""

    def __init__(self, judge: FeatureNetwork, style: Frame, height: int, style_size: float) -> None:
        picture = at_height(style.floats(), height * style_size, judge.smallest_side)
        self._judge, self._target = judge, style_moments([(picture, 1.0)], judge)

    def style(self, picture: Frame) -> float:
        return style_distance(taps_of(picture.floats(), self._judge), self._target, self._judge)

    def content(self, picture: Frame, source: Frame) -> float:
        taps, there = (taps_of(frame.floats(), self._judge) for frame in (picture, source))
        return content_distance(taps, there, self._judge)


def measure(run: SceneRun, judge: FeatureNetwork, network: FeatureNetwork) -> dict[str, Any]:
    """The row; `network` is what the reference paints with."""
    scene, style = SCENES[run.scene](), read_picture(run.style)
    frames = [scene.frame(index) for index in range(min(run.frames, scene.frames))]
    scores = Scores(judge, style, frames[0].height, run.settings.style_size)
    ours = paint_ours(run, frames, style)
    goals = [scores.style(picture) for picture in ours.pictures]
    theirs = paint_reference(run, frames, style, network, scores, goals)
    found = [motion for _, motion in track(frames)]
    row: dict[str, Any] = {
        "scene": run.scene,
        "about": scene.about,
        "style": run.style.stem,
        "frames": len(frames),
        "judge": f"{judge.name} ({judge.fingerprint[:12]})",
        "reference_steps": float(np.mean(theirs.steps)),
    }
    for name, pictures in (("source", frames), ("ours", ours.pictures), ("2016", theirs.pictures)):
        row[f"ruder {name}"] = error(pictures, exact_motions(scene, len(frames)))
        row[f"lai {name}"] = error(pictures, found)
    for name, painted in (("ours", ours), ("2016", theirs)):
        pairs = zip(painted.pictures, frames, strict=True)
        row[f"style {name}"] = float(np.mean([scores.style(p) for p in painted.pictures]))
        row[f"content {name}"] = float(np.mean([scores.content(p, f) for p, f in pairs]))
        row[f"first {name}"] = painted.seconds[0]
        row[f"later {name}"] = float(np.mean(painted.seconds[1:]))
    return row


def exact_motions(scene: Scene, count: int) -> list[Motion]:
    return [motion for _, motion in islice(scene.moving(), count)]


def error(pictures: Iterable[Frame], motions: list[Motion]) -> float:
    """Mean warping error over the pairs of neighbours."""
    errors = [
        warping_error(now.floats(), before.floats(), motion)
        for (before, now), motion in zip(pairwise(pictures), motions[1:], strict=True)
    ]
    return float(np.nanmean(errors))


def paint_ours(run: SceneRun, frames: list[Frame], style: Frame) -> Painted:
    """Frame after frame as the pipeline does, flow included in the time."""
    painted = Painted()
    stylizer = optimising_painter([StylePicture(style.pixels)], run.settings).stylizer
    moving = track(frames, mend=run.settings.mending)
    for number in range(len(frames)):
        began = time.monotonic()
        frame, motion = next(moving)
        picture = stylizer.start(frame) if motion.cut else stylizer.next(frame, motion)
        painted.pictures.append(picture)
        painted.seconds.append(time.monotonic() - began)
        say(f"{run.scene}: ours, frame {number}, {painted.seconds[-1]:.1f} s")
    return painted


def paint_reference(
    run: SceneRun,
    frames: list[Frame],
    style: Frame,
    network: FeatureNetwork,
    scores: Scores,
    goals: list[float],
) -> Painted:
    """The method of 2016, each frame until its style is as near as ours; scoring is not in the time."""
    painted, reached = Painted(), [False]
    method = Method(first_steps=run.reference_steps, steps=run.reference_steps)
    steps = video_method(track(frames), style.pixels, network, method, enough=lambda step: reached[0])
    for last, number, seconds in _timed_frames(steps, scores, goals, reached):
        painted.pictures.append(last)
        painted.steps.append(number)
        painted.seconds.append(seconds)
        say(f"{run.scene}: 2016, frame {last.index}, {number} steps, {seconds:.1f} s")
    return painted


def _timed_frames(
    steps: Iterator[Step], scores: Scores, goals: list[float], reached: list[bool]
) -> Iterator[tuple[Frame, int, float]]:
    """Each frame when it is done, with its steps and seconds; sets `reached` when it is as good as ours."""
    last: Step | None = None
    spent, finished = 0.0, False
    while not finished:
        began = time.monotonic()
        step = next(steps, None)
        seconds, finished = time.monotonic() - began, step is None
        if last is not None and (step is None or step.frame.index != last.frame.index):
            yield last.picture(), last.number, spent
            spent = 0.0
        spent += seconds
        if step is not None:
            due = step.number % CHECK == 0
            reached[0] = due and scores.style(step.picture()) <= goals[step.frame.index]
        last = step
