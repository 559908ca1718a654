"""How time and memory grow with frames, pixels and styles.

    python benchmarks/growth.py [--quality draft]

Each point is the command in a process of its own. For pixels the exponent is fitted (time a frame after the
first ~ pixels^exponent), for frames and styles a line. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import machine, write_section
from speed import CLIP, SAMPLES, START, long_clip, most_memory

STYLES = [SAMPLES / "styles" / f"{name}.jpg" for name in ("swirls", "ink", "mosaic")]
SMALL = (320, 180)
SIZES = ((240, 136), (480, 270), (960, 540), (1920, 1080))


def rendered(
    source: Path, styles: list[Path], size: tuple[int, int], quality: str, *rest: str
) -> list[float]:
    """(seconds to the first frame, seconds a later frame, seconds in all, gigabytes at most)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "vidstyle",
            "stylize",
            str(source),
            *map(str, styles),
            *rest,
            "--json",
        ]
        command += ["-o", f"{folder}/out.mp4", "--quality", quality, "--size", f"{size[0]}x{size[1]}"]
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ends = [
            time.monotonic() - began
            for line in child.stdout or ()
            if json.loads(line)["event"] in ("frame_done", "finished")
        ]
        peak = most_memory(child)
    later = (ends[-2] - ends[0]) / (len(ends) - 2)
    return [ends[0], later, time.monotonic() - began, peak]


def row(label: str, found: list[float]) -> str:
    told = f"| {label} | {found[0]:.1f} s | {found[1]:.3f} s | {found[2]:.1f} s | {found[3]:.2f} GB |"
    print(told, file=sys.stderr, flush=True)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quality", default="draft")
    quality = parser.parse_args().quality
    rows = ["| render | first frame after | a later frame | in all | peak memory |", "|---" * 5 + "|"]
    stretch = ("--start", str(float(START)), "--duration")
    with tempfile.TemporaryDirectory() as name:
        counts = (25, 100, 200)
        frames = [rendered(long_clip(Path(name), count), STYLES[:1], SMALL, quality) for count in counts]
    rows += [
        row(f"{count} frames, {SMALL[0]}x{SMALL[1]}", found)
        for count, found in zip(counts, frames, strict=True)
    ]
    pixels = []
    for size in SIZES:
        pixels.append(
            rendered(CLIP, STYLES[:1], size, quality, *stretch, "0.16" if size[0] > 960 else "0.32")
        )
        rows.append(row(f"{size[0]}x{size[1]}", pixels[-1]))
    styles = []
    for count in (1, 2, 3):
        styles.append(rendered(CLIP, STYLES[:count], SMALL, quality, *stretch, "0.48"))
        rows.append(row(f"{count} style{'s' * (count > 1)}, {SMALL[0]}x{SMALL[1]}", styles[-1]))
    areas = np.log([width * height for width, height in SIZES])
    exponent = np.polyfit(areas, np.log([found[1] for found in pixels]), 1)[0]
    memory = np.polyfit([width * height / 1e6 for width, height in SIZES], [found[3] for found in pixels], 1)[
        0
    ]
    per_frame = np.polyfit(counts, [found[2] for found in frames], 1)[0]
    leak = np.polyfit(counts, [found[3] for found in frames], 1)[0]
    per_style = np.polyfit([1, 2, 3], [found[1] for found in styles], 1)[0] / styles[0][1]
    first_style = np.polyfit([1, 2, 3], [found[0] for found in styles], 1)[0]
    write_section(
        "Growth",
        f"`python benchmarks/growth.py --quality {quality}` on {machine()}: the command itself. Fitted: "
        f"{per_frame:.3f} s and {1000 * leak:.2f} MB a frame of a longer clip; time a later frame grows with "
        f"the {exponent:.2f}th power of the pixels, memory by {memory:.2f} GB a million of them; another "
        f"style of a mixture takes {100 * per_style:.0f} % of a later frame's time, and {first_style:.2f} s "
        "before the first."
        "\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
