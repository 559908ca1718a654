"""Train the live network (vidstyle/assets/live.safetensors).

    python training/train_live.py --photos DIR --styles DIR --out RUN [--export FILE]
        [--device cuda] [--steps N | --minutes M]

DIR hold pictures. The run keeps a checkpoint in RUN and goes on from it when started again. A large GPU
takes four minutes; two CPU cores would take half a day for as many lessons. The last 50 photographs and
the last 8 styles (in the order of their names' hashes) are held out; `RUN/sheet.png` shows three of those
photographs in four of those styles. `--export FILE` writes the averaged weights as half-precision
safetensors.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from pictures import HELD_OUT_PHOTOS, HELD_OUT_STYLES, pictures
from practice import CROP, Exercise, Practice
from torch import Tensor, nn

from vidstyle.features import FeatureNetwork, load_features
from vidstyle.live.crops import crop_of
from vidstyle.live.lesson import Goal, lesson, painted, style_loss
from vidstyle.live.model import write_model
from vidstyle.live.network import LiveNetwork
from vidstyle.live.style import learned
from vidstyle.pipeline.device import choose_device, choose_precision
from vidstyle.synthesis.colors import Colors, pixel_moments
from vidstyle.synthesis.targets import StyleTarget, style_target

AVERAGING = 0.999  # decay of the exponential moving average that is exported
DESCRIBED = 200  # styles that the encoder's centre and spread are taken from
WARM = 3  # exercises before one is recorded as a graph: kernels are chosen, buffers made
SHEET_PHOTOS, SHEET_STYLES = 3, 4
LESSONS = {"cuda": 48, "cpu": 2}


def tensor(picture: np.ndarray, rows: int) -> Tensor:
    """(1, 3, H, W) float32 in 0..1 of (H, W, 3) bytes, so many rows high, no side below CROP."""
    scale = max(rows / picture.shape[0], CROP / min(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return torch.from_numpy(picture).permute(2, 0, 1)[None] / 255


@torch.no_grad()
def sheet(
    network: LiveNetwork,
    features: FeatureNetwork,
    targets: list[StyleTarget],
    styles: list[Tensor],
    photos: list[Tensor],
) -> tuple[np.ndarray, float]:
    """A contact sheet (uint8 RGB), and the mean style distance as a share of the bare photographs'."""
    rows, ratios = [], []
    height, width = photos[0].shape[-2:]
    for target, style in zip(targets, styles, strict=True):
        shown = torch.nn.functional.interpolate(style, (height, width), mode="area")
        row, layers, goal = [shown], learned(network, target).layers, Goal.of(target)
        for photo in photos:
            crop = crop_of(photo, Colors(*pixel_moments(photo)), target)
            image = painted(crop, layers, torch.float32).clamp(0, 1)
            far, near = (float(style_loss(features, features(each), goal)) for each in (photo, image))
            ratios.append(near / far)
            row.append(image)
        rows.append(torch.cat(row, 3))
    whole = (torch.cat(rows, 2)[0].permute(1, 2, 0) * 255 + 0.5).byte().cpu().numpy()
    return whole, sum(ratios) / len(ratios)


class Course:
    """The network under training, its moving average, and how far it is; kept in a checkpoint."""

    def __init__(self, options: argparse.Namespace, device: torch.device) -> None:
        torch.manual_seed(options.seed)
        self.options, self.step, self.spent = options, 0, 0.0
        self.dtype = choose_precision("auto", device, in_bytes=False)
        self.features = load_features("builtin", device=device, dtype=self.dtype)
        self.network = LiveNetwork().to(device)
        self.average = copy.deepcopy(self.network)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=1e-4
        )
        self._checkpoint = options.out / "checkpoint.pt"
        if self._checkpoint.exists():
            saved = torch.load(self._checkpoint, weights_only=True, map_location=device)
            self.network.load_state_dict(saved["network"])
            self.average.load_state_dict(saved["average"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step, self.spent = saved["step"], saved["spent"]
            print(f"goes on from step {self.step}", flush=True)

    def save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent": self.spent,
        }
        part = self._checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._checkpoint)

    @property
    def share(self) -> float:
        """How far it is, 0..1."""
        if self.options.minutes:
            return min(1.0, self.spent / float(60 * self.options.minutes))
        return min(1.0, self.step / int(self.options.steps))

    def centre(self, practice: Practice) -> None:
        """Set what the encoder takes off a description, and divides it by, from the first styles drawn."""
        count = math.ceil(DESCRIBED / self.options.lessons)
        drawn = torch.cat([practice.exercise().descriptions for _ in range(count)])
        for network in (self.network, self.average):
            network.encoder.centre.copy_(drawn.mean(0))
            network.encoder.spread.copy_(drawn.std(0) + 1e-4)

    def practise(self, exercise: Exercise) -> Tensor:
        """Leave the gradients of an exercise; gives its marks, (3,)."""
        layers = self.network.kernels(self.network.encoder(exercise.descriptions))
        loss, marks = lesson(
            self.features, exercise.goal, layers, exercise.crops, exercise.movement, self.dtype
        )
        loss.backward()
        return marks

    def learn(self) -> None:
        """One step of the optimiser along the gradients, and of the average after it."""
        for group in self.optimiser.param_groups:  # a cosine, after a short warming up
            rate = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.share))
            group["lr"] = self.options.rate * min(1.0, (self.step + 1) / 200) * rate
        for parameter in self.network.parameters():  # one crop that overflows must not end the course
            if parameter.grad is not None:
                parameter.grad.nan_to_num_(0.0, 0.0, 0.0)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()),
                list(self.network.parameters()),
                1 - min(AVERAGING, self.step / (self.step + 20)),
            )


class Recorded:
    """`Course.practise` as one CUDA graph: a step's two thousand kernels start without Python."""

    def __init__(self, course: Course, exercise: Exercise) -> None:
        self._exercise, aside = exercise, torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM):
                course.optimiser.zero_grad()
                course.practise(exercise)
        torch.cuda.current_stream().wait_stream(aside)
        course.optimiser.zero_grad()  # the graph makes its own gradients, and overwrites them each time
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._marks = course.practise(exercise)

    def __call__(self, exercise: Exercise) -> Tensor:
        """Leave the gradients of an exercise; gives its marks, (3,)."""
        torch._foreach_copy_(self._exercise.tensors(), exercise.tensors())
        self._graph.replay()
        return self._marks.clone()


def run(course: Course, practice: Practice, graph: bool, show: Callable[[], str]) -> None:
    """All steps that are left, with a line every 50 of them and a checkpoint and a sheet now and then."""
    options = course.options
    recorded = Recorded(course, practice.exercise()) if graph else None
    first, before, shown = course.step, course.spent, course.step
    began, marks = time.monotonic(), []
    while course.share < 1:
        exercise = practice.exercise()
        if recorded is None:
            course.optimiser.zero_grad()
            marks.append(course.practise(exercise))
        else:
            marks.append(recorded(exercise))
        course.learn()
        if course.step % 50 and course.share < 1:
            continue
        style, content, steady = torch.stack(marks).nanmean(0).tolist()  # waits for the device
        if not all(bool(parameter.isfinite().all()) for parameter in course.average.parameters()):
            raise SystemExit(
                f"step {course.step}: the weights are no numbers; start again from the checkpoint"
            )
        marks.clear()
        course.spent = before + time.monotonic() - began
        pace = (course.spent - before) / (course.step - first)
        print(
            f"step {course.step} ({course.share:.1%})  style {style:.3f} content {content:.2f} "
            f"steady {steady:.5f}  {pace:.3f} s/step of {options.lessons} lessons",
            flush=True,
        )
        if course.step >= shown + options.save_every or course.share >= 1:
            shown = course.step
            course.save()
            if options.export:
                marks_kept = {"steps": str(course.step), "seed": str(options.seed), "licence": "Apache-2.0"}
                write_model(options.export, course.average, None, marks_kept)
            print(f"step {course.step} {show()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the sheet")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--steps", type=int, default=7250)
    parser.add_argument("--minutes", type=float, help="to train for, instead of a number of steps")
    parser.add_argument("--lessons", type=int, help="crops a step, each in a style of its own")
    parser.add_argument("--rate", type=float, default=1.3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save-every", type=int, default=500, help="steps")
    parser.add_argument("--graph", choices=("on", "off"), default="on", help="record the step (CUDA only)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    device = choose_device(options.device)
    options.lessons = options.lessons or LESSONS.get(device.type, LESSONS["cpu"])
    torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = True
    photos, held_photos = pictures(options.photos, HELD_OUT_PHOTOS)
    styles, held_styles = pictures(options.styles, HELD_OUT_STYLES)
    course = Course(options, device)
    seed = options.seed * 1_000_003 + course.step
    practice = Practice(course.features, photos, styles, options.lessons, seed)
    if course.step == 0:
        course.centre(practice)
    shown_photos = [tensor(p, CROP)[..., :CROP, :CROP].to(device) for p in held_photos[:SHEET_PHOTOS]]
    shown_styles = [tensor(style, 240).to(device) for style in held_styles[:SHEET_STYLES]]
    with torch.no_grad():
        targets = [
            style_target(course.features, [style], [1.0], height=240, style_size=1.0)
            for style in shown_styles
        ]

    def show() -> str:
        picture, ratio = sheet(course.average, course.features, targets, shown_styles, shown_photos)
        cv2.imwrite(str(options.out / "sheet.png"), picture[:, :, ::-1])
        return f"held-out style distance over the bare frame's: {ratio:.3f}"

    run(course, practice, options.graph == "on" and device.type == "cuda", show)


if __name__ == "__main__":
    main()
