"""What flow and trust cost a render, and so what keeping them for another style of the same clip could gain.

    python benchmarks/motion_cost.py [--qualities draft,standard]

Three figures at 640x360: flow, trust and cuts of a frame with nothing beside them; reading them from a file
instead; and frames painted while the flow of the next ones is found, beside frames whose motion is
there already, one run each in turn. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from machine import machine, write_section
from speed import CLIP, START, STYLE

from vidstyle.frames import Frame, Motion
from vidstyle.media import read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline.painter import painter_for
from vidstyle.pipeline.prefetch import Prefetched
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, StylePicture, Stylizer

Moving = list[tuple[Frame, Motion]]


def stored(moving: Moving, folder: Path) -> tuple[float, float]:
    """Seconds to read a frame's motion from a file, without loss, and its megabytes."""
    paths = [folder / f"{number}.npz" for number in range(len(moving))]
    for path, (_, motion) in zip(paths, moving, strict=True):
        np.savez(path, flow=motion.flow_to_previous, trust=motion.trust)
    began = time.perf_counter()
    for path in paths:
        with np.load(path) as arrays:
            _ = arrays["flow"], arrays["trust"]
    seconds = (time.perf_counter() - began) / len(paths)
    return seconds, statistics.mean(path.stat().st_size for path in paths) / 1e6


def painting(stylizer: Stylizer, first: State, moving: Iterator[tuple[Frame, Motion]]) -> float:
    """Seconds a frame after the first, which is painted already."""
    stylizer.restore(first)
    with Prefetched(moving) as items:
        next(items)
        began, count = time.perf_counter(), 0
        for frame, motion in items:
            stylizer.next(frame, motion)
            count += 1
    return (time.perf_counter() - began) / count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default="draft,standard")
    options = parser.parse_args()
    frames = list(read(CLIP, start=START, duration=Fraction(9, 25), size=(360, 640)))
    rows = ["| quality | a frame, flow beside it | motion there already | gain |", "|---" * 4 + "|"]
    style = StylePicture(read_picture(STYLE).pixels)
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        moving = list(track(frames, mend=True))
        finding = (time.perf_counter() - began) / (len(frames) - 1)
        reading, weight = stored(moving, Path(name))
    for quality in options.qualities.split(","):
        settings = Settings.preset(quality)
        stylizer = painter_for([style], settings).stylizer
        stylizer.start(frames[0])
        first = stylizer.state()
        beside, without = [], []
        for _ in range(2):
            beside.append(
                painting(stylizer, first, iter(track(frames, preset=settings.flow, mend=settings.mending)))
            )
            without.append(painting(stylizer, first, iter(moving)))
        gain = 1 - min(without) / min(beside)
        rows.append(f"| {quality} | {min(beside):.2f} s | {min(without):.2f} s | {100 * gain:.0f} % |")
        print(rows[-1], file=sys.stderr, flush=True)
    write_section(
        "Flow and trust",
        f"`python benchmarks/motion_cost.py` on {machine()}: 640x360, {len(frames)} frames of the sample "
        f"clip. Finding a frame's flow, trust and cut for standard quality takes {1000 * finding:.0f} ms "
        f"with nothing beside it; reading them back {1000 * reading:.1f} ms and {weight:.1f} MB a frame. "
        "While frames are painted it takes what is left of the cores: the better of two runs.\n\n"
        + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
