"""How long a frame takes, how much memory a render holds, and how that compares with VGG-19.

    python benchmarks/speed.py --vgg FILE [--parts frames,alone,memory]

`frames` renders a stretch of the sample clip at each quality and size. `alone` paints frames of the
sample clip at 640x360 by VGG-19 optimisation of every frame alone (benchmarks/reference_2016.py),
until VGG-19's own style and content scores are those of our standard render, and compares times.
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
from fractions import Fraction
from itertools import islice
from pathlib import Path

import torch
from machine import machine, write_section
from reference_2016 import Method, every_frame_alone

from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.media import Encoding, VideoShape, VideoWriter, probe, read, read_picture
from vidstyle.pipeline.events import FrameDone
from vidstyle.pipeline.job import Job, StyleFile
from vidstyle.pipeline.render import render
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import Settings

SAMPLES = Path(__file__).parents[1] / "samples"
CLIP, STYLE = SAMPLES / "harbour.mp4", SAMPLES / "styles" / "swirls.jpg"
SIZES = ((480, 270), (640, 360), (1280, 720))
STRETCH = Fraction(4, 5)  # seconds, 20 frames, in one shot


def render_times(quality: str, size: tuple[int, int], folder: Path) -> tuple[float, float, float, Path]:
    """(first frame, median later frame, wall time a frame after the first) in seconds, and the output."""
    output = folder / f"{quality}_{size[0]}.mkv"
    job = Job(
        source=CLIP,
        styles=(StyleFile(STYLE, 1.0),),
        output=output,
        settings=Settings.preset(quality),
        encoding=Encoding(),
        size=size,
        start=Fraction(4, 5),
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


def frames_part(folder: Path) -> str:
    rows = [
        "| quality | size | first frame | solving a later frame (median) | all of a later frame |",
        "|---" * 5 + "|",
    ]
    for quality in ("draft", "standard", "high"):
        for size in SIZES:
            first, median, wall, _ = render_times(quality, size, folder)
            rows.append(
                f"| {quality} | {size[0]}x{size[1]} | {first:.1f} s | {median:.2f} s | {wall:.2f} s |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts frames` on {machine()}: the sample clip, 20 frames, style "
        "swirls. *All of a later frame* is wall time with decoding, flow and encoding.\n\n" + "\n".join(rows)
    )


def alone_part(folder: Path, vgg: Path | None, frames: int) -> str:
    """Side by side in one run, to the scores that our standard render has on the very same frames."""
    judge = load_vgg19(vgg, "cpu", torch.float32, plan=SCORING)
    network = load_vgg19(vgg, "cpu", torch.float32)
    size = (640, 360)
    first, _, wall, output = render_times("standard", size, folder)
    sources = list(read(CLIP, start=Fraction(4, 5), duration=STRETCH, size=size[::-1]))
    results = list(read(output))
    style = read_picture(STYLE).pixels
    target = style_moments(
        [(at_height(read_picture(STYLE).floats(), size[1], judge.smallest_side), 1.0)], judge
    )

    def scores(pixels: object, source_taps: list[torch.Tensor]) -> tuple[float, float]:
        taps = taps_of(pixels, judge)  # type: ignore[arg-type]
        return style_distance(taps, target, judge), content_distance(taps, source_taps, judge)

    rows = [
        "| frame | our style, content | our time | VGG-19's style, content | its steps | its time | ratio |",
        "|---" * 7 + "|",
    ]
    ratios = []
    for number in [len(sources) * (2 * k + 1) // (2 * frames) for k in range(frames)]:
        source_taps = taps_of(sources[number].floats(), judge)
        ours = scores(results[number].floats(), source_taps)
        spent, began, reached = 0.0, time.monotonic(), (0.0, 0.0)
        # The weight that lands nearest our content score, so that both scores can be compared at once.
        method = Method(content_weight=CONTENT_WEIGHT)
        for step in every_frame_alone([sources[number]], style, network, method):
            spent += time.monotonic() - began
            if step.number % 2 == 0:  # scoring is not part of the time
                reached = scores(step.picture().floats(), source_taps)
                print(
                    f"frame {number} step {step.number}: {reached} of {ours}, {spent:.0f} s", file=sys.stderr
                )
                if reached[0] <= ours[0] or spent > 900:
                    break
            began = time.monotonic()
        ratios.append(spent / wall)
        rows.append(
            f"| {number} | {ours[0]:.3f}, {ours[1]:.2f} | {wall:.2f} s | {reached[0]:.3f}, {reached[1]:.2f} "
            f"| {step.number} | {spent:.0f} s | {spent / wall:.0f} |"
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts alone` on {machine()}: 640x360, standard quality, wall time "
        "a frame after the first with decoding, flow and encoding, beside L-BFGS over VGG-19 of "
        "single frames until the VGG style score is ours (scores by VGG-19 as in `vidstyle.quality.style`; "
        "less is better).\n\n"
        + "\n".join(rows)
        + f"\n\nMedian ratio {statistics.median(ratios):.0f}. Our first frame of the shot took {first:.1f} s."
    )


CONTENT_WEIGHT = 0.05


def long_clip(folder: Path, frames: int) -> Path:
    """The first shot of the sample clip to and fro, 640x360."""
    pictures = list(islice(read(CLIP, size=(360, 640)), 60))
    pictures += pictures[::-1]
    path = folder / f"long_{frames}.mp4"
    shape = VideoShape(
        width=640,
        height=360,
        time_base=Fraction(1, 25),
        rate=Fraction(25),
        sample_aspect_ratio=Fraction(1),
        colors=probe(CLIP).video.colors,
    )
    with VideoWriter(path, shape, Encoding(crf=20, preset="veryfast")) as writer:
        for number in range(frames):
            picture = pictures[number % len(pictures)]
            writer.add(type(picture)(picture.pixels, number, Fraction(1, 25), number))
    return path


def memory_part(folder: Path, quality: str) -> str:
    rows = ["| frames | peak memory of the process | wall time |", "|---" * 3 + "|"]
    for frames in (50, 500):
        command = [sys.executable, "-m", "vidstyle", "stylize", str(long_clip(folder, frames)), str(STYLE)]
        command += ["-o", str(folder / f"out_{frames}.mp4"), "--quality", quality, "-y"]
        began = time.monotonic()
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"the render of {frames} frames failed")
        spent = time.monotonic() - began
        rows.append(f"| {frames} | {usage.ru_maxrss / 1024**2:.2f} GB | {spent:.0f} s |")
        print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/speed.py --parts memory` on {machine()}: the command itself, 640x360, "
        f"{quality}, the largest resident size the system saw.\n\n" + "\n".join(rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", default="frames,alone,memory")
    parser.add_argument("--vgg", type=Path)
    parser.add_argument("--alone-frames", type=int, default=2)
    parser.add_argument("--memory-quality", default="draft")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "frames" in options.parts:
            write_section("Time a frame", frames_part(folder))
        if "memory" in options.parts:
            write_section("Memory", memory_part(folder, options.memory_quality))
        if "alone" in options.parts:
            write_section(
                "Beside VGG-19, every frame alone", alone_part(folder, options.vgg, options.alone_frames)
            )


if __name__ == "__main__":
    main()
