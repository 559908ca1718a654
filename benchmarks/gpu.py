"""All that is claimed of a graphics card, in some minutes.

    python benchmarks/gpu.py [--device cuda] [--frames N] [--rates QUALITY:SIZE ...] [--live SIZE ...]

Frames a second of whole renders, with decoding, flow, encoding and where their time goes; a frame solved with
its steps launched operation by operation and as CUDA graphs; and the session of `vidstyle live`. Writes its
section of BENCHMARKS.md. `--device cpu --frames 4 --rates draft:160x96 --live` tries it without a card.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from live import flowing, painter, session_of, timed
from machine import machine, write_section
from roofline import later_times, peaks, sizes_of
from speed import CLIP, STYLE, long_clip
from torch.utils.flop_counter import FlopCounterMode

from vidstyle.media import Encoding, read, read_picture
from vidstyle.motion import pairs_at_once, track
from vidstyle.pipeline.device import choose_device, choose_precision
from vidstyle.pipeline.events import FrameDone
from vidstyle.pipeline.job import Job, StyleFile
from vidstyle.pipeline.painter import optimising_painter
from vidstyle.pipeline.passing import in_passing
from vidstyle.pipeline.profile import Profile
from vidstyle.pipeline.render import render
from vidstyle.settings import Settings
from vidstyle.synthesis.optimiser import OptimisingStylizer
from vidstyle.synthesis.stylizer import StylePicture

RATES = (
    *("draft:1280x720", "standard:1280x720", "high:1280x720"),
    *("standard:1920x1080", "standard:3840x2160"),
)
TO_REACH = {"standard:1280x720": 30, "high:1280x720": 10, "standard:3840x2160": 3}
LIVE_TO_REACH = {"1920x1080": 60}
WARM = 8  # frames after the first that count for nothing: graphs are captured, kernels chosen
TIMED = 6  # frames that are solved for the second table


def rate_row(what: str, frames: int, device: str, folder: Path) -> str:
    """A render's row of the first table."""
    quality, size = what.split(":")
    clip = long_clip(folder, frames, sizes_of(size)[0])
    job = Job(
        source=clip,
        styles=(StyleFile(STYLE, 1.0),),
        output=folder / f"{quality}_{size}.mp4",
        settings=Settings.preset(quality, device=device),
        encoding=Encoding(),
    )
    began, walls, solving = time.monotonic(), [], []
    with Profile(folder / "trace.json") as profile:
        for event in render(job, profile=profile):
            if isinstance(event, FrameDone):
                walls.append(time.monotonic() - began)
                solving.append(event.seconds)
        stages = {each.stage: each for each in profile.times()}
    skipped = min(WARM, len(walls) // 2)
    rate = (len(walls) - 1 - skipped) / (walls[-1] - walls[skipped])
    waits = stages["solve"].input_seconds, stages["solve"].room_seconds
    goal = TO_REACH.get(what, "")
    row = (
        f"| {quality} | {size} | {walls[0]:.1f} s | {rate:.1f} | {goal} | "
        f"{1e3 * statistics.median(solving[1:]):.1f} ms | "
        f"{1e3 * waits[0] / len(walls):.1f} ms | {1e3 * waits[1] / len(walls):.1f} ms | "
        f"{1e3 * stages['decode'].seconds / len(walls):.1f} ms | "
        f"{1e3 * stages['encode'].seconds / len(walls):.1f} ms |"
    )
    print(row, file=sys.stderr, flush=True)
    return row


def rates_part(rates: Iterable[str], frames: int, device: str, folder: Path) -> str:
    rows = [
        "| quality | size | first frame after | frames a second | to reach | solving a frame "
        "| waits for flow | waits for the encoder | decoding a frame | encoding a frame |",
        "|---" * 10 + "|",
        *(rate_row(what, frames, device, folder) for what in rates),
    ]
    return (
        f"Whole renders of {frames} frames of the sample clip's first shot, encoded at that size, in style "
        f"swirls; the rate is wall time from frame {WARM + 2} on. Decoding, flow (of several frames at "
        "once), solving and encoding run side by side: what solving waits for is what holds it up.\n\n"
        + "\n".join(rows)
    )


def step_part(rates: Iterable[str], device: str) -> str:
    """A later frame solved, with its steps launched one by one and as graphs."""
    chosen = choose_device(device)
    product, _ = peaks(choose_precision("auto", chosen, in_bytes=False), chosen)
    rows = [
        "| quality | size | launched one by one | as graphs | operations | of a matrix product's peak |",
        "|---" * 6 + "|",
    ]
    for what in rates:
        quality, size = what.split(":")
        width, height = sizes_of(size)[0]
        one, graphs, operations = frame_costs(quality, (height, width), device)
        rows.append(
            f"| {quality} | {size} | {1e3 * one:.1f} ms | {1e3 * graphs:.1f} ms | {operations / 1e9:.0f} G | "
            f"{100 * operations / graphs / product:.0f} % |"
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return (
        "Solving a later frame of a shot (all that happens on the device, from the frame to the picture), "
        f"the median of {TIMED}. The matrix product gives {product / 1e12:.0f} TFLOP/s.\n\n" + "\n".join(rows)
    )


def frame_costs(quality: str, size: tuple[int, int], device: str) -> tuple[float, float, float]:
    """Seconds of a later frame without graphs and with them, and its operations; size (height, width)."""
    settings = Settings.preset(quality, device=device)
    sources = list(islice(read(CLIP, size=size), 2 * TIMED))
    at_once = pairs_at_once(*size)
    moving = list(track(sources, preset=settings.flow, mend=settings.mending, whole=False, at_once=at_once))
    stylizer = optimising_painter([StylePicture(read_picture(STYLE).pixels)], settings).stylizer
    assert isinstance(stylizer, OptimisingStylizer)
    found = []
    graphs = stylizer.graphs
    for used in (None, graphs):
        stylizer.graphs = used
        stylizer.start(moving[0][0])
        found.append(statistics.median(later_times(stylizer, moving[1:])[-TIMED:]))
    stylizer.graphs = None
    with FlopCounterMode(display=False) as operations:
        stylizer.next(*moving[-1])
    return found[0], found[1], float(operations.get_total_flops())


def live_part(sizes: Iterable[str], device: str, folder: Path) -> str:
    """The live session's frames a second, into an encoded file."""
    stylizer = in_passing(lambda: painter(STYLE, device))
    rows = ["| size | frames a second | to reach | latency: median, 95th percentile |", "|---" * 4 + "|"]
    for size in sizes:
        (wanted,) = sizes_of(size)
        run = timed(session_of(flowing(wanted, 120), stylizer, wanted), 8.0, "file", folder)
        rows.append(
            f"| {size} | {run.rate:.1f} | {LIVE_TO_REACH.get(size, '')} | {1e3 * run.latency:.0f} ms, "
            f"{1e3 * run.latency_p95:.0f} ms |"
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return (
        "The session of `vidstyle live` on a source of up to 120 frames a second, with decoding, flow, "
        "network, stabiliser and H.264 into a file.\n\n" + "\n".join(rows)
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--rates", nargs="*", default=RATES)
    parser.add_argument("--live", nargs="*", default=["1280x720", "1920x1080"])
    options = parser.parse_args()
    parts = []
    with tempfile.TemporaryDirectory() as name:
        if options.rates:
            parts.append(step_part(options.rates, options.device))
            parts.append(rates_part(options.rates, options.frames, options.device, Path(name)))
        if options.live:
            parts.append(live_part(options.live, options.device, Path(name)))
    title = "On a graphics card" if options.device == "cuda" else f"The same on {options.device}"
    asked = " ".join(["--rates", *options.rates, "--live", *options.live])
    write_section(title, f"`python benchmarks/gpu.py {asked}` on {machine()}.\n\n" + "\n\n".join(parts))


if __name__ == "__main__":
    main()
