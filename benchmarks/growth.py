"""How time and memory grow with frames, pixels and styles.

    python benchmarks/growth.py [--quality draft]

Each point is the command in a process of its own. For pixels the exponent is fitted (time a frame after the
first ~ pixels^exponent), for frames and styles a line. Styles are the sample pictures and pieces of them, all
in one mixture. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from machine import machine, write_section
from speed import CLIP, SAMPLES, START, long_clip, most_memory

from vidstyle.media import read_picture

PICTURES = [SAMPLES / "styles" / f"{name}.jpg" for name in ("swirls", "ink", "mosaic")]
SMALL = (320, 180)
COUNTS = (1, 10, 100, 1000)
SIZES = ((480, 270), (960, 540), (1920, 1080), (3840, 2160))
STYLES = (1, 2, 4, 8)
STRETCH = {1920: 0.24, 3840: 0.12}  # seconds of the clip, by width; of all others half a second


@dataclass(frozen=True)
class Render:
    """What one took.

    Attributes:
        first: seconds from the start of the process to the first frame.
        later: seconds a frame after that; NaN of a single one.
        whole: seconds in all.
        memory: at most, 2^30 bytes.
    """

    first: float
    later: float
    whole: float
    memory: float


def rendered(source: Path, styles: Sequence[Path], size: tuple[int, int], quality: str, *rest: str) -> Render:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "vidstyle", "stylize", str(source), *map(str, styles), *rest]
        command += ["-o", f"{folder}/out.mp4", "--quality", quality, "--size", f"{size[0]}x{size[1]}"]
        began = time.monotonic()
        child = subprocess.Popen(
            [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        ends = [
            time.monotonic() - began
            for line in child.stdout or ()
            if json.loads(line)["event"] == "frame_done"
        ]
        memory = most_memory(child)
    later = (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else float("nan")
    return Render(ends[0], later, time.monotonic() - began, memory)


def row(label: str, found: Render) -> str:
    later = "" if np.isnan(found.later) else f"{found.later:.3f} s"
    told = f"| {label} | {found.first:.1f} s | {later} | {found.whole:.1f} s | {found.memory:.2f} GB |"
    print(told, file=sys.stderr, flush=True)
    return told


def style_pictures(folder: Path) -> list[Path]:
    """The sample styles, and as many pieces of them as it takes."""
    whole = [read_picture(path).bytes() for path in PICTURES]
    height, width = (min(picture.shape[side] for picture in whole) * 2 // 3 for side in (0, 1))
    pieces = [picture[:height, :width] for picture in whole] + [
        picture[-height:, -width:] for picture in whole
    ]
    paths = [folder / f"piece-{number}.png" for number in range(max(STYLES) - len(PICTURES))]
    for path, piece in zip(paths, pieces, strict=False):
        cv2.imwrite(str(path), piece[:, :, ::-1])
    return [*PICTURES, *paths]


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    return float(np.polyfit(at, values, 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", default="draft")
    quality = parser.parse_args().quality
    rows = ["| render | first frame after | a later frame | in all | peak memory |", "|---" * 5 + "|"]

    def add(label: str, found: Render) -> Render:
        rows.append(row(label, found))
        return found

    small, stretch = f"{SMALL[0]}x{SMALL[1]}", ("--start", str(float(START)), "--duration")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = [
            add(
                f"{count} frame{'s' * (count > 1)}, {small}",
                rendered(long_clip(folder, count), PICTURES[:1], SMALL, quality),
            )
            for count in COUNTS
        ]
        pixels = [
            add(
                f"{size[0]}x{size[1]}",
                rendered(CLIP, PICTURES[:1], size, quality, *stretch, str(STRETCH.get(size[0], 0.48))),
            )
            for size in SIZES
        ]
        pictures = style_pictures(folder)
        styles = [
            add(
                f"{count} style{'s' * (count > 1)}, {small}",
                rendered(CLIP, pictures[:count], SMALL, quality, *stretch, "0.96"),
            )
            for count in STYLES
        ]
    areas = [width * height / 1e6 for width, height in SIZES]
    exponent = slope(np.log(areas).tolist(), np.log([found.later for found in pixels]).tolist())
    by_pixels = slope(areas, [found.memory for found in pixels])
    per_frame = slope(COUNTS, [found.whole for found in frames])
    leak = slope(COUNTS[1:], [found.memory for found in frames[1:]])
    per_style = slope(STYLES, [found.later for found in styles]) / styles[0].later
    before = slope(STYLES, [found.first for found in styles])
    by_styles = slope(STYLES, [found.memory for found in styles])
    write_section(
        "Growth",
        f"`python benchmarks/growth.py --quality {quality}` on {machine()}: the command itself. Fitted: "
        f"{per_frame:.3f} s a frame of a longer clip and, from {COUNTS[1]} frames on, {1000 * leak:.3f} MB; "
        f"time a later frame grows with the {exponent:.2f}th power of the pixels, memory by {by_pixels:.2f} "
        f"GB a million of them; another style of a mixture takes {100 * per_style:.1f} % of a later frame's "
        f"time, {before:.2f} s before the first, and {1000 * by_styles:.0f} MB.\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
