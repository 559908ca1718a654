"""What more workers give, and what a split costs: two tables of docs/scaling.md.

    python benchmarks/scaling.py [--parts workers,joints] [--shots 8] [--frames 12] [--size 320x180]

`workers` paints a clip of many shots on Ray by one worker of one core, then by two, each kept to a core
of its own; their processes, networks and styles are ready before the clock starts, the scan of the clip
and the joining of its segments are in the time. `joints` paints one long shot whole and split, and
measures the warping error where stretches fade into each other and elsewhere. The measured times are
also written to --times, from which benchmarks/scaling_simulation.py goes on. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402
from machine import machine, write_section  # noqa: E402

from vidstyle.batch import Failed, KeptPainters, Task  # noqa: E402
from vidstyle.batch.fleet import Fleet  # noqa: E402
from vidstyle.batch.fleet_crew import Here  # noqa: E402
from vidstyle.batch.fleet_orders import Scan, absolute  # noqa: E402
from vidstyle.batch.ray_cluster import connected  # noqa: E402
from vidstyle.batch.ray_crew import RayCrew  # noqa: E402
from vidstyle.batch.split import OVERLAP, SHORTEST, joints  # noqa: E402
from vidstyle.frames import Frame  # noqa: E402
from vidstyle.media import DecodeFaults, VideoShape, VideoWriter, assemble, probe, read  # noqa: E402
from vidstyle.motion import track  # noqa: E402
from vidstyle.pipeline import FrameDone, Job, StyleFile, plan  # noqa: E402
from vidstyle.pipeline.apart import shots_of  # noqa: E402
from vidstyle.quality.warping import warping_error  # noqa: E402
from vidstyle.settings import Settings  # noqa: E402

STYLE = ROOT / "samples" / "styles" / "swirls.jpg"
DOCUMENT = ROOT / "docs" / "scaling.md"


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; size is (height, width)."""

    shots: int
    frames: int
    size: tuple[int, int]
    settings: Settings
    times: Path
    document: Path


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", default="workers,joints")
    parser.add_argument("--shots", type=int, default=8)
    parser.add_argument("--frames", type=int, default=12, help="of each shot")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--steps", type=int, help="of the solver, for a quick try")
    parser.add_argument("--times", type=Path, default=ROOT / "benchmarks" / "scaling_times.json")
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    given = parser.parse_args(arguments)
    width, height = map(int, given.size.split("x"))
    settings = Settings.preset(given.quality, steps=given.steps, device="cpu")
    if given.steps is not None:
        settings = replace(settings, first_steps=(given.steps,), min_steps=min(given.steps, 1))
    asked = Asked(given.shots, given.frames, (height, width), settings, given.times, given.document)
    if "workers" in given.parts:
        workers_part(asked)
    if "joints" in given.parts:
        joints_part(asked)


def workers_part(asked: Asked) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_clip(folder / "shots.mp4", asked, [asked.frames] * asked.shots)
        one, two = (fleet_seconds(source, count, asked, folder) for count in (1, 2))
        beside = chores(source, folder, asked)
    frames = asked.shots * asked.frames
    rows = [
        f"| {count} | {taken.seconds:.1f} | {frames / taken.seconds:.3f} "
        f"| {one.seconds / taken.seconds:.2f} |"
        for count, taken in ((1, one), (2, two))
    ]
    text = (
        f"{asked.shots} shots of {asked.frames} frames, {asked.size[1]}x{asked.size[0]}. {machine()}.\n\n"
        "| one-core workers | seconds | frames a second | times one worker |\n|---:|---:|---:|---:|\n"
        + "\n".join(rows)
    )
    write_section("Two workers against one", text, asked.document, "Scaling")
    asked.times.write_text(
        json.dumps(
            {
                "machine": machine(),
                "size": f"{asked.size[1]}x{asked.size[0]}",
                "first_frame": one.first,
                "later_frame": one.later,
                **beside,
                "message": message_seconds(),
            },
            indent=1,
        )
        + "\n"
    )
    print(text)


def chores(source: Path, folder: Path, asked: Asked) -> dict[str, float]:
    """Seconds that a clip takes besides painting: the scan of a frame, the driver's opening and finish."""
    job = Job(source, (StyleFile(STYLE),), folder / "chores.mp4", asked.settings)
    began = time.monotonic()
    planned = plan(job)
    opened = time.monotonic()
    pts, _ = shots_of(planned, DecodeFaults())
    scanned = time.monotonic()
    whole = folder / "joined.mp4"
    assemble([folder / "1.mp4"], whole, source=source, start=None, duration=None, metadata={})
    for _ in read(whole, size=(16, 16)):
        pass  # as the pipeline counts what it has made
    joined = time.monotonic()
    return {
        "open_clip": opened - began,
        "scan_frame": (scanned - opened) / len(pts),
        "finish_frame": (joined - scanned) / len(pts),
    }


def message_seconds(count: int = 500) -> float:
    """Seconds of the driver's time that hearing of a frame takes."""
    with connected("local") as ray:

        def tell() -> Iterator[FrameDone]:
            for index in range(count):
                yield FrameDone(index, index, 0.1, False)

        messages = ray.remote(tell).options(num_returns="streaming").remote()
        ray.get(next(messages))
        time.sleep(1)  # until all of them wait: what is measured is taking them, not making them
        began = time.process_time()
        for _ in range(count - 1):
            ray.wait([messages], num_returns=1)
            ray.get(next(messages))
        return (time.process_time() - began) / (count - 1)


@dataclass(frozen=True)
class Taken:
    """Seconds of a whole run, and the medians of the first and of the later frames of its shots."""

    seconds: float
    first: float
    later: float


def fleet_seconds(source: Path, workers: int, asked: Asked, folder: Path) -> Taken:
    """Paint a clip by some workers, each on a core of its own, all of them ready before."""
    cores = folder / f"cores-{workers}"
    cores.mkdir()
    job = Job(source, (StyleFile(STYLE),), folder / f"{workers}.mp4", asked.settings)
    painting: list[FrameDone] = []
    with connected("local") as ray:
        crew = RayCrew(ray, Pinned(cores), workers=workers, gpus=0)
        warm(crew, workers, job)
        began = time.monotonic()
        for report in Fleet(lambda: crew).run([Task(0, job)]):
            if isinstance(report.event, Failed):
                raise report.event.error
            if isinstance(report.event, FrameDone):
                painting.append(report.event)
        seconds = time.monotonic() - began
    later = [event.seconds for event in painting if not event.shot_begins]
    return Taken(
        seconds,
        statistics.median(event.seconds for event in painting if event.shot_begins),
        statistics.median(later) if later else 0.0,
    )


def warm(crew: RayCrew, workers: int, job: Job) -> None:
    """Wait until every worker is there and has loaded its network."""
    while len(crew.idle()) < workers:
        crew.hear()
    for worker in list(crew.idle()):
        crew.give(worker, Scan(absolute(job)))
    while len(crew.idle()) < workers:
        crew.hear()


class Pinned:
    """Makes painters in a process that keeps to one core, another one for each process."""

    def __init__(self, taken: Path) -> None:
        self._taken = taken

    def __call__(self) -> KeptPainters:
        for core in sorted(os.sched_getaffinity(0)):
            try:
                (self._taken / str(core)).mkdir()
            except FileExistsError:
                continue
            os.sched_setaffinity(0, {core})
            break
        return KeptPainters()


def joints_part(asked: Asked) -> None:
    frames = max(2 * SHORTEST, asked.frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_clip(folder / "long.mp4", asked, [frames])
        job = Job(source, (StyleFile(STYLE),), folder / "whole.mp4", asked.settings)
        split = replace(job, output=folder / "split.mp4", split=2)
        for one in (job, split):
            for report in Fleet(lambda: Here(KeptPainters)).run([Task(0, one)]):
                if isinstance(report.event, Failed):
                    raise report.event.error
        found = {
            one.output.stem: (list(errors(source, one.output, 1)), list(errors(source, one.output, OVERLAP)))
            for one in (job, split)
        }
    (joint,) = joints(frames, 2)
    # Ten frames back reaches over the joint until ten frames after its last.
    reach = {1: range(joint, joint + OVERLAP), OVERLAP: range(joint, joint + 2 * OVERLAP)}
    rows = []
    for inside, place in ((True, "at the joint"), (False, "elsewhere")):
        for stem, both in found.items():
            means = (
                statistics.fmean(
                    value
                    for index, value in enumerate(values, start=gap)
                    if (index in reach[gap]) == inside and not math.isnan(value)
                )
                for values, gap in zip(both, (1, OVERLAP), strict=True)
            )
            rows.append(f"| {stem} | {place} | " + " | ".join(f"{mean:.5f}" for mean in means) + " |")
    text = (
        f"One shot of {frames} frames, {asked.size[1]}x{asked.size[0]}, painted whole and in two stretches "
        f"that fade into each other over {OVERLAP} frames from frame {joint} on.\n\n"
        f"| painted | frames | warping error | {OVERLAP} frames back |\n|---|---|---:|---:|\n"
        + "\n".join(rows)
    )
    write_section("What a split costs", text, asked.document, "Scaling")
    print(text)


def errors(source: Path, painted: Path, gap: int) -> Iterator[float]:
    """Warping error of each frame against the one `gap` frames before, along the source's motion."""
    video = probe(painted).video
    frames = list(read(source, size=(video.height, video.width)))
    pictures = list(read(painted))
    for index in range(gap, len(frames)):
        (_, (_, motion)) = track([frames[index - gap], frames[index]])
        yield warping_error(pictures[index].floats(), pictures[index - gap].floats(), motion)


def write_clip(path: Path, asked: Asked, shots: list[int]) -> Path:
    """Shots of clouds of colour that drift by two pixels a frame; each shot has its own."""
    height, width = asked.size
    shape = VideoShape(width, height, time_base=Fraction(1, 25), rate=Fraction(25))
    index = 0
    with VideoWriter(path, shape, Job(path, (StyleFile(path),), path).encoding) as writer:
        for shot, frames in enumerate(shots):
            clouds = _clouds(asked.size, 2 * frames, shot)
            for step in range(frames):
                picture = np.ascontiguousarray(clouds[:, 2 * step : 2 * step + width])
                writer.add(Frame(picture, pts=index, time_base=Fraction(1, 25), index=index))
                index += 1
    return path


def _clouds(size: tuple[int, int], margin: int, seed: int) -> npt.NDArray[np.uint8]:
    """(H, W + margin, 3) uint8: soft shapes of all sizes."""
    random = np.random.default_rng(seed)
    whole = np.zeros((size[0], size[1] + margin, 3), np.float32)
    for grain in (64, 24, 8):
        rows, columns = size[0] // grain + 2, whole.shape[1] // grain + 2
        small = random.random((rows, columns, 3), np.float32)
        whole += cv2.resize(small, (whole.shape[1], size[0]), interpolation=cv2.INTER_CUBIC) * grain
    return np.asarray(np.clip(whole / 96 * 255, 0, 255), np.uint8)


if __name__ == "__main__":
    main()
