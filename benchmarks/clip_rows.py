"""One row of the first table: a clip rendered in a style as `vidstyle stylize` does, and measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import scene
from row_cache import MEASURING, PAINTING, code_of, key, say

from vidstyle.features import FeatureNetwork
from vidstyle.frames import Frame, Motion
from vidstyle.media import probe, read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline import FrameDone, Job, StyleFile, render
from vidstyle.pipeline.hashes import sha256
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.quality import Judge, Report, evaluate
from vidstyle.quality.measures import sharpness_drift, style_drift
from vidstyle.quality.warping import motion_across, warping_error
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture

SAMPLE = Path(scene.__file__).parent / "harbour.mp4"
GAPS = (1, 10)  # frames: short and long term


@dataclass(frozen=True)
class ClipRun:
    """A clip in a style.

    Attributes:
        clip: the source.
        style: the picture.
        frames: how many, from the clip's start.
        width: of the result, pixels.
        settings: of the render.
        pairs: how many frames, with those before them, are also stylized alone.
        alone_every: how many frames of a shot lie between those whose revealed areas are judged.
        every: style and long-term errors are taken at every so many frames.
    """

    clip: Path
    style: Path
    frames: int
    width: int
    settings: Settings
    pairs: int = 3
    alone_every: int = 10
    every: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), even."""
        video = probe(self.clip).video
        return self.width, max(2, 2 * round(self.width * video.height / video.width / 2))

    @property
    def exact(self) -> bool:
        """The motion is known: the sample clip at its own size."""
        return self.clip.samefile(SAMPLE) and self.size[::-1] == scene.SIZE

    @property
    def duration(self) -> Fraction:
        return self.frames / probe(self.clip).video.rate

    def painting(self) -> dict[str, Any]:
        """What the render depends on."""
        return {
            "clip": self.clip.name,
            "style": self.style.name,
            "files": [sha256(self.clip), sha256(self.style)],
            "frames": self.frames,
            "size": list(self.size),
            "settings": self.settings.as_dict(),
            "painting": code_of(PAINTING),
        }

    def identity(self, network: FeatureNetwork) -> dict[str, Any]:
        """What the row depends on."""
        here = Path(__file__).parent
        return self.painting() | {
            "judge": network.fingerprint,
            "pairs": self.pairs,
            "alone_every": self.alone_every,
            "every": self.every,
            "measuring": code_of(MEASURING, here / "clip_rows.py", here.parent / "samples" / "scene.py"),
        }


def measure(run: ClipRun, folder: Path, network: FeatureNetwork) -> dict[str, Any]:
    """The row: render what is not rendered, measure all of it."""
    result = rendered(run, folder)
    styles = [StylePicture(read_picture(run.style).pixels)]
    alone = _Alone(optimising_painter(styles, run.settings).stylizer.start)
    judge = Judge(
        network,
        styles,
        run.settings.style_size,
        alone=alone,
        alone_every=run.alone_every,
        every=run.every,
        across=exact_across if run.exact else motion_across,
    )
    say(f"{run.clip.name} in {run.style.name}: measuring")
    report = evaluate(read(result), moving(run), judge)
    return {
        "clip": run.clip.stem,
        "style": run.style.stem,
        "frames": len(report.frames),
        "shots": len(report.shots),
        "size": "x".join(map(str, run.size)),
        "flow": "exact" if run.exact else "found",
        "judge": f"{network.name} ({network.fingerprint[:12]})",
        "warping": report.mean("warping"),
        "over_floor": report.over_source("warping"),
        "sharp_over_floor": report.over_source("warping_sharp"),
        "found_over_floor": over_floor_as_found(run, result) if run.exact else report.over_source("warping"),
        "long_term": report.mean("long_term"),
        "long_over_floor": report.over_source("long_term"),
        "revealed": report.mean("revealed"),
        "ghost": report.mean("ghost"),
        "style_distance": report.mean("style"),
        "drift": style_drift(report),
        "last_over_alone": last_over_alone(report),
        "sharpness_drift": sharpness_drift(report),
        **beside_alone(run, result, report, alone),
    }


def rendered(run: ClipRun, folder: Path) -> Path:
    """The render, which goes on where an earlier one was stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{run.clip.stem}-{run.style.stem}-{key(run.painting())}.mp4"
    if output.exists():
        return output
    job = Job(run.clip, (StyleFile(run.style),), output, run.settings, size=run.size, duration=run.duration)
    for event in render(job):
        if isinstance(event, FrameDone):
            say(f"{output.name}: frame {event.done} of {run.frames}, {event.seconds:.1f} s")
    return output


def over_floor_as_found(run: ClipRun, result: Path) -> float:
    """The short-term error over the source's where the motion is not known: by the flow that DIS finds.

    Exact motion charges the painter for the errors of the flow that it has to follow.
    """
    errors, before = [], None
    source = track(read(run.clip, duration=run.duration, size=run.size[::-1]))
    for picture, (frame, motion) in zip(read(result), source, strict=True):
        now = picture.floats(), frame.floats()
        if before is not None:
            errors.append([warping_error(a, b, motion) for a, b in zip(now, before, strict=True)])
        before = now
    ours, floor = np.nanmean(errors, axis=0)
    return float(ours / floor)


def last_over_alone(report: Report) -> float:
    """Style of the last frame that was also painted alone, over that: drift that is not the source's."""
    beside = [f.style / f.style_alone for f in report.frames if math.isfinite(f.style_alone)]
    return beside[-1] if beside else math.nan


def moving(run: ClipRun) -> Iterator[tuple[Frame, Motion]]:
    """The source at the result's size with its motion: exact where it is known, else found."""
    frames = read(run.clip, duration=run.duration, size=run.size[::-1])
    if not run.exact:
        yield from track(frames)
        return
    for frame in frames:
        begins = frame.index in (0, scene.CUT)
        yield frame, Motion.first_of_shot(*scene.SIZE) if begins else exact(frame.index, frame.index - 1)


def exact(index: int, other: int) -> Motion:
    """The sample clip's own motion, trusted where what is seen is seen in both frames."""
    flow, visible = scene.flow_between(index, other)
    return Motion(flow, visible.astype(np.float32), cut=False)


def exact_across(frame: Frame, earlier: Frame) -> Motion:
    return exact(frame.index, earlier.index)


def beside_alone(
    run: ClipRun, result: Path, report: Report, alone: Callable[[Frame], Frame]
) -> dict[str, float]:
    """How many times steadier than frame by frame, over gaps of 1 and of 10 frames, on a few frames."""
    across = exact_across if run.exact else motion_across
    picked = picks(report, run.pairs)
    wanted = {index - gap for index, gaps in picked.items() for gap in (0, *gaps)}
    source = {
        f.index: f for f in read(run.clip, duration=run.duration, size=run.size[::-1]) if f.index in wanted
    }
    ours = {f.index: f for f in read(result) if f.index in wanted}
    errors: dict[tuple[int, str], list[float]] = {}
    for index, gaps in picked.items():
        for gap in gaps:
            say(f"{run.clip.name} in {run.style.name}: frames {index - gap} and {index} alone")
            motion = across(source[index], source[index - gap])
            now, then = (alone(source[number]).floats() for number in (index, index - gap))
            mine, before = (ours[number].floats() for number in (index, index - gap))
            errors.setdefault((gap, "alone"), []).append(warping_error(now, then, motion))
            errors.setdefault((gap, "ours"), []).append(warping_error(mine, before, motion))
    return {f"times_below_alone_{gap}": _ratio(errors, gap) for gap in GAPS}


def picks(report: Report, count: int) -> dict[int, tuple[int, ...]]:
    """Frames spread over the clip, each with the gaps back that its shot has room for."""
    first = {shot.shot: shot.first for shot in report.shots}
    room = {f.index: [gap for gap in GAPS if f.index - gap >= first[f.shot]] for f in report.frames}
    most = max((len(gaps) for gaps in room.values()), default=0)
    able = [index for index, gaps in room.items() if gaps and len(gaps) == most]
    chosen = [able[len(able) * (2 * k + 1) // (2 * count)] for k in range(count)] if able else []
    return {index: tuple(room[index]) for index in chosen}


class _Alone:
    """Stylizes frames alone, each once."""

    def __init__(self, paint: Callable[[Frame], Frame]) -> None:
        self._paint = paint
        self._painted: dict[int, Frame] = {}

    def __call__(self, frame: Frame) -> Frame:
        if frame.index not in self._painted:
            self._painted[frame.index] = self._paint(frame)
        return self._painted[frame.index]


def _ratio(errors: dict[tuple[int, str], list[float]], gap: int) -> float:
    """Mean error of frames alone over that of ours, of the pairs where both could be measured."""
    pairs = zip(errors.get((gap, "alone"), ()), errors.get((gap, "ours"), ()), strict=True)
    sums = np.sum([pair for pair in pairs if np.isfinite(pair).all()] or [(math.nan, math.nan)], axis=0)
    return float(sums[0] / sums[1]) if sums[1] > 0 else math.nan
