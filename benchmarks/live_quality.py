"""How good the live network's pictures are: styles and clips that it never saw, judged by VGG-19.

    python benchmarks/live_quality.py --vgg FILE [--styles PICTURE...] [--clips CLIP...] [--minutes 10]

Each clip (the sample by default, both of its shots) is rendered in each style (the
samples by default, none of which the network was trained on) with `--quality live`. Beside it stand the
bare frame and the optimiser's first frame at standard quality. With --minutes, a network is also
specialised to each style on the clip, as `vidstyle train` does. `--sheet FILE.png` shows all the pairs.
Rows are kept in --cache by all that they depend on, code included: a run that was stopped goes on, and styles
can be done one by one. Writes its section of BENCHMARKS.md, unless --no-section.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from machine import machine, write_section
from row_cache import MEASURING, PAINTING, Rows, code_of, key

from vidstyle.features import FeatureNetwork
from vidstyle.features.vgg import SCORING, load_vgg19
from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, probe, read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline import Job, StyleFile, render
from vidstyle.pipeline.hashes import sha256
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.pipeline.train import Training, train
from vidstyle.quality import Judge, Report, evaluate
from vidstyle.quality.style import at_height, content_distance, style_distance, style_moments, taps_of
from vidstyle.settings import Settings
from vidstyle.synthesis import StylePicture

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
EVERY = 10  # frames between those whose style and content are judged
LEARNING = (
    *("live/lesson.py", "live/course.py", "live/muon.py", "live/network.py", "live/grid.py"),
    *("live/specialise.py", "live/style.py", "live/leaves.py", "pipeline/train.py"),
)
LIVE = ("live", "pipeline/practice.py", "pipeline/footage.py", "pipeline/train.py")


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


@dataclass(frozen=True)
class Bench:
    """What all rows are measured with.

    Attributes:
        judge: VGG-19.
        width: of the frames, in pixels.
        frames: of each stretch.
        minutes: to specialise for.
        folder: for renders and models.
        cache: of rows, and of pictures of them.
    """

    judge: FeatureNetwork
    width: int
    frames: int
    minutes: float
    folder: Path
    cache: Path

    def identity(self, kind: str, style: Path, clip: Path) -> dict[str, Any]:
        """What rows of a style and a clip depend on."""
        learnt = kind == "specialised"
        code = (*PAINTING, *MEASURING, *LIVE)
        return {
            "kind": kind,
            "style": style.stem,
            "files": [sha256(style), sha256(clip)],
            "width": self.width,
            "frames": self.frames,
            "minutes": self.minutes if learnt else 0.0,
            "machine": machine(),
            "judge": self.judge.fingerprint,
            "code": code_of(code, Path(__file__)),
        }

    def rows(self, kind: str, style: Path, clip: Path) -> list[Row]:
        """One a stretch of the clip."""
        identity = self.identity(kind, style, clip)

        def made() -> dict[str, Any]:
            model = self.specialist(style, clip) if kind == "specialised" else None
            pairs = list(self.measured(kind, style, clip, model))
            self.cache.mkdir(parents=True, exist_ok=True)
            for number, (picture, _) in enumerate(pairs):
                cv2.imwrite(str(self.picture(identity, number)), tile(picture)[:, :, ::-1])
            return {"rows": [asdict(row) for _, row in pairs]}

        return [Row(**row) for row in Rows(self.cache).row(identity, made)["rows"]]

    def picture(self, identity: dict[str, Any], number: int) -> Path:
        return self.cache / f"picture-{key(identity)}-{number}.png"

    def pictures(self, kind: str, style: Path, clip: Path) -> list[np.ndarray]:
        """A frame of each stretch as it was painted, one tile each; of kind "bare" as it is."""
        if kind == "bare":
            return [tile(part.frames()[EVERY].bytes()) for part in self.stretches(clip)]
        identity = self.identity(kind, style, clip)
        paths = [self.picture(identity, number) for number in range(len(self.stretches(clip)))]
        return [read_picture(path).bytes() for path in paths]

    def stretches(self, clip: Path) -> list[Stretch]:
        return stretches(clip, self.width, self.frames)

    def specialist(self, style: Path, clip: Path) -> Path:
        """A network for the style and the clip; kept, as it takes longest, while only painting changes."""
        code = code_of((*LEARNING, "features", "synthesis", "assets"))
        identity = self.identity("specialised", style, clip) | {"kind": "model", "code": code}
        own = self.cache / f"model-{key(identity)}.safetensors"
        self.cache.mkdir(parents=True, exist_ok=True)
        height = self.stretches(clip)[0].size[1]
        if not own.exists():
            for _ in train(Training((StyleFile(style),), own, (clip,), self.minutes, height)):
                pass
        return own

    def measured(
        self, kind: str, style: Path, clip: Path, model: Path | None
    ) -> Iterator[tuple[np.ndarray, Row]]:
        """Of each stretch a painted frame, and its scores."""
        picture = StylePicture(read_picture(style).pixels)
        for stretch in self.stretches(clip):
            frames = stretch.frames()
            if kind == "optimised":
                frame, row = optimised(frames[EVERY], picture, self.judge)
                yield frame.bytes(), row
                continue
            result = rendered(stretch, style, replace(Settings.preset("live"), model=model), self.folder)
            yield result[EVERY].bytes(), judged(result, list(track(frames)), picture, self.judge)


def judged(
    result: Sequence[Frame],
    source: Sequence[tuple[Frame, Motion]],
    picture: StylePicture,
    judge: FeatureNetwork,
) -> Row:
    report: Report = evaluate(result, source, Judge(judge, [picture], every=EVERY))
    bare = statistics.mean(bare_style(frame, picture, judge) for frame, _ in source[::EVERY])
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
    parser.add_argument("--cache", type=Path, default=ROOT / "stylized-live")
    parser.add_argument("--title", default="Pictures of the live network", help="of the section")
    parser.add_argument("--section", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    judge = load_vgg19(options.vgg, torch.device("cpu"), torch.float32, plan=SCORING)
    kinds = ("live", "optimised", "specialised") if options.minutes else ("live", "optimised")
    heads = ["style", "clip", "live: style", "content", "warping", "optimiser: style", "content"]
    heads += ["specialised: style", "content", "warping"] if options.minutes else []
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    found: list[tuple[Row, ...]] = []
    sheet = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(
            judge, options.width, options.frames, options.minutes, Path(name), options.cache.absolute()
        )
        for style in options.styles:
            for clip in options.clips:
                by_kind = [bench.rows(kind, style, clip) for kind in kinds]
                for rows in zip(*by_kind, strict=True):
                    found.append(rows)
                    lines.append(line(style, clip, rows))
                    print(lines[-1], flush=True)
                if options.sheet:
                    shown = [bench.pictures(kind, style, clip) for kind in ("bare", *kinds)]
                    sheet += [
                        np.hstack([tile(read_picture(style).pixels), *tiles])
                        for tiles in zip(*shown, strict=True)
                    ]
    if options.sheet:
        cv2.imwrite(str(options.sheet), np.vstack(sheet)[:, :, ::-1])
    if options.section:
        write_section(options.title, text(lines, found, options))


def line(style: Path, clip: Path, rows: Sequence[Row]) -> str:
    """One of the table: live, optimised and perhaps specialised."""
    cells = [style.stem, clip.stem]
    for number, row in enumerate(rows):
        cells += [f"{row.style:.2f}", f"{row.content:.2f}"]
        cells += [f"{row.warping:.1f}x"] if number != 1 else []  # a frame alone has no error over time
    return "| " + " | ".join(cells) + " |"


def text(lines: list[str], found: list[tuple[Row, ...]], options: argparse.Namespace) -> str:
    median = statistics.median(rows[0].style for rows in found)
    closing = f"Median style of the live network: {median:.2f} of the bare frame's"
    closing += f"; largest warping error: {max(rows[0].warping for rows in found):.1f} times the source's"
    if options.minutes:
        closing += f"; specialised: {statistics.median(rows[2].style for rows in found):.2f}"
    return (
        f"`python benchmarks/live_quality.py --minutes {options.minutes:g}` on {machine()}: {options.width} "
        f"pixels wide, {options.frames} frames of each shot. Styles that the network was not trained on, "
        f"practised in {Settings.preset('live').practice} lessons. "
        "Style is VGG-19's style distance as a share of the bare frame's, content its content distance, "
        "warping the short-term warping error over the source's own; less is better in all. The "
        "optimiser's column is a first frame at standard quality.\n\n" + "\n".join(lines) + f"\n\n{closing}."
    )


def tile(pixels: np.ndarray, width: int = 320, height: int = 180) -> np.ndarray:
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
