"""How long a frame takes, how much memory a render holds, and how that compares with VGG-19.

    python benchmarks/speed.py --vgg FILE [--parts frames,precision,alone,memory]

`frames` renders a stretch of the sample clip at each quality and size; how good those are tells scores.py.
`precision` does so at 640x360 in float32 and in what is quickest here, and tells VGG-19's scores of both.
`alone` paints frames of the sample clip at 640x360 by VGG-19 optimisation of every frame alone
(benchmarks/reference_2016.py), until VGG-19's own style and content scores are those of our renders, and
compares times.
`memory` renders 50 and 500 frames at 640x360. Each part writes its section of BENCHMARKS.md.
FILE holds VGG-19's weights, at least up to conv3_2; without it the official ones are fetched.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from machine import machine, write_section
from reference_2016 import Method, every_frame_alone

from vidstyle.features import FeatureNetwork
from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.frames import Frame, Pixels
from vidstyle.media import Encoding, VideoShape, VideoWriter, probe, read, read_picture
from vidstyle.pipeline.device import choose_device, choose_precision
from vidstyle.pipeline.events import FrameDone
from vidstyle.pipeline.job import Job, StyleFile
from vidstyle.pipeline.render import render
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import PrecisionChoice, Settings

SAMPLES = Path(__file__).parents[1] / "samples"
CLIP, STYLE = SAMPLES / "harbour.mp4", SAMPLES / "styles" / "swirls.jpg"
SIZES = ((480, 270), (640, 360), (1280, 720), (1920, 1080))
START, STRETCH = Fraction(4, 5), Fraction(12, 25)  # seconds: 12 frames in one shot


def render_times(
    quality: str, size: tuple[int, int], folder: Path, precision: PrecisionChoice = "auto"
) -> tuple[float, float, float, Path]:
    """(first frame, median later frame, wall time a frame after the first) in seconds, and the output."""
    output = folder / f"{quality}_{size[0]}.mkv"
    job = Job(
        source=CLIP,
        styles=(StyleFile(STYLE, 1.0),),
        output=output,
        settings=Settings.preset(quality, precision=precision),
        encoding=Encoding(),
        size=size,
        start=START,
        duration=STRETCH,
        overwrite=True,
    )
    began = time.monotonic()
    solving, walls = [], []
    for event in render(job):
        if isinstance(event, FrameDone):
            solving.append(event.seconds)
            walls.append(time.monotonic() - began)
    later = (walls[-1] - walls[0]) / (len(walls) - 1)
    return solving[0], statistics.median(solving[1:]), later, output


def qualities_at(size: tuple[int, int]) -> tuple[str, ...]:
    """Those that are rendered at a size: of large ones in high quality the rest is a matter of proportion."""
    return ("live", "draft", "standard", *(("high",) if size[0] < 1000 else ()))


def frames_part(folder: Path) -> str:
    rows = [
        "| quality | size | first frame | solving a later frame (median) | all of a later frame |",
        "|---" * 5 + "|",
    ]
    for quality in ("draft", "standard", "high"):
        for size in (size for size in SIZES if quality in qualities_at(size)):
            first, median, wall, _ = render_times(quality, size, folder)
            rows.append(
                f"| {quality} | {size[0]}x{size[1]} | {first:.1f} s | {median:.2f} s | {wall:.2f} s |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts frames` on {machine()}: the sample clip, 12 frames, style "
        "swirls. *All of a later frame* is wall time with decoding, flow and encoding.\n\n" + "\n".join(rows)
    )


class Scores:
    """VGG-19's scores of frames of the stretch, painted at a size (width, height)."""

    def __init__(self, vgg: Path | None, size: tuple[int, int]) -> None:
        self._judge = load_vgg19(vgg, "cpu", torch.float32, plan=SCORING)
        style = at_height(read_picture(STYLE).floats(), size[1], self._judge.smallest_side)
        self._target = style_moments([(style, 1.0)], self._judge)
        self.sources = list(read(CLIP, start=START, duration=STRETCH, size=size[::-1]))
        self._bare = lru_cache(lambda number: taps_of(self.sources[number].floats(), self._judge))

    def __call__(self, frame: Frame, number: int) -> tuple[float, float]:
        """Style and content distance of a painted frame."""
        taps = taps_of(frame.floats(), self._judge)
        style = style_distance(taps, self._target, self._judge)
        return style, content_distance(taps, self._bare(number), self._judge)


def precision_part(folder: Path, vgg: Path | None) -> str:
    scores = Scores(vgg, (640, 360))
    quickest = str(choose_precision("auto", choose_device("auto"))).removeprefix("torch.")
    arithmetic: dict[str, PrecisionChoice] = {"float32": "float32", quickest: "auto"}
    rows = [
        "| quality | arithmetic | first frame | all of a later frame | style, content |",
        "|---" * 5 + "|",
    ]
    for quality in ("draft", "standard", "high"):
        for name, precision in arithmetic.items():
            first, _, later, output = render_times(quality, (640, 360), folder, precision)
            found = [scores(frame, number) for number, frame in enumerate(read(output)) if number % 3 == 2]
            style, content = (statistics.mean(each) for each in zip(*found, strict=True))
            rows.append(
                f"| {quality} | {name} | {first:.1f} s | {later:.2f} s | {style:.4f}, {content:.3f} |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts precision` on {machine()}: 640x360, 12 frames, style swirls, "
        f"in float32 and in {quickest}, the quickest here. Scores are VGG-19's, the mean of every third "
        "frame; less is better.\n\n" + "\n".join(rows)
    )


STEPS = 80  # of the reference, at most


def alone_part(folder: Path, vgg: Path | None, frames: int) -> str:
    """Side by side in one run: when does VGG-19, frame by frame, reach the scores of our renders?"""
    network = load_vgg19(vgg, "cpu", torch.float32)
    size = (640, 360)
    scores, style = Scores(vgg, size), read_picture(STYLE)
    ours = {quality: render_times(quality, size, folder) for quality in ("draft", "standard")}
    results = {quality: list(read(output)) for quality, (*_, output) in ours.items()}

    rows = [
        "| quality | frame | style, content | ours, all of a frame | VGG-19 alone | ratio |",
        "|---" * 6 + "|",
    ]
    ratios: dict[str, list[float]] = {quality: [] for quality in ours}
    for number in [len(scores.sources) * (2 * k + 1) // (2 * frames) for k in range(frames)]:
        goals = {quality: scores(results[quality][number], number) for quality in ours}
        judged = partial(scores, number=number)
        path = reference_path(scores.sources[number], style.pixels, network, judged, list(goals.values()))
        for quality, goal in goals.items():
            spent = next((t for t, *found in path if found[0] <= goal[0] and found[1] <= goal[1]), None)
            wall = ours[quality][2]
            shown = f"not in {STEPS} steps" if spent is None else f"{spent:.0f} s"
            ratio = "" if spent is None else f"{spent / wall:.0f}"
            if spent is not None:
                ratios[quality].append(spent / wall)
            rows.append(
                f"| {quality} | {number} | {goal[0]:.3f}, {goal[1]:.2f} | {wall:.2f} s | {shown} | {ratio} |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    medians = ", ".join(f"{q} {statistics.median(r):.0f}" for q, r in ratios.items() if r)
    return (
        f"`python benchmarks/speed.py --parts alone` on {machine()}: 640x360, style swirls. Ours: wall time "
        "a frame after the first, with decoding, flow and encoding. Beside it L-BFGS over VGG-19 of single "
        "frames (`benchmarks/reference_2016.py`, content weight 0.1) until both scores are at most ours, "
        "without the time of scoring. Style and content are VGG-19's own scores (`vidstyle.quality.style`; "
        "less is better), and the very ones that the reference minimises.\n\n"
        + "\n".join(rows)
        + f"\n\nMedian ratios: {medians}."
    )


def reference_path(
    frame: Frame,
    style: Pixels,
    network: FeatureNetwork,
    scores: Callable[[Frame], tuple[float, float]],
    goals: list[tuple[float, float]],
) -> list[tuple[float, float, float]]:
    """(seconds, style, content) after every other step of VGG-19 optimisation of a frame alone."""
    path, spent, began = [], 0.0, time.monotonic()
    method = Method(content_weight=0.1, first_steps=STEPS)
    for step in every_frame_alone([frame], style, network, method):
        spent += time.monotonic() - began
        if step.number % 2 == 0:
            path.append((spent, *scores(step.picture())))
            print(f"step {step.number}: {path[-1]}", file=sys.stderr)
            if all(path[-1][1] <= goal[0] and path[-1][2] <= goal[1] for goal in goals):
                break
        began = time.monotonic()
    return path


def long_clip(folder: Path, frames: int, size: tuple[int, int] = (640, 360)) -> Path:
    """The first shot of the sample clip to and fro, (width, height)."""
    pictures = list(islice(read(CLIP, size=size[::-1]), min(60, frames)))
    pictures += pictures[::-1]
    path = folder / f"long_{frames}_{size[0]}.mp4"
    with VideoWriter(path, clip_shape(size), Encoding(crf=20, preset="veryfast")) as writer:
        for number in range(frames):
            picture = pictures[number % len(pictures)]
            writer.add(type(picture)(picture.pixels, number, Fraction(1, 25), number))
    return path


def clip_shape(size: tuple[int, int]) -> VideoShape:
    """Of a file of frames of the sample clip, (width, height)."""
    return VideoShape(
        *size,
        time_base=Fraction(1, 25),
        rate=Fraction(25),
        sample_aspect_ratio=Fraction(1),
        colors=probe(CLIP).video.colors,
    )


def most_memory(child: subprocess.Popen[Any]) -> float:
    """Wait for a process; gives the largest resident size that the system saw, 2^30 bytes."""
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"failed: {child.args!r}")
    return usage.ru_maxrss / 1024**2


def memory_part(folder: Path, quality: str) -> str:
    rows = ["| frames | peak memory of the process |", "|---" * 2 + "|"]
    for frames in (50, 500):
        command = [sys.executable, "-m", "vidstyle", "stylize", str(long_clip(folder, frames)), str(STYLE)]
        command += ["-o", str(folder / f"out_{frames}.mp4"), "--quality", quality, "-y"]
        peak = most_memory(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        rows.append(f"| {frames} | {peak:.2f} GB |")
        print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts memory` on {machine()}: the command itself, 640x360, "
        f"{quality}, the largest resident size the system saw.\n\n" + "\n".join(rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="frames,precision,alone,memory")
    parser.add_argument("--vgg", type=Path)
    parser.add_argument("--alone-frames", type=int, default=2)
    parser.add_argument("--memory-quality", default="draft")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "frames" in options.parts:
            write_section("Time a frame", frames_part(folder))
        if "precision" in options.parts:
            write_section("Arithmetic", precision_part(folder, options.vgg))
        if "memory" in options.parts:
            write_section("Memory", memory_part(folder, options.memory_quality))
        if "alone" in options.parts:
            write_section(
                "Beside VGG-19, every frame alone", alone_part(folder, options.vgg, options.alone_frames)
            )


if __name__ == "__main__":
    main()
