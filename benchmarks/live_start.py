"""Whether the optimiser gains by starting from the live network's picture instead of the recoloured frame.

    python benchmarks/live_start.py --vgg FILE [--size 320x180]

First frames: the same frame, in each style, with ever fewer steps, from both starts; VGG-19's style and
content scores tell how many steps the better start saves. Revealed areas: a stretch of the sample
clip in which a boat uncovers what lies behind it; the revealed ratio of `vidstyle evaluate` tells.
Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import torch
from machine import machine, write_section
from torch import Tensor

from vidstyle.features import FeatureNetwork, load_features
from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.frames import Frame
from vidstyle.live.painter import LivePainter, load_live
from vidstyle.media import read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline.device import choose_precision
from vidstyle.quality import Judge, evaluate
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.dials import Dials
from vidstyle.synthesis.pictures import tensor_of

SAMPLES = Path(__file__).parents[1] / "samples"
STYLES = ("swirls", "ink", "mosaic")
MOMENTS = (Fraction(6, 5), Fraction(3))  # seconds: one in each shot
FEWER = ((80, 60, 30), (40, 30, 15), (20, 15, 8), (10, 8, 4))  # first_steps
STRETCH = Fraction(24, 25)  # seconds


class Started(OptimisingStylizer):
    """The optimiser, begun from the live network's picture."""

    live: LivePainter

    def __init__(self, styles: Sequence[StylePicture], settings: Settings, network: FeatureNetwork) -> None:
        super().__init__(styles, settings, network)
        self._pictures = [tensor_of(style.pixels, self.device) for style in styles]

    def _recolored(self, source: Tensor, dials: Dials | None = None) -> Tensor:
        style = self.live.learn(
            self._pictures, self._shares, height=source.shape[-2], style_size=self.settings.style_size
        )
        pixels = source[0].permute(1, 2, 0).contiguous().numpy()
        return self.live.paint(pixels, style, Colors(*pixel_moments(source))).clone()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vgg", type=Path)
    parser.add_argument("--size", default="320x180")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    cpu = torch.device("cpu")
    precision = choose_precision("auto", cpu)
    judge = load_vgg19(options.vgg, cpu, torch.float32, plan=SCORING)
    features = load_features("builtin", device=cpu, dtype=precision)
    Started.live = load_live(features, precision)
    kinds = {"recoloured": OptimisingStylizer, "live picture": Started}
    lines = ["| first steps | start | " + " | ".join(STYLES) + " |", "|---" * (2 + len(STYLES)) + "|"]
    for steps in FEWER:
        for start, kind in kinds.items():
            settings = replace(Settings.preset("standard"), first_steps=steps)
            cells = [
                first_frames(kind, style, settings, features, judge, (height, width)) for style in STYLES
            ]
            lines.append(f"| {', '.join(map(str, steps))} | {start} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    revealed = ["| start | " + " | ".join(STYLES) + " |", "|---" * (1 + len(STYLES)) + "|"]
    for start, kind in kinds.items():
        cells = [f"{revealed_ratio(kind, style, features, judge, (height, width)):.2f}" for style in STYLES]
        revealed.append(f"| {start} | {' | '.join(cells)} |")
        print(revealed[-1], flush=True)
    intro = (
        f"`python benchmarks/live_start.py --size {options.size}` on {machine()}: VGG-19's style and content "
        "scores of first frames, mean of one in each shot of the sample clip, by steps at the three scales "
        "and by what the optimiser starts from."
    )
    between = f"The revealed ratio over {float(STRETCH):.2f} s of the first shot, standard quality:"
    write_section(
        "Starting the optimiser from the live picture",
        f"{intro}\n\n" + "\n".join(lines) + f"\n\n{between}\n\n" + "\n".join(revealed),
    )


def first_frames(
    kind: type[OptimisingStylizer],
    style: str,
    settings: Settings,
    features: FeatureNetwork,
    judge: FeatureNetwork,
    size: tuple[int, int],
) -> str:
    """ "0.042, 0.57": style and content, mean of a frame in each shot."""
    picture = read_picture(SAMPLES / "styles" / f"{style}.jpg")
    target = style_moments([(at_height(picture.floats(), size[0], judge.smallest_side), 1.0)], judge)
    styles, contents = [], []
    for moment in MOMENTS:
        frame = next(read(SAMPLES / "harbour.mp4", start=moment, size=size))
        painted = kind([StylePicture(picture.pixels)], settings, features).start(frame)
        taps = taps_of(painted.floats(), judge)
        styles.append(style_distance(taps, target, judge))
        contents.append(content_distance(taps, taps_of(frame.floats(), judge), judge))
    return f"{sum(styles) / len(styles):.3f}, {sum(contents) / len(contents):.2f}"


def revealed_ratio(
    kind: type[OptimisingStylizer],
    style: str,
    features: FeatureNetwork,
    judge: FeatureNetwork,
    size: tuple[int, int],
) -> float:
    picture = StylePicture(read_picture(SAMPLES / "styles" / f"{style}.jpg").pixels)
    settings = Settings.preset("standard")
    painter = kind([picture], settings, features)
    alone = OptimisingStylizer([picture], settings, features)
    moving = list(track(read(SAMPLES / "harbour.mp4", duration=STRETCH, size=size), mend=True))

    def painted() -> Iterator[Frame]:
        for frame, motion in moving:
            yield painter.start(frame) if motion.cut else painter.next(frame, motion)

    judging = Judge(judge, [picture], alone=alone.start, every=6, alone_every=6)
    return evaluate(painted(), iter(moving), judging).mean("revealed")


if __name__ == "__main__":
    main()
