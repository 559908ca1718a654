"""What a batch costs beyond its frames: many small jobs in one manifest, time and memory for each.

python benchmarks/batch_overhead.py --jobs 1000 --kind stills
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from machine import machine, write_section

from vidstyle.batch import Batch, InProcess, KeptPainters, prepare
from vidstyle.frames import Frame, Motion
from vidstyle.media import Encoding, VideoShape, VideoWriter
from vidstyle.pipeline import Finished, FrameDone, Painter
from vidstyle.pipeline.footage import Footage
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import StylePicture, Stylizer

SIDE = 32


@dataclass(frozen=True)
class Overhead:
    """Seconds of all jobs together, and memory in MB after the first tenth of them and after the last.

    Attributes:
        jobs: how many.
        preparing: seconds to check them.
        running: seconds to do them.
        painting: of these, in the solver.
        computing: of both, seconds of processor time outside the solver: what other programs cannot disturb.
        memory_early: resident.
        memory_late: resident.
    """

    jobs: int
    preparing: float
    running: float
    painting: float
    computing: float
    memory_early: float
    memory_late: float

    @property
    def each(self) -> float:
        """Seconds a job beyond the frames' own."""
        return (self.preparing + self.running - self.painting) / self.jobs


class Timed(KeptPainters):
    """Kept painters, with the processor time that they paint for.

    Attributes:
        seconds: of the thread that paints, which is the only one with torch on one thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def __call__(
        self, styles: Sequence[StylePicture], settings: Settings, footage: Footage | None = None
    ) -> Painter:
        painter = super().__call__(styles, settings, footage)
        return replace(painter, stylizer=TimedStylizer(painter.stylizer, self))


class TimedStylizer:
    """A stylizer that is watched."""

    def __init__(self, stylizer: Stylizer, timed: Timed) -> None:
        self._stylizer, self._timed = stylizer, timed
        self.state, self.restore = stylizer.state, stylizer.restore

    def start(self, frame: Frame) -> Frame:
        began = time.thread_time()
        painted = self._stylizer.start(frame)
        self._timed.seconds += time.thread_time() - began
        return painted

    def next(self, frame: Frame, motion: Motion) -> Frame:
        began = time.thread_time()
        painted = self._stylizer.next(frame, motion)
        self._timed.seconds += time.thread_time() - began
        return painted


def measure(jobs: int, kind: str, folder: Path) -> Overhead:
    manifest = make_manifest(jobs, kind, folder)
    began, computing, painters = time.perf_counter(), time.process_time(), Timed()
    prospects = prepare(manifest)
    prepared = time.perf_counter()
    painting, ended, early = 0.0, 0, 0.0
    batch = Batch(prospects, InProcess(1, painters))
    with closing(batch.run()) as reports:
        for report in reports:
            if isinstance(report.event, FrameDone):
                painting += report.event.seconds
            if isinstance(report.event, Finished):
                ended += 1
                early = resident() if ended == max(1, jobs // 10) else early
    if batch.failed or ended != jobs:
        raise SystemExit(f"{jobs - ended} jobs failed, the first with {batch.failed[0].error}")
    running = time.perf_counter() - prepared
    computing = time.process_time() - computing - painters.seconds
    return Overhead(jobs, prepared - began, running, painting, computing, early, resident())


def make_manifest(jobs: int, kind: str, folder: Path) -> Path:
    """A source and a job of its own for every job, all in one style."""
    cv2.imwrite(str(folder / "style.png"), picture(0, 64))
    entries = []
    for number in range(jobs):
        name = f"{number:04}.{'png' if kind == 'stills' else 'mp4'}"
        if kind == "stills":
            cv2.imwrite(str(folder / name), picture(number, SIDE))
        else:
            write_clip(folder / name, number)
        entries.append({"input": name})
    defaults = {
        "styles": "style.png",
        "output": f"{{stem}}-painted.{'png' if kind == 'stills' else 'mp4'}",
        "quality": "draft",
        "first_steps": [1],
        "steps": 1,
        "min_steps": 1,
    }
    path = folder / "jobs.json"
    path.write_text(json.dumps({"defaults": defaults, "jobs": entries}, indent=1))
    return path


def picture(seed: int, side: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 256, (side // 4, side // 4, 3), dtype=np.uint8)
    return cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)


def write_clip(path: Path, seed: int) -> None:
    with VideoWriter(path, VideoShape(SIDE, SIDE), Encoding()) as writer:
        for number in range(2):
            writer.add(Frame(picture(seed, SIDE), pts=number))


def resident() -> float:
    """MB of this process in memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def lines(kind: str, found: Overhead) -> Iterator[str]:
    yield f"{found.jobs} {kind} of {SIDE}x{SIDE}"
    yield f"  checking   {1000 * found.preparing / found.jobs:6.1f} ms a job"
    yield f"  running    {1000 * found.running / found.jobs:6.1f} ms a job"
    yield f"  of it, the frames' own {1000 * found.painting / found.jobs:6.1f} ms"
    yield f"  overhead   {1000 * found.each:6.1f} ms a job (to reach: 50)"
    yield f"  of it, processor time {1000 * found.computing / found.jobs:6.1f} ms a job"
    yield f"  memory     {found.memory_early:.0f} MB after a tenth, {found.memory_late:.0f} MB at the end"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--kind", choices=("stills", "clips"), default="stills")
    parser.add_argument("--threads", type=int, default=1, help="of torch: tiny pictures want one")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as place:
        overhead = measure(arguments.jobs, arguments.kind, Path(place))
    print(json.dumps(asdict(overhead)) if arguments.json else "\n".join(lines(arguments.kind, overhead)))
    write_section(
        "A batch of a thousand small jobs",
        f"`python benchmarks/batch_overhead.py --kind {arguments.kind} --jobs {arguments.jobs}` "
        f"on {machine()}.\n"
        "\n```\n" + "\n".join(lines(arguments.kind, overhead)) + "\n```",
    )
