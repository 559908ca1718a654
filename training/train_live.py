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
import math
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from pictures import HELD_OUT_PHOTOS, HELD_OUT_STYLES, pictures
from safetensors.torch import save_file
from torch import Tensor, nn

from vidstyle.features import FeatureNetwork, load_features
from vidstyle.live.lesson import Crop, lesson, painted
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import described, learned
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.statistics import moments
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
        taps = features(image)
        total = 0.0
        for index, goal, scale in zip(features.style_taps, target.statistics, target.scales, strict=True):
            own = moments(taps[index])
            total += float((own.first - goal.first).square().sum() / scale[0])
            total += float((own.second - goal.second).square().sum() / scale[1])
        return total

    rows, ratios = [], []
    height, width = photos[0].shape[-2:]
    for target, style in zip(targets, styles, strict=True):
        shown = torch.nn.functional.interpolate(style, (height, width), mode="area")
        row, layers = [shown], learned(network, target).layers
        for photo in photos:
            image = painted(photo, Colors(*pixel_moments(photo)), target, layers).clamp(0, 1)
            ratios.append(distance(image, target) / distance(photo, target))
            row.append(image)
        rows.append(torch.cat(row, 3))
    whole = (torch.cat(rows, 2)[0].permute(1, 2, 0) * 255 + 0.5).byte().numpy()
    return whole, sum(ratios) / len(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the sheet")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")
    parser.add_argument("--steps", type=int, default=16000)
    parser.add_argument("--styles-a-step", type=int, default=2)
    parser.add_argument("--crops", type=int, default=2, help="of each style")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(options.seed)
    cv2.setNumThreads(1)
    photos, held_photos = pictures(options.photos, HELD_OUT_PHOTOS)
    styles, held_styles = pictures(options.styles, HELD_OUT_STYLES)
    features = load_features("builtin", device="cpu", dtype=torch.bfloat16)
    network = LiveNetwork()
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=1e-4)

    checkpoint, step = options.out / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
        print(f"goes on from step {step}", flush=True)
    source = exercises(photos, styles, options.crops, options.seed * 1_000_003 + step)
    generators = [
        torch.Generator().manual_seed((options.seed * 1_000_003 + step) * options.styles_a_step + number)
        for number in range(options.styles_a_step)
    ]

    def target_of(pictures: list[Tensor], shares: list[float]) -> StyleTarget:
        with torch.no_grad():
            return style_target(features, pictures, shares, height=pictures[0].shape[-2], style_size=1.0)

    if step == 0:
        drawn = torch.stack(
            [described(target_of(e.styles, e.shares)) for e, _ in zip(source, range(DESCRIBED), strict=False)]
        )
        for each in (network, average):
            each.encoder.centre.copy_(drawn.mean(0))
            each.encoder.spread.copy_(drawn.std(0) + 1e-4)
    shown_photos = [
        tensor(scaled(photo, 240)[:240, :320])
        for photo in held_photos
        if photo.shape[1] > photo.shape[0] * 1.34
    ]
    shown_styles = [tensor(scaled(style, 240)) for style in held_styles[:SHEET_STYLES]]
    shown_targets = [target_of([style], [1.0]) for style in shown_styles]

    def save() -> None:
        state = {
            "network": network.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
        }
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)

    # Lessons side by side, each on one core: small convolutions gain little from a second one.
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(options.styles_a_step, initializer=torch.set_num_threads, initargs=(1,))

    def practise(exercise: Exercise, generator: torch.Generator) -> tuple[float, float, float]:
        target = target_of(exercise.styles, exercise.shares)
        layers = network.kernels(network.encoder(described(target)))
        loss, mark = lesson(features, target, layers, exercise.crops, generator)
        (loss / options.styles_a_step).backward()
        return mark.style, mark.content, mark.steady

    started, first, marks = time.monotonic(), step, []
    while step < options.steps:
        warmth = min(1.0, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = (
                options.rate * warmth * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / options.steps)))
            )
        optimiser.zero_grad()
        drawn = [next(source) for _ in generators]
        marks.extend(pool.map(practise, drawn, generators))
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            decay = min(AVERAGING, step / (step + 20))
            for a, b in zip(average.parameters(), network.parameters(), strict=True):
                a.lerp_(b, 1 - decay)
        if step % 50 == 0:
            style, content, steady = np.mean(marks, 0)
            marks.clear()
            pace = (time.monotonic() - started) / (step - first)
            left = pace * (options.steps - step) / 60
            print(
                f"step {step}/{options.steps}  style {style:.3f} content {content:.2f} steady {steady:.5f}  "
                f"{pace:.3f} s/step, {left:.0f} min left",
                flush=True,
            )
        if step % 500 == 0 or step == options.steps:
            save()
            picture, ratio = sheet(
                average, features, shown_targets, shown_styles, shown_photos[:SHEET_PHOTOS]
            )
            cv2.imwrite(str(options.out / "sheet.png"), picture[:, :, ::-1])
            print(f"step {step} held-out style distance over the bare frame's: {ratio:.3f}", flush=True)

    if options.export:
        metadata = {
            "format": "vidstyle-live-1",
            "steps": str(step),
            "seed": str(options.seed),
            "licence": "Apache-2.0",
        }
        weights = {name: value.half().contiguous() for name, value in average.state_dict().items()}
        save_file(weights, options.export, metadata=metadata)
        print(f"wrote {options.export}")


if __name__ == "__main__":
    main()
