"""What a frame of a still shot takes beside one of a moving shot.

    python benchmarks/still.py [--qualities draft,standard]

The moving shot is a stretch of the sample clip; the still one is its first frame, 48 times, as x264 stores
it: hardly any two of its frames are quite alike. Wall time with decoding and encoding. Writes its section
of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from machine import machine, write_section
from speed import CLIP, START, STRETCH, STYLE, clip_shape

from vidstyle.media import Encoding, VideoWriter, read
from vidstyle.pipeline import Finished, FrameDone, Job, StyleFile, render
from vidstyle.settings import Settings

SIZE = (640, 360)
FRAMES = 48
PAINTED = 0.02  # seconds above which a frame was painted rather than shown again
GOAL = 10


def still_clip(folder: Path) -> Path:
    path = folder / "still.mp4"
    picture = next(iter(read(CLIP, start=START, size=SIZE[::-1])))
    with VideoWriter(path, clip_shape(SIZE), Encoding()) as writer:
        for number in range(FRAMES):
            writer.add(replace(picture, pts=number, time_base=Fraction(1, 25), index=number))
    return path


def equal_pairs(path: Path) -> int:
    frames = [frame.pixels for frame in read(path)]
    return sum(np.array_equal(one, other) for one, other in pairwise(frames))


def later_frame(job: Job) -> tuple[int, int, float]:
    """Frames, how many of them were painted, and seconds a frame after the first, to the file's end."""
    painted, ends = [], []
    for event in render(job):
        if isinstance(event, FrameDone):
            painted.append(event.seconds > PAINTED)
        if isinstance(event, FrameDone | Finished):
            ends.append(time.monotonic())
    return len(painted), sum(painted), (ends[-1] - ends[0]) / (len(painted) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default="draft,standard")
    options = parser.parse_args()
    rows = [
        "| quality | shot | frames | painted | a frame after the first | times faster |",
        "|---" * 6 + "|",
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        still = still_clip(folder)
        equal = equal_pairs(still)
        for quality in options.qualities.split(","):
            job = Job(
                still,
                (StyleFile(STYLE),),
                folder / "out.mp4",
                settings=Settings.preset(quality),
                size=SIZE,
                overwrite=True,
            )
            moving = later_frame(replace(job, source=CLIP, start=START, duration=STRETCH))
            resting = later_frame(job)
            for shot, (frames, painted, seconds), ratio in (
                ("moving", moving, ""),
                ("still", resting, f"{moving[2] / resting[2]:.0f}"),
            ):
                rows.append(
                    f"| {quality} | {shot} | {frames} | {painted} | {1000 * seconds:.0f} ms | {ratio} |"
                )
                print(rows[-1], file=sys.stderr, flush=True)
    write_section(
        "A still shot",
        f"`python benchmarks/still.py` on {machine()}: {SIZE[0]}x{SIZE[1]}, style swirls, wall time from the "
        "first painted frame to the finished file, with decoding and encoding. The still shot is a frame of "
        f"the sample clip {FRAMES} times, as x264 stores it: {equal} of {FRAMES - 1} frames have the very "
        f"pixels of the one before. To reach: {GOAL} times.\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
