"""How soon the command answers, and how soon the first frame is painted.

    python benchmarks/startup.py [--runs 3]

`vidstyle --help` from the start of the process to its end, and a draft of the sample clip at 640x360 from the
start of the process to the event of its first frame. The package is compiled before, as pip leaves it. Writes
its section of BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine, write_section
from speed import CLIP, STYLE

import vidstyle

HELP_GOAL, FRAME_GOAL = 0.3, 6.0  # seconds


def help_seconds() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "vidstyle", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def import_seconds() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import cv2, av, torch"], check=True)
    return time.perf_counter() - began


def first_frame_seconds(folder: Path) -> float:
    command = [sys.executable, "-m", "vidstyle", "stylize", str(CLIP), str(STYLE), "--json", "-y"]
    command += ["-o", str(folder / "out.mp4"), "--quality", "draft", "--size", "640x360", "--restart"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        for line in child.stdout or ():
            if json.loads(line)["event"] == "frame_done":
                seconds = time.perf_counter() - began
                child.terminate()
                return seconds
    raise SystemExit("no frame was painted")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    compileall.compile_dir(Path(vidstyle.__file__).parent, quiet=1)
    imports = [import_seconds() for _ in range(options.runs)]
    helps = [help_seconds() for _ in range(2 * options.runs)]
    with tempfile.TemporaryDirectory() as name:
        frames = [first_frame_seconds(Path(name)) for _ in range(options.runs)]
    rows = ["| from the start of the process to | median | best | to reach |", "|---" * 4 + "|"]
    for told, seconds, goal in (
        ("the end of `import cv2, av, torch` and nothing else", imports, ""),
        ("the end of `vidstyle --help`", helps, f"{HELP_GOAL:g} s"),
        ("the first draft frame at 640x360", frames, f"{FRAME_GOAL:g} s"),
    ):
        rows.append(f"| {told} | {statistics.median(seconds):.2f} s | {min(seconds):.2f} s | {goal} |")
        print(rows[-1], file=sys.stderr, flush=True)
    write_section(
        "Start-up",
        f"`python benchmarks/startup.py` on {machine()}: the imports and the frame "
        f"{len(frames)} times, the help {len(helps)} times.\n\n" + "\n".join(rows),
    )


if __name__ == "__main__":
    main()
