"""Beside the video method of 2016: warm start and temporal loss over VGG-19, to the scores of our frames.

    python benchmarks/video_2016.py [--vgg FILE] [--qualities draft,standard] [--frames 2]

`benchmarks/reference_2016.py` paints the first frames of a stretch of the sample clip, each until VGG-19's
own style and content scores are at most those of our render's frame, and goes on from there with the next.
Flow and scoring are left out of its time; ours has all in it. FILE holds VGG-19's weights, at least up to
conv3_2; without it the official ones are fetched. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import torch
from machine import machine, write_section
from reference_2016 import Method, video_method
from speed import STYLE, Scores, render_times

from vidstyle.features import FeatureNetwork
from vidstyle.features.vgg import load_vgg19
from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.media import read, read_picture
from vidstyle.motion import track

SIZE = (640, 360)
STEPS = 60  # of the reference, at most, for a frame
GOAL = 40


def reference_times(
    moving: list[tuple[Frame, Motion]],
    style: Pixels,
    network: FeatureNetwork,
    scores: Scores,
    goals: list[tuple[float, float]],
) -> list[tuple[float, int, bool]]:
    """Seconds and steps of each frame, and whether it reached its goal in them."""
    spent: list[tuple[float, int, bool]] = []
    seconds, number = 0.0, -1
    reached = [False]  # asked by the method after each step
    method = Method(content_weight=0.1, first_steps=STEPS, steps=STEPS)
    began = time.monotonic()
    for step in video_method(moving, style, network, method, enough=lambda _: reached[0]):
        now = time.monotonic()
        if step.number == 1:
            number, seconds = number + 1, 0.0
        seconds += now - began
        found = scores(step.picture(), number)
        reached[0] = all(mine <= goal for mine, goal in zip(found, goals[number], strict=True))
        print(f"frame {number} step {step.number}: {seconds:.1f} s, {found}", file=sys.stderr, flush=True)
        if reached[0] or step.number == STEPS:
            spent.append((seconds, step.number, reached[0]))
        began = time.monotonic()
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vgg", type=Path)
    parser.add_argument("--qualities", default="draft,standard")
    parser.add_argument("--frames", type=int, default=2, help="after the first")
    options = parser.parse_args()
    scores, network = Scores(options.vgg, SIZE), load_vgg19(options.vgg, "cpu", torch.float32)
    moving = list(track(scores.sources[: options.frames + 1]))
    style = read_picture(STYLE).pixels
    rows = [
        "| quality | frame | style, content | ours | method of 2016 | its steps | ratio |",
        "|---" * 7 + "|",
    ]
    medians = []
    with tempfile.TemporaryDirectory() as folder:
        for quality in options.qualities.split(","):
            first, _, later, output = render_times(quality, SIZE, Path(folder))
            pictures = islice(read(output), len(moving))
            goals = [scores(picture, number) for number, picture in enumerate(pictures)]
            ratios = []
            found = reference_times(moving, style, network, scores, goals)
            for number, ((seconds, steps, reached), goal) in enumerate(zip(found, goals, strict=True)):
                ours = later if number else first
                told = "" if reached else "more than "
                ratios += [seconds / ours] if number else []
                rows.append(
                    f"| {quality} | {number} | {goal[0]:.3f}, {goal[1]:.2f} | {ours:.2f} s | "
                    f"{told}{seconds:.0f} s | {steps} | {told}{seconds / ours:.0f} |"
                )
                print(rows[-1], file=sys.stderr, flush=True)
            medians.append(f"{quality} {statistics.median(ratios):.0f}")
    write_section(
        "Beside the video method of 2016",
        f"`python benchmarks/video_2016.py` on {machine()}: {SIZE[0]}x{SIZE[1]}, style swirls. Each frame "
        "of the method starts from its last one, moved along the same flow, and ends as soon as both scores "
        f"are at most those of our frame, or after {STEPS} steps. Its time leaves out flow, scoring and "
        "encoding; ours, wall time a frame, has all in it.\n\n"
        + "\n".join(rows)
        + f"\n\nMedian ratios of later frames: {', '.join(medians)} (to reach: {GOAL}).",
    )


if __name__ == "__main__":
    main()
