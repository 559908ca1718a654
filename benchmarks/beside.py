"""What another program that keeps a core busy costs, and what it would if threads waited awake.

    python benchmarks/beside.py [--seconds 5] [--runs 3]

`vidstyle live` on a moving test picture of 320x180 at 24 frames a second, and a draft of the sample clip at
640x360, each alone and beside a process that does nothing but count: as the command has OpenMP's threads
wait for each other (`vidstyle/cli/waiting.py`), and as GNU's OpenMP has it by default, by turns. Linux only.
Writes its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import machine, write_section
from speed import CLIP, STYLE

RATE = 24
LIVE = re.compile(r"\(([\d.]+) a second\).* latency (\d+) ms, 95th percentile (\d+) ms")
DRAFT = re.compile(r"\(([\d.]+) s a frame\)")
WAYS = {"as it is": {}, "as OpenMP comes": {"GOMP_SPINCOUNT": "300000"}}


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many processes that keep a core busy each."""
    counting = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in counting:
            process.kill()
            process.wait()


def told(pattern: re.Pattern[str], way: dict[str, str], *arguments: str) -> tuple[float, ...]:
    """What the command says at its end."""
    command = [sys.executable, "-m", "vidstyle", *arguments]
    ended = subprocess.run(command, env={**os.environ, **way}, capture_output=True, text=True, check=False)
    found = pattern.search(ended.stderr)
    if found is None:
        raise SystemExit(f"nothing was told of how it went: {ended.stderr}")
    return tuple(map(float, found.groups()))


def run(way: str, processes: int, seconds: float, folder: Path) -> tuple[float, ...]:
    """Of the live picture frames a second, and milliseconds, the median and the 95th percentile; of the draft
    seconds a frame."""
    source = f"lavfi:testsrc2=size=320x180:rate={RATE}:duration={seconds},format=yuv420p,realtime"
    output = str(folder / "out.mkv")
    Path(output).unlink(missing_ok=True)
    with busy(processes):
        live = told(LIVE, WAYS[way], "live", str(STYLE), "--no-window", "--input", source, "-o", output)
        draft = ["stylize", str(CLIP), str(STYLE), "-o", output, "-y", "--restart", "--quality", "draft"]
        return live + told(DRAFT, WAYS[way], *draft, "--size", "640x360", "--duration", "0.48")


def rows_beside(processes: int, runs: int, seconds: float, folder: Path) -> Iterator[str]:
    """A row for each way, of medians."""
    turns = [{way: run(way, processes, seconds, folder) for way in WAYS} for _ in range(runs)]
    beside = f"{processes} busy process" if processes else "nothing"
    for way in WAYS:
        rate, late, latest, draft = map(statistics.median, zip(*(turn[way] for turn in turns), strict=True))
        yield f"| {beside} | {way} | {rate:.1f} | {late:.0f}, {latest:.0f} ms | {draft:.2f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5, help="of the live picture")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    rows = [
        "| beside | threads wait | live: frames a second | latency: median, 95th percentile "
        "| draft: all of a frame |",
        "|---" * 5 + "|",
    ]
    with tempfile.TemporaryDirectory() as name:
        for processes in (0, 1):
            for row in rows_beside(processes, options.runs, options.seconds, Path(name)):
                rows.append(row)
                print(row, file=sys.stderr, flush=True)
    write_section(
        "Beside other work",
        f"`python benchmarks/beside.py` on {machine()}: a live picture of 320x180 that comes at {RATE} "
        "frames a second, and a draft of 12 frames of 640x360, the first among them, alone and beside a "
        f"process that counts; medians of {options.runs} runs by turns.\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
