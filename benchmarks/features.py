"""Pictures that the built-in network makes, beside those that VGG-19 makes, in VGG-19's own scores.

    python benchmarks/features.py --vgg FILE [--size 320x180]

The same solver, settings and frames (one of each shot of the sample clip, three sample styles); only
the feature network differs. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from fractions import Fraction
from pathlib import Path

import torch
from machine import machine, write_section

from vidstyle.features import FeatureNetwork, load_features
from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.frames import Frame
from vidstyle.media import read, read_picture
from vidstyle.pipeline.device import choose_precision
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture

SAMPLES = Path(__file__).parents[1] / "samples"
STYLES = ("swirls", "ink", "mosaic")
MOMENTS = (Fraction(6, 5), Fraction(3))  # seconds: one in each shot


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vgg", type=Path)
    parser.add_argument("--size", default="320x180")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    cpu = torch.device("cpu")
    judge = load_vgg19(options.vgg, cpu, torch.float32, plan=SCORING)
    networks: dict[str, FeatureNetwork] = {
        "built-in": load_features("builtin", device=cpu, dtype=choose_precision("auto", cpu)),
        "VGG-19": load_features("vgg19", options.vgg, cpu),
    }
    frames = [next(read(SAMPLES / "harbour.mp4", start=at, size=(height, width))) for at in MOMENTS]
    lines = ["| style | network | VGG style (of the bare frame's) | VGG content | time |", "|---" * 5 + "|"]
    for style in STYLES:
        picture = read_picture(SAMPLES / "styles" / f"{style}.jpg")
        target = style_moments([(at_height(picture.floats(), height, judge.smallest_side), 1.0)], judge)
        for name, network in networks.items():
            painter = OptimisingStylizer([StylePicture(picture.pixels)], Settings.preset("standard"), network)
            rows = [_score(painter, frame, target, judge) for frame in frames]
            distance, bare, content, seconds = (statistics.mean(column) for column in zip(*rows, strict=True))
            lines.append(
                f"| {style} | {name} | {distance:.3f} ({bare:.2f}) | {content:.2f} | {seconds:.1f} s |"
            )
            print(lines[-1], file=sys.stderr, flush=True)
    write_section(
        "The built-in network beside VGG-19",
        f"`python benchmarks/features.py --size {options.size}` on {machine()}: first frames, standard "
        "quality, mean of one frame in each shot of the sample clip.\n\n" + "\n".join(lines),
    )


def _score(
    painter: OptimisingStylizer, frame: Frame, target: object, judge: FeatureNetwork
) -> tuple[float, float, float, float]:
    began = time.monotonic()
    painted = painter.start(frame)
    spent = time.monotonic() - began
    bare, taps = taps_of(frame.floats(), judge), taps_of(painted.floats(), judge)
    return (
        style_distance(taps, target, judge),  # type: ignore[arg-type]
        style_distance(bare, target, judge),  # type: ignore[arg-type]
        content_distance(taps, bare, judge),
        spent,
    )


if __name__ == "__main__":
    main()
