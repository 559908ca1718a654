"""How good a render is at each quality and size, by VGG-19.

    python benchmarks/scores.py [--vgg FILE]

Renders what `speed.py --parts frames` times, and live quality too. FILE holds VGG-19's weights, at least
up to conv3_2; without it the official ones are fetched. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import torch
from machine import machine, write_section
from speed import CLIP, SIZES, START, STRETCH, STYLE, qualities_at, render_times

from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.media import read, read_picture
from vidstyle.motion import track
from vidstyle.quality import Judge, evaluate
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture


def scores(folder: Path, vgg: Path | None) -> str:
    judge = Judge(
        load_vgg19(vgg, "cpu", torch.float32, plan=SCORING),
        [StylePicture(read_picture(STYLE).pixels)],
        every=4,
    )
    rows = ["| quality | size | steps a frame | style | content | warping |", "|---" * 6 + "|"]
    for size in SIZES:
        sources = list(track(read(CLIP, start=START, duration=STRETCH, size=size[::-1])))
        for quality in qualities_at(size):
            settings = Settings.preset(quality)
            *_, output = render_times(quality, size, folder)
            found = evaluate(read(output), sources, judge)
            steps = {"live": "none", "high": f"{settings.min_steps} to {settings.steps}"}
            style, content, warping = *map(found.mean, ("style", "content")), found.over_source("warping")
            rows.append(
                f"| {quality} | {size[0]}x{size[1]} | {steps.get(quality, settings.steps)} | "
                f"{style:.3f} | {content:.2f} | {warping:.1f}x |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    return (
        f"`python benchmarks/scores.py` on {machine()}: the renders of *Time a frame*, and of "
        "live quality. Style and content are VGG-19's, means of every fourth frame, warping the short-term "
        "warping error over the source's own, by the flow found at that size; less is better in all.\n\n"
        + "\n".join(rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vgg", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_section("Scores", scores(Path(folder), options.vgg))


if __name__ == "__main__":
    main()
