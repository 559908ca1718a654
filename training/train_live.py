"""Train the live network (vidstyle/assets/live.safetensors).

    python training/train_live.py --photos DIR --styles DIR --out RUN [--export FILE]

DIR hold pictures. The run keeps a checkpoint in RUN and goes on from it when started again; on two CPU
cores it takes hours, in stages as long as you like, on a GPU half an hour. The last 50 photographs and
the last 8 styles (in the order of their names' hashes) are held out; `RUN/sheet.png` shows three of those
photographs in four of those styles. `--export FILE` writes the averaged weights as half-precision
safetensors.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from pictures import HELD_OUT_PHOTOS, HELD_OUT_STYLES, pictures
from torch import Tensor, nn

from vidstyle.features import FeatureNetwork, load_features
from vidstyle.live.lesson import Crop, lesson, painted, style_loss
from vidstyle.live.model import write_model
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import described, learned
from vidstyle.pipeline.device import choose_precision
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.targets import StyleTarget, style_target

CROP = 192
LOWEST, HIGHEST = 200, 440  # rows of the pictures that crops are taken from, and of the styles
AVERAGING = 0.999  # decay of the exponential moving average that is exported
DESCRIBED = 200  # styles that the encoder's centre and spread are taken from
SHEET_PHOTOS, SHEET_STYLES = 3, 4


@dataclass(frozen=True)
class Exercise:
    """A style (two, where mixed) and crops to paint in it."""

    styles: list[Tensor]
    shares: list[float]
    crops: list[Crop]


def tensor(picture: np.ndarray) -> Tensor:
    """(1, 3, H, W) float32 in 0..1 of (H, W, 3) floats."""
    return torch.from_numpy(np.ascontiguousarray(picture, np.float32)).permute(2, 0, 1)[None].clamp(0, 1)


def scaled(picture: np.ndarray, rows: float) -> np.ndarray:
    """The picture at this height, no side below CROP + 8, as floats."""
    scale = max(rows / picture.shape[0], (CROP + 8) / min(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC) / 255.0


def recoloured(picture: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Colours turned and stretched: few styles must stand for many."""
    if generator.random() < 0.5:
        picture = picture[:, :, generator.permutation(3)]
    if generator.random() < 0.3:
        picture = 1 - picture
    return (picture - 0.5) * generator.uniform(0.6, 1.3, 3) + 0.5 + generator.uniform(-0.12, 0.12, 3)


def draw_style(picture: np.ndarray, generator: np.random.Generator) -> Tensor:
    """The picture at a random scale, a large part of it, turned and recoloured."""
    picture = scaled(picture, math.exp(generator.uniform(math.log(LOWEST), math.log(HIGHEST))))
    height, width = picture.shape[:2]
    rows, columns = min(height, 320), min(width, 400)
    top, left = generator.integers(height - rows + 1), generator.integers(width - columns + 1)
    picture = picture[top : top + rows, left : left + columns]
    if generator.random() < 0.5:
        picture = picture[:, ::-1]
    if generator.random() < 0.25:
        picture = picture.transpose(1, 0, 2)
    if generator.random() < 0.6:
        picture = recoloured(picture, generator)
    return tensor(picture)


def draw_crop(picture: np.ndarray, generator: np.random.Generator) -> Crop:
    """A crop of the picture at a random scale, sometimes in other light."""
    picture = scaled(picture, math.exp(generator.uniform(math.log(LOWEST), math.log(HIGHEST))))
    if generator.random() < 0.3:
        picture = np.clip(picture, 0, 1) ** generator.uniform(0.6, 1.7) * generator.uniform(0.6, 1.0)
    colors = Colors(*pixel_moments(tensor(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA))))
    top, left = (
        generator.integers(picture.shape[0] - CROP + 1),
        generator.integers(picture.shape[1] - CROP + 1),
    )
    picture = picture[top : top + CROP, left : left + CROP]
    return Crop(tensor(picture[:, ::-1] if generator.random() < 0.5 else picture), colors)


def draw_exercise(
    photos: list[np.ndarray], styles: list[np.ndarray], crops: int, generator: np.random.Generator
) -> Exercise:
    """One style, or now and then two mixed; one time in five a photograph serves as style."""

    def pick() -> Tensor:
        pool = photos if generator.random() < 0.2 else styles
        return draw_style(pool[generator.integers(len(pool))], generator)

    drawn, shares = [pick()], [1.0]
    if generator.random() < 0.2:
        share = generator.uniform(0.2, 0.8)
        drawn, shares = [*drawn, pick()], [share, 1 - share]
    return Exercise(
        drawn, shares, [draw_crop(photos[generator.integers(len(photos))], generator) for _ in range(crops)]
    )


def exercises(
    photos: list[np.ndarray], styles: list[np.ndarray], crops: int, seed: int
) -> Iterator[Exercise]:
    """Endless exercises, drawn ahead in a thread."""
    ready: queue.Queue[Exercise] = queue.Queue(maxsize=8)
    generator = np.random.default_rng(seed)

    def draw() -> None:
        while True:
            ready.put(draw_exercise(photos, styles, crops, generator))

    threading.Thread(target=draw, daemon=True).start()
    while True:
        yield ready.get()


@torch.no_grad()
def sheet(
    network: LiveNetwork,
    features: FeatureNetwork,
    targets: list[StyleTarget],
    styles: list[Tensor],
    photos: list[Tensor],
) -> tuple[np.ndarray, float]:
    """A contact sheet (uint8 RGB), and the mean style distance as a share of the bare photographs'."""

    def distance(image: Tensor, target: StyleTarget) -> float:
        return float(style_loss(features, features(image), target))

    rows, ratios = [], []
    height, width = photos[0].shape[-2:]
    for target, style in zip(targets, styles, strict=True):
        shown = torch.nn.functional.interpolate(style, (height, width), mode="area")
        row, layers = [shown], learned(network, target).layers
        for photo in photos:
            colors = Colors(*pixel_moments(photo))
            image = painted(photo, colors, target, layers, torch.float32).clamp(0, 1)
            ratios.append(distance(image, target) / distance(photo, target))
            row.append(image)
        rows.append(torch.cat(row, 3))
    whole = (torch.cat(rows, 2)[0].permute(1, 2, 0) * 255 + 0.5).byte().numpy()
    return whole, sum(ratios) / len(ratios)


class Course:
    """The network under training, its moving average, and how far it is; kept in a checkpoint."""

    def __init__(self, options: argparse.Namespace) -> None:
        torch.manual_seed(options.seed)
        self.options, self.step = options, 0
        self.dtype = choose_precision("auto", torch.device("cpu"))
        self.features = load_features("builtin", device="cpu", dtype=self.dtype)
        self.network = LiveNetwork()
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=1e-4
        )
        self._checkpoint = options.out / "checkpoint.pt"
        if self._checkpoint.exists():
            saved = torch.load(self._checkpoint, weights_only=True)
            self.network.load_state_dict(saved["network"])
            self.average.load_state_dict(saved["average"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step = saved["step"]
            print(f"goes on from step {self.step}", flush=True)

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        part = self._checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._checkpoint)

    @torch.no_grad()
    def target(self, pictures: list[Tensor], shares: list[float]) -> StyleTarget:
        return style_target(self.features, pictures, shares, height=pictures[0].shape[-2], style_size=1.0)

    def centre(self, source: Iterator[Exercise]) -> None:
        """Set what the encoder takes off a description, and divides it by, from the first styles drawn."""
        drawn = torch.stack(
            [described(self.target(e.styles, e.shares)) for e in itertools.islice(source, DESCRIBED)]
        )
        for network in (self.network, self.average):
            network.encoder.centre.copy_(drawn.mean(0))
            network.encoder.spread.copy_(drawn.std(0) + 1e-4)

    def practise(self, exercise: Exercise, generator: torch.Generator) -> tuple[float, float, float]:
        """Add the gradients of one lesson; gives its marks."""
        target = self.target(exercise.styles, exercise.shares)
        layers = self.network.kernels(self.network.encoder(described(target)))
        loss, marks = lesson(self.features, target, layers, exercise.crops, generator, self.dtype)
        (loss / self.options.styles_a_step).backward()
        return marks.style, marks.content, marks.steady

    def learn(self) -> None:
        """One step of the optimiser along the gradients, and of the average after it."""
        share = self.step / self.options.steps
        for group in self.optimiser.param_groups:  # a cosine, after a short warming up
            rate = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))
            group["lr"] = self.options.rate * min(1.0, (self.step + 1) / 200) * rate
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step += 1
        decay = min(AVERAGING, self.step / (self.step + 20))
        with torch.no_grad():
            for a, b in zip(self.average.parameters(), self.network.parameters(), strict=True):
                a.lerp_(b, 1 - decay)


def run(course: Course, source: Iterator[Exercise], show: Callable[[], str]) -> None:
    """All steps that are left, with a line every 50 of them and a checkpoint and a sheet every 500."""
    options = course.options
    seed = options.seed * 1_000_003 + course.step
    generators = [
        torch.Generator().manual_seed(seed * options.styles_a_step + number)
        for number in range(options.styles_a_step)
    ]
    # Lessons side by side, each on one core: small convolutions gain little from a second one.
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(options.styles_a_step, initializer=torch.set_num_threads, initargs=(1,))
    started, first, marks = time.monotonic(), course.step, []
    while course.step < options.steps:
        marks.extend(pool.map(course.practise, [next(source) for _ in generators], generators))
        course.learn()
        if course.step % 50 == 0:
            style, content, steady = np.mean(marks, 0)
            marks.clear()
            pace = (time.monotonic() - started) / (course.step - first)
            print(
                f"step {course.step}/{options.steps}  style {style:.3f} content {content:.2f} "
                f"steady {steady:.5f}  {pace:.3f} s/step, "
                f"{pace * (options.steps - course.step) / 60:.0f} min left",
                flush=True,
            )
        if course.step % 500 == 0 or course.step == options.steps:
            course.save()
            print(f"step {course.step} {show()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the sheet")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")
    parser.add_argument("--steps", type=int, default=14000)
    parser.add_argument("--styles-a-step", type=int, default=2)
    parser.add_argument("--crops", type=int, default=1, help="of each style")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    photos, held_photos = pictures(options.photos, HELD_OUT_PHOTOS)
    styles, held_styles = pictures(options.styles, HELD_OUT_STYLES)
    course = Course(options)
    source = exercises(photos, styles, options.crops, options.seed * 1_000_003 + course.step)
    if course.step == 0:
        course.centre(source)
    shown_photos = [tensor(scaled(photo, CROP)[:CROP, :CROP]) for photo in held_photos[:SHEET_PHOTOS]]
    shown_styles = [tensor(scaled(style, 240)) for style in held_styles[:SHEET_STYLES]]
    targets = [course.target([style], [1.0]) for style in shown_styles]

    def show() -> str:
        picture, ratio = sheet(course.average, course.features, targets, shown_styles, shown_photos)
        cv2.imwrite(str(options.out / "sheet.png"), picture[:, :, ::-1])
        return f"held-out style distance over the bare frame's: {ratio:.3f}"

    run(course, source, show)
    if options.export:
        marks = {"steps": str(course.step), "seed": str(options.seed), "licence": "Apache-2.0"}
        write_model(options.export, course.average, None, marks)
        print(f"wrote {options.export}")


if __name__ == "__main__":
    main()
