"""What memory and time large frames take, seen whole and in tiles, and whether tiles can be seen.

    python benchmarks/large.py [--sizes 3840x2160,7680x4320] [--steps 50,30,12] [--later]

Paints the first frame of a shot in draft, of the sample clip enlarged, each time in a process of its own:
as vidstyle chooses by itself, as it would with less memory free, and whole where that fits; with --later
one more frame, whose flow is trusted by half. Writes a section of BENCHMARKS.md for each size; --keep
FOLDER keeps the pictures.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from machine import machine, write_section

from vidstyle.features import load_features
from vidstyle.frames import Motion
from vidstyle.media import read, read_picture
from vidstyle.pipeline.allocator import keep_freed_memory
from vidstyle.pipeline.device import choose_device, choose_precision
from vidstyle.settings import Settings
from vidstyle.synthesis import OptimisingStylizer, StylePicture
from vidstyle.synthesis.octaves import MARGIN, Octaves
from vidstyle.synthesis.room import SIDES
from vidstyle.synthesis.tiles import spans

SAMPLES = Path(__file__).parents[1] / "samples"
LESS = 5_000_000_000  # bytes; what a card of 8 GB has free beside a desktop and other programs
BESIDE = 4  # pixels on each side of a border between tiles that count as beside it
SNUG = 0.7  # of what vidstyle wants free for a whole frame, what it takes at most
PLENTY = 1 << 50  # bytes; whole, whatever there is


def stylizer_with(free: int | None, steps: tuple[int, ...]) -> OptimisingStylizer:
    """One that finds so many bytes free; None measures them."""
    device = choose_device("cpu")
    network = load_features("builtin", None, device, choose_precision("auto", device))
    keep_freed_memory()
    style = StylePicture(read_picture(SAMPLES / "styles" / "swirls.jpg").pixels)
    draft = Settings.preset("draft")
    last = min(steps[-1], draft.steps)
    settings = replace(draft, first_steps=steps, steps=last, min_steps=min(last, draft.min_steps))
    stylizer = OptimisingStylizer([style], settings, network)
    stylizer.room.begin()
    stylizer.room.free = free or stylizer.room.free
    return stylizer


def peak() -> float:
    """GB that this process has held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def paint(stylizer: OptimisingStylizer, size: tuple[int, int], picture: Path, later: bool) -> dict[str, Any]:
    """Paint in this process; size is (height, width)."""
    network = Octaves(stylizer.network, size[0])
    frame = next(iter(read(SAMPLES / "harbour.mp4", size=size)))
    told: dict[str, Any] = {"free": stylizer.room.free, "side": stylizer.room.side(network, size)}
    began = time.monotonic()
    painted = stylizer.start(frame)
    told |= {"first": time.monotonic() - began, "peak": peak()}
    cv2.imwrite(str(picture), np.ascontiguousarray(painted.bytes()[..., ::-1]))
    if later:
        motion = Motion(np.zeros((*size, 2), np.float32), np.full(size, 0.5, np.float32), False)
        began = time.monotonic()
        stylizer.next(frame, motion)
        told |= {"later": time.monotonic() - began, "peak later": peak()}
    return told


def apart(size: str, free: int | None, picture: Path, steps: str, later: bool) -> dict[str, Any]:
    """Paint in another process."""
    command = [sys.executable, __file__, "--paint", size, "--picture", str(picture), "--steps", steps]
    command += [] if free is None else ["--free", str(free)]
    command += ["--later"] if later else []
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found | {"picture": picture}


def beside_borders(size: tuple[int, int], side: int) -> np.ndarray:
    """Where two tiles meet nearby, (H, W) bool."""
    network = load_features("builtin")
    near = np.zeros(size, bool)
    for axis, length in enumerate(size):
        for span in spans(length + 2 * MARGIN, side, max(network.strides), network.reach)[1:]:
            place = span.begin - MARGIN
            np.moveaxis(near, axis, 0)[place - BESIDE : place + BESIDE] = True
    return near


def seam(whole: Path, tiled: Path, side: int) -> str:
    """How far two pictures differ beside the borders of tiles and elsewhere, in levels of 255."""
    one, other = (read_picture(path).bytes().astype(np.float32) for path in (whole, tiled))
    difference = np.abs(one - other).mean(2)
    near = beside_borders((one.shape[0], one.shape[1]), side)
    return f"{difference[near].mean():.2f}, {difference[~near].mean():.2f}"


def rows(name: str, folder: Path, steps: str, less: int, later: bool) -> list[str]:
    """What painting a size takes in each way."""
    size, stylizer = size_of(name), stylizer_with(None, (1,))
    room, network = stylizer.room, Octaves(stylizer.network, size_of(name)[0])
    fits = room.needed(network, size, None) * SNUG < (room.free or 0)
    frees = [None] + [less] * (room.needed(network, size, SIDES[-1]) < less)
    if fits and room.side(network, size) is not None:
        frees.append(PLENTY)
    found = [
        apart(name, free, folder / f"{name}_{number}.png", steps, later) for number, free in enumerate(frees)
    ]
    whole = next((told["picture"] for told in found if told["side"] is None), None)
    lines = []
    for told in found:
        side, free = told["side"], told["free"]
        cells = [name, "" if free == PLENTY else f"{free / 1e9:.1f} GB"]
        cells += [
            "whole" if side is None else f"tiles of {side}",
            f"{told['peak']:.1f} GB",
            f"{told['first']:.0f} s",
        ]
        cells += [f"{told['peak later']:.1f} GB", f"{told['later']:.0f} s"] if later else []
        cells.append("" if side is None or whole is None else seam(whole, told["picture"], side))
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="3840x2160,7680x4320")
    parser.add_argument("--steps", default="50,30,12", help="of the first frame, coarse to fine")
    parser.add_argument("--less", type=int, default=LESS, help="bytes that are said to be free")
    parser.add_argument("--later", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--paint", help=argparse.SUPPRESS)  # what `apart` runs
    parser.add_argument("--free", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--picture", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.paint:
        steps = tuple(map(int, options.steps.split(",")))
        stylizer = stylizer_with(options.free, steps)
        print(json.dumps(paint(stylizer, size_of(options.paint), options.picture, options.later)))
        return
    with tempfile.TemporaryDirectory() as name:
        for size in options.sizes.split(","):
            folder = options.keep or Path(name)
            lines = rows(size, folder, options.steps, options.less, options.later)
            command = f"--sizes {size} --steps {options.steps}" + (" --later" if options.later else "")
            command += f" --less {options.less}" if options.less != LESS else ""
            write_section(f"Frames of {size}", section(command, lines, options.later))


def section(command: str, lines: list[str], later: bool) -> str:
    heads = ["size", "free", "seen", "peak memory", "first frame"]
    heads += ["peak with a later frame", "later frame"] if later else []
    heads += ["differs from whole: beside borders, elsewhere"]
    return (
        f"`python benchmarks/large.py {command}` on {machine()}: a frame of the sample clip enlarged, "
        "draft but for these steps, style swirls, alone in its process. *Free* is what vidstyle found free, "
        "or was told that it is, before it chose; memory is the largest resident size with all libraries. "
        f"Differences are means in levels of 255, within {BESIDE} pixels of where two tiles meet "
        "and elsewhere.\n\n" + "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *lines])
    )


def size_of(text: str) -> tuple[int, int]:
    """(height, width) of "1920x1080"."""
    width, height = map(int, text.split("x"))
    return height, width


if __name__ == "__main__":
    main()
