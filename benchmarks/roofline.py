"""How near a solver's frame comes to what the machine can do.

    python benchmarks/roofline.py [--qualities draft,standard] [--sizes 480x270,640x360,1280x720]
        [--precision float32]

Counts the operations of a frame's convolutions and matrix products, and the bytes that every operation
of the solver reads and writes, while a later frame of a shot is painted; times the same frame without
counting; and sets both against a matrix product and a copy timed on the same cores in the same
precision: float32 or bfloat16, as torch counts no products of bytes. Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import torch
from machine import machine, write_section
from speed import CLIP, START, STYLE
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from vidstyle.frames import Frame, Motion
from vidstyle.media import read, read_picture
from vidstyle.motion import track
from vidstyle.pipeline.device import choose_device, choose_precision
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.settings import PrecisionChoice, Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

GOAL = 45  # percent of the matrix product's peak
SIDE = 2048  # of the matrices: larger ones are no faster
COPIED = 1 << 28  # bytes, far more than a cache holds


class Traffic(TorchDispatchMode):
    """Adds up the bytes that operations read and write; views move none."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if not func.is_view and "empty" not in func.name():
            tensors = [leaf for leaf in tree_leaves((args, kwargs, out)) if isinstance(leaf, torch.Tensor)]
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        return out


def best(work: Callable[[], object], runs: int, device: torch.device) -> float:
    """Seconds of the quickest of some runs, after one that warms up."""
    work()
    times = []
    for _ in range(runs):
        finish(device)
        began = time.perf_counter()
        work()
        finish(device)
        times.append(time.perf_counter() - began)
    return min(times)


def finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def peaks(precision: torch.dtype, device: torch.device) -> tuple[float, float]:
    """Operations a second of a matrix product, and bytes a second of a copy, read and written."""
    side = SIDE * (4 if device.type == "cuda" else 1)
    one, other = (torch.randn(side, side, device=device).to(precision) for _ in range(2))
    product = 2 * side**3 / best(lambda: one @ other, 8, device)
    source = torch.ones(COPIED // 4, device=device)
    target = torch.empty_like(source)
    return product, 2 * COPIED / best(lambda: target.copy_(source), 5, device)


def frame_costs(
    quality: str, size: tuple[int, int], precision: PrecisionChoice
) -> tuple[float, float, float]:
    """Operations, bytes and seconds of a later frame."""
    settings = Settings.preset(quality, precision=precision)
    frames = list(read(CLIP, start=START, duration=Fraction(4, 25), size=size[::-1]))
    moving = list(track(frames, preset=settings.flow, mend=settings.mending, whole=False))
    stylizer = optimising_painter([StylePicture(read_picture(STYLE).pixels)], settings).stylizer
    # Painted at the start of a shot with little work: what later frames cost does not depend on it.
    stylizer.start(frames[0])
    times = later_times(stylizer, moving[1:-1])
    with FlopCounterMode(display=False) as operations, Traffic() as traffic:
        stylizer.next(*moving[-1])
    return float(operations.get_total_flops()), float(traffic.bytes), statistics.median(times)


def later_times(stylizer: Stylizer, moving: Sequence[tuple[Frame, Motion]]) -> list[float]:
    """Seconds of each of some later frames."""
    times = []
    for frame, motion in moving:
        began = time.perf_counter()
        stylizer.next(frame, motion)
        times.append(time.perf_counter() - began)
    return times


def sizes_of(text: str) -> list[tuple[int, int]]:
    return [(int(width), int(height)) for width, height in (size.split("x") for size in text.split(","))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default="draft,standard")
    parser.add_argument("--sizes", default="480x270,640x360,1280x720")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args()
    device = choose_device("cpu")
    product, copy = peaks(choose_precision(options.precision, device), device)
    rows = [
        "| quality | size | a frame | operations | bytes | of the matrix product's peak | of the copy's |",
        "|---" * 7 + "|",
    ]
    for quality in options.qualities.split(","):
        for size in sizes_of(options.sizes):
            operations, moved, seconds = frame_costs(quality, size, options.precision)
            rows.append(
                f"| {quality} | {size[0]}x{size[1]} | {seconds:.2f} s | {operations / 1e9:.0f} G | "
                f"{moved / 1e9:.1f} GB | {100 * operations / seconds / product:.0f} % | "
                f"{100 * moved / seconds / copy:.0f} % |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    write_section(
        "Roofline",
        f"`python benchmarks/roofline.py --qualities {options.qualities} --sizes {options.sizes} "
        f"--precision {options.precision}` on "
        f"{machine()}: a later frame of a shot. The peaks, on the same cores: {product / 1e9:.0f} GFLOP/s in "
        f"a product of matrices of {SIDE}x{SIDE} in {options.precision}, "
        f"{copy / 1e9:.1f} GB/s in a copy. Operations are those of convolutions and matrix products; bytes "
        "what each operation reads and writes, as if no "
        f"cache held any of it. To reach: {GOAL} % of the matrix product's peak.\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
