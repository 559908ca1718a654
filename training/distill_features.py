"""Distil VGG-19 into the built-in feature network (vidstyle/assets/features.safetensors).

    python training/distill_features.py --photos DIR --styles DIR --vgg FILE --out RUN

DIR hold pictures; FILE holds VGG-19's weights under torchvision's names, at least up to conv3_1.
The run keeps a checkpoint in RUN and goes on from it when started again. On two CPU cores it takes
about an hour and a half, on a GPU minutes. The last 50 photographs and the last 8 styles (in the order of
their names' hashes) are held out; the unexplained variance printed is measured on the photographs
among them. `--export FILE` writes the network's averaged weights as half-precision safetensors.
"""

from __future__ import annotations

import argparse
import json
import math
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from pictures import HELD_OUT_PHOTOS, HELD_OUT_STYLES, pictures
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from vidstyle.features.student import (
    MEAN,
    SPREAD,
    STAGE_CHANNELS,
    TAP_CHANNELS,
    TAP_NAMES,
    StudentNetwork,
)

CROP = 128
REFIT_PHOTOS = 300  # whole photographs, and all styles, that the linear heads are fitted on at the end
AVERAGING = 0.999  # decay of the exponential moving average that is exported


class Teacher(nn.Module):
    """VGG-19 up to relu3_1, on the image and on its halves: the five taps that the student learns."""

    CONVOLUTIONS = (0, 2, 5, 7, 10)  # torchvision's `features.N`: conv1_1 .. conv3_1

    mean: Tensor
    spread: Tensor

    def __init__(self, weights: Path) -> None:
        super().__init__()
        state = load_file(weights)
        for number in self.CONVOLUTIONS:
            self.register_buffer(f"w{number}", state[f"features.{number}.weight"])
            self.register_buffer(f"b{number}", state[f"features.{number}.bias"])
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(SPREAD).view(1, 3, 1, 1))

    def _layer(self, x: Tensor, number: int) -> Tensor:
        weight, bias = getattr(self, f"w{number}"), getattr(self, f"b{number}")
        return F.relu(F.conv2d(x, weight.to(x.dtype), bias.to(x.dtype), padding=1))

    def _deep(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first = self._layer(image, 0)
        second = self._layer(F.max_pool2d(self._layer(first, 2), 2), 5)
        third = self._layer(F.max_pool2d(self._layer(second, 7), 2), 10)
        return first, second, third

    @torch.no_grad()
    def forward(self, image: Tensor, dtype: torch.dtype) -> list[Tensor]:
        image = ((image - self.mean) / self.spread).to(dtype, memory_format=torch.channels_last)
        half, quarter = F.avg_pool2d(image, 2), F.avg_pool2d(image, 4)
        return [*self._deep(image), self._deep(half)[2], self._deep(quarter)[2]]


class Projection(nn.Module):
    """Each teacher tap on its first principal components, over the root of its total variance."""

    def __init__(self, bases: list[Tensor]) -> None:
        super().__init__()
        for number, basis in enumerate(bases):
            self.register_buffer(f"basis{number}", basis)

    def forward(self, taps: list[Tensor]) -> list[Tensor]:
        return [
            F.conv2d(tap, getattr(self, f"basis{number}").to(tap.dtype)[:, :, None, None])
            for number, tap in enumerate(taps)
        ]


def principal_components(taps: Iterator[list[Tensor]]) -> tuple[list[Tensor], list[float]]:
    """Bases (kept, channels) of each tap and the share of variance that they keep."""
    sums: list[list[Tensor]] = []
    for batch in taps:
        for number, tap in enumerate(batch):
            flat = tap.double().permute(0, 2, 3, 1).flatten(0, 2)
            moments = [torch.tensor(float(len(flat)), device=flat.device), flat.sum(0), flat.T @ flat]
            if number == len(sums):
                sums.append(moments)
            else:
                sums[number] = [a + b for a, b in zip(sums[number], moments, strict=True)]
    bases, shares = [], []
    for (count, total, outer), kept in zip(sums, TAP_CHANNELS, strict=True):
        mean = total / count
        values, vectors = torch.linalg.eigh(outer / count - torch.outer(mean, mean))
        variance = values.sum()
        bases.append((vectors.flip(1)[:, :kept].T / variance.sqrt()).float())
        shares.append(float(values.flip(0)[:kept].sum() / variance))
    return bases, shares


def random_crop(picture: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(CROP, CROP, 3) float32 in 0..1, at a random place and scale, mirrored half of the time."""
    height, width = picture.shape[:2]
    side = int(min(height, width, CROP * np.exp(generator.uniform(np.log(0.7), np.log(2.5)))))
    top, left = generator.integers(height - side + 1), generator.integers(width - side + 1)
    square = picture[top : top + side, left : left + side]
    crop = cv2.resize(square, (CROP, CROP), interpolation=cv2.INTER_AREA if side > CROP else cv2.INTER_CUBIC)
    if generator.random() < 0.5:
        crop = crop[:, ::-1]
    return np.clip(crop.astype(np.float32) / 255, 0, 1)


def augmented(photo: np.ndarray, style: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A crop as the solver may meet it: photo, style, a mixture, recoloured, blurred or with noise on it."""
    kind = generator.random()
    if kind < 0.80:
        crop = photo
    elif kind < 0.95:
        crop = style
    else:
        crop = photo + (style - photo) * generator.uniform(0.2, 0.8)
    if generator.random() < 0.2:  # colours turned and stretched: styles are bolder than photographs
        crop = crop[:, :, generator.permutation(3)]
        crop = (crop - 0.5) * generator.uniform(0.5, 1.5, 3) + 0.5 + generator.uniform(-0.15, 0.15, 3)
    if generator.random() < 0.15:  # half-solved pictures carry fine noise
        noise = generator.normal(0, generator.uniform(0.01, 0.08), crop.shape)
        coarse = generator.random() < 0.5
        crop = crop + (cv2.GaussianBlur(noise, (0, 0), 1.0) * 3 if coarse else noise)
    drawn: np.ndarray = np.clip(crop, 0, 1).astype(np.float32)
    return drawn


def batches(photos: list[np.ndarray], styles: list[np.ndarray], size: int, seed: int) -> Iterator[Tensor]:
    """Endless (size, 3, CROP, CROP) batches, drawn one ahead in a thread."""
    ready: queue.Queue[Tensor] = queue.Queue(maxsize=4)
    generator = np.random.default_rng(seed)

    def draw() -> None:
        while True:
            crops = [
                augmented(
                    random_crop(photos[generator.integers(len(photos))], generator),
                    random_crop(styles[generator.integers(len(styles))], generator),
                    generator,
                )
                for _ in range(size)
            ]
            ready.put(torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2))

    threading.Thread(target=draw, daemon=True).start()
    while True:
        yield ready.get()


def unexplained(predicted: list[Tensor], target: list[Tensor]) -> list[Tensor]:
    """Per tap: squared error over the target's variance about its mean in this batch."""
    result = []
    for guess, truth in zip(predicted, target, strict=True):
        truth = truth.float()
        variance = (truth - truth.mean((0, 2, 3), keepdim=True)).square().mean()
        result.append((guess.float() - truth).square().mean() / variance)
    return result


@torch.no_grad()
def validate(
    student: nn.Module, teacher: Teacher, project: Projection, photos: list[np.ndarray], device: str
) -> list[float]:
    """Unexplained variance per tap over whole held-out photographs, errors and variances pooled."""
    errors, sums, squares, counts = ([0.0] * 5 for _ in range(4))
    means: list[Tensor] = [torch.zeros(c, dtype=torch.double, device=device) for c in TAP_CHANNELS]
    for photo in photos:
        height, width = (side // 16 * 16 for side in photo.shape[:2])
        image = torch.from_numpy(photo[:height, :width].copy()).permute(2, 0, 1)[None].to(device) / 255
        for n, (guess, truth) in enumerate(
            zip(student(image), project(teacher(image, torch.float32)), strict=True)
        ):
            pixels = truth.shape[2] * truth.shape[3]
            errors[n] += float((guess - truth).square().double().sum())
            squares[n] += float(truth.square().double().sum())
            means[n] += truth.double().sum((0, 2, 3))
            counts[n] += pixels
    for n in range(5):
        sums[n] = squares[n] - float(means[n].square().sum()) / counts[n]
    return [error / variance for error, variance in zip(errors, sums, strict=True)]


@torch.no_grad()
def refit_heads(
    student: StudentNetwork, teacher: Teacher, project: Projection, photos: list[np.ndarray], device: str
) -> None:
    """Set each linear head to the least-squares optimum over whole pictures, for the trunk as it is."""
    hidden: list[Tensor] = []
    hooks = [
        head.register_forward_pre_hook(lambda _, given: hidden.append(given[0])) for head in student.heads
    ]
    squares: list[Tensor] = []
    products: list[Tensor] = []
    for photo in photos:
        height, width = (side // 16 * 16 for side in photo.shape[:2])
        image = torch.from_numpy(photo[:height, :width].copy()).permute(2, 0, 1)[None].to(device) / 255
        hidden.clear()
        student(image)
        for n, truth in enumerate(project(teacher(image, torch.float32))):
            flat = hidden[n].double().flatten(2)[0]
            flat = torch.cat([flat, torch.ones_like(flat[:1])])
            square, product = flat @ flat.T, flat @ truth.double().flatten(2)[0].T
            if n == len(squares):
                squares.append(square)
                products.append(product)
            else:
                squares[n] += square
                products[n] += product
    for hook in hooks:
        hook.remove()
    for number, (square, product) in enumerate(zip(squares, products, strict=True)):
        ridge = 1e-7 * square.diagonal().mean() * torch.eye(len(square), dtype=square.dtype, device=device)
        solution = torch.linalg.solve(square + ridge, product).T
        student.get_parameter(f"heads.{number}.weight").copy_(solution[:, :-1, None, None])
        student.get_parameter(f"heads.{number}.bias").copy_(solution[:, -1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--vgg", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the log")
    parser.add_argument("--export", type=Path, help="write the averaged weights here at the end")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=2.5e-3)
    parser.add_argument("--tap-weights", default="1,1,1,1,1", help="of the loss, to favour taps that lag")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    device, dtype = options.device, torch.bfloat16

    tap_weights = torch.tensor([float(w) for w in options.tap_weights.split(",")], device=device)
    torch.manual_seed(options.seed)
    cv2.setNumThreads(1)
    photos, held_out = pictures(options.photos, HELD_OUT_PHOTOS)
    styles, _ = pictures(options.styles, HELD_OUT_STYLES)
    teacher = Teacher(options.vgg).to(device).to(memory_format=torch.channels_last)
    student = StudentNetwork().to(device).to(memory_format=torch.channels_last)
    for layer in student.modules():
        if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    average = StudentNetwork().to(device)
    average.load_state_dict(student.state_dict())
    optimiser = torch.optim.AdamW(student.parameters(), lr=options.rate, weight_decay=1e-4)

    checkpoint_path = options.out / "checkpoint.pt"
    step = 0
    bases: list[Tensor] = []  # none yet
    shares: list[float] = []
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path, map_location=device, weights_only=True)
        student.load_state_dict(saved["student"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        step, bases, shares = saved["step"], saved["bases"], saved["shares"]
        print(f"goes on from step {step}", flush=True)
    source = batches(photos, styles, options.batch, options.seed * 1_000_003 + step)
    if not bases:
        bases, shares = principal_components(
            teacher(next(source).to(device), torch.float32) for _ in range(60)
        )
        print("variance kept:", *(f"{n} {100 * s:.1f}%" for n, s in zip(TAP_NAMES, shares, strict=True)))
    project = Projection(bases).to(device)

    def save() -> None:
        state = {
            "student": student.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
            "bases": bases,
            "shares": shares,
        }
        torch.save(state, checkpoint_path.with_suffix(".part"))
        checkpoint_path.with_suffix(".part").replace(checkpoint_path)

    started, first = time.monotonic(), step
    while step < options.steps:
        warmth = min(1.0, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = options.rate * warmth * 0.5 * (1 + math.cos(math.pi * step / options.steps))
        image = next(source).to(device)
        target = project(teacher(image, dtype))
        with torch.autocast(device.split(":")[0], dtype):
            predicted = student(image.to(memory_format=torch.channels_last))
        parts = unexplained(predicted, target)
        optimiser.zero_grad()
        (torch.stack(parts) * tap_weights).sum().backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            decay = min(AVERAGING, step / (step + 20))
            for a, b in zip(average.parameters(), student.parameters(), strict=True):
                a.lerp_(b, 1 - decay)
        if step % 50 == 0:
            pace = (time.monotonic() - started) / (step - first)
            shown = " ".join(f"{100 * float(p.detach()):5.1f}" for p in parts)
            left = pace * (options.steps - step) / 60
            print(f"step {step}/{options.steps}  {shown}  {pace:.3f} s/step, {left:.0f} min left", flush=True)
        if step % 500 == 0 or step == options.steps:
            save()
            figures = validate(average, teacher, project, held_out, device)
            print(f"step {step} held-out unexplained %:", *(f"{100 * f:.2f}" for f in figures), flush=True)

    if options.export:
        refit_heads(average, teacher, project, photos[:REFIT_PHOTOS] + styles, device)
        figures = validate(average, teacher, project, held_out, device)
        metadata = {
            "format": "vidstyle-features-1",
            "taps": json.dumps(TAP_NAMES),
            "stage_channels": json.dumps(STAGE_CHANNELS),
            "variance_kept": json.dumps([round(s, 4) for s in shares]),
            "unexplained": json.dumps([round(f, 4) for f in figures]),
            "steps": str(step),
            "seed": str(options.seed),
            "licence": "Apache-2.0; teacher VGG-19 (Simonyan and Zisserman 2014), CC BY 4.0",
        }
        weights = {name: value.half().contiguous() for name, value in average.state_dict().items()}
        save_file(weights, options.export, metadata=metadata)
        print(f"wrote {options.export}")


if __name__ == "__main__":
    main()
