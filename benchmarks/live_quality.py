"""How good the live network's pictures are: styles and clips that it never saw, judged by VGG-19.

    python benchmarks/live_quality.py --vgg FILE [--styles PICTURE...] [--clips CLIP...] [--minutes 10]

Each clip (the sample by default, both of its shots) is rendered in each style (the
samples by default, none of which the network was trained on) with `--quality live`. Beside it stand the
bare frame and the optimiser's first frame at standard quality. With --minutes, a network is also
specialised to each style on the clip, as `vidstyle train` does. `--sheet FILE.png` shows all the pairs.
Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import torch
from machine import machine, write_section

from vidstyle.features import FeatureNetwork
from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.frames import Frame
from vidstyle.media import Encoding, probe, read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline import Job, StyleFile, render
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.pipeline.train import Training, train
from vidstyle.quality import Judge, Report, evaluate
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import Settings
from vidstyle.synthesis import StylePicture

SAMPLES = Path(__file__).parents[1] / "samples"
EVERY = 10  # frames between those whose style and content are judged


@dataclass(frozen=True, eq=False)
class Stretch:
    """Frames of a clip: where they begin, how long they last, at which size (width, height)."""

    clip: Path
    start: Fraction
    duration: Fraction
    size: tuple[int, int]

    def frames(self) -> list[Frame]:
        return list(read(self.clip, start=self.start, duration=self.duration, size=self.size[::-1]))


@dataclass(frozen=True)
class Row:
    """VGG-19's scores: style as a share of the bare frame's, content, warping error over the source's."""

    style: float
    content: float
    warping: float


def stretches(clip: Path, width: int, frames: int) -> list[Stretch]:
    """One stretch of a clip; of the sample one in each shot."""
    video = probe(clip).video
    size = (width, 2 * round(width * video.height / video.width / 2))
    starts = [Fraction(0), Fraction(64, 25)] if clip.parent == SAMPLES else [Fraction(0)]
    return [Stretch(clip, start, frames / video.rate, size) for start in starts]


def rendered(stretch: Stretch, style: Path, settings: Settings, folder: Path) -> list[Frame]:
    output = folder / "result.mkv"
    job = Job(
        stretch.clip,
        (StyleFile(style),),
        output,
        settings,
        Encoding(codec="ffv1"),
        size=stretch.size,
        start=stretch.start or None,
        duration=stretch.duration,
        overwrite=True,
        restart=True,
    )
    for _ in render(job):
        pass
    return list(read(output))


def judged(
    result: Sequence[Frame], source: Sequence[Frame], picture: StylePicture, judge: FeatureNetwork
) -> Row:
    report: Report = evaluate(result, track(source), Judge(judge, [picture], every=EVERY))
    bare = statistics.mean(bare_style(frame, picture, judge) for frame in source[::EVERY])
    return Row(report.mean("style") / bare, report.mean("content"), report.over_source("warping"))


def bare_style(frame: Frame, picture: StylePicture, judge: FeatureNetwork) -> float:
    return style_distance(taps_of(frame.floats(), judge), wanted(frame, picture, judge), judge)


def wanted(frame: Frame, picture: StylePicture, judge: FeatureNetwork):  # type: ignore[no-untyped-def]
    pixels = Frame(picture.pixels).floats()
    return style_moments([(at_height(pixels, frame.height, judge.smallest_side), 1.0)], judge)


def optimised(frame: Frame, picture: StylePicture, judge: FeatureNetwork) -> tuple[Frame, Row]:
    painted = optimising_painter([picture], Settings.preset("standard")).stylizer.start(frame)
    taps = taps_of(painted.floats(), judge)
    style = style_distance(taps, wanted(frame, picture, judge), judge)
    content = content_distance(taps, taps_of(frame.floats(), judge), judge)
    return painted, Row(style / bare_style(frame, picture, judge), content, float("nan"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vgg", type=Path)
    samples = [SAMPLES / "styles" / f"{name}.jpg" for name in ("swirls", "ink", "mosaic")]
    parser.add_argument("--styles", type=Path, nargs="+", default=samples)
    parser.add_argument("--clips", type=Path, nargs="+", default=[SAMPLES / "harbour.mp4"])
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--frames", type=int, default=31, help="of each stretch")
    parser.add_argument("--minutes", type=float, default=0.0, help="to specialise for, each style")
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    judge = load_vgg19(options.vgg, torch.device("cpu"), torch.float32, plan=SCORING)
    live = Settings.preset("live")
    heads = ["style", "clip", "live: style", "content", "warping", "optimiser: style", "content"]
    heads += ["specialised: style", "content", "warping"] if options.minutes else []
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    rows, specialists, sheet = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for style in options.styles:
            picture = StylePicture(read_picture(style).pixels)
            for clip in options.clips:
                parts = stretches(clip, options.width, options.frames)
                own = folder / "own.safetensors"
                if options.minutes:
                    height = parts[0].size[1]
                    training = Training(
                        (StyleFile(style),), own, (clip,), options.minutes, height, overwrite=True
                    )
                    for _ in train(training):
                        pass
                for stretch in parts:
                    source = stretch.frames()
                    result = rendered(stretch, style, live, folder)
                    row = judged(result, source, picture, judge)
                    best, other = optimised(source[EVERY], picture, judge)
                    cells = [style.stem, clip.stem, f"{row.style:.2f}", f"{row.content:.2f}"]
                    cells += [f"{row.warping:.1f}x", f"{other.style:.2f}", f"{other.content:.2f}"]
                    shown = [source[EVERY], result[EVERY]]
                    rows.append((row, other))
                    if options.minutes:
                        result = rendered(stretch, style, replace(live, model=own), folder)
                        special = judged(result, source, picture, judge)
                        cells += [f"{special.style:.2f}", f"{special.content:.2f}", f"{special.warping:.1f}x"]
                        shown.append(result[EVERY])
                        specialists.append(special)
                    lines.append("| " + " | ".join(cells) + " |")
                    print(lines[-1], flush=True)
                    sheet.append([tile(frame.bytes()) for frame in (Frame(picture.pixels), *shown, best)])
    if options.sheet:
        whole = np.vstack([np.hstack(line) for line in sheet])
        cv2.imwrite(str(options.sheet), whole[:, :, ::-1])
    write_section("Pictures of the live network", text(lines, rows, specialists, options))


def text(
    lines: list[str], rows: list[tuple[Row, Row]], specialists: list[Row], options: argparse.Namespace
) -> str:
    median = statistics.median(row.style for row, _ in rows)
    closing = f"Median style of the live network: {median:.2f} of the bare frame's"
    if specialists:
        closing += f"; specialised: {statistics.median(row.style for row in specialists):.2f}"
    return (
        f"`python benchmarks/live_quality.py --minutes {options.minutes:g}` on {machine()}: {options.width} "
        f"pixels wide, {options.frames} frames of each shot. Styles that the network was not trained on. "
        "Style is VGG-19's style distance as a share of the bare frame's, content its content distance, "
        "warping the short-term warping error over the source's own; less is better in all. The "
        "optimiser's column is a first frame at standard quality.\n\n" + "\n".join(lines) + f"\n\n{closing}."
    )


def tile(pixels: np.ndarray, width: int = 320, height: int = 180) -> np.ndarray:
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
