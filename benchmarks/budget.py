"""Whether a batch keeps to its budget: the sample clip in two styles, in several times.

    python benchmarks/budget.py [--budgets 60,100] [--size 320x180]

Each batch is the command itself, in a process of its own; the time is the batch's own, as it reports
it. Writes its section of BENCHMARKS.md. Run it on an idle machine: what others take, the budget cannot know.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine, write_section

SAMPLES = Path(__file__).parents[1] / "samples"
STYLES = ("swirls", "ink")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--budgets", default="60,100", help="in seconds")
    parser.add_argument("--size", default="320x180")
    options = parser.parse_args()
    rows = [
        "| budget | time, start to end of the process | of the budget | what it chose |",
        "|---" * 4 + "|",
    ]
    for budget in options.budgets.split(","):
        seconds, choices = batch(float(budget), options.size)
        rows.append(f"| {budget} s | {seconds:.0f} s | {100 * seconds / float(budget):.0f} % | {choices} |")
        print(rows[-1], flush=True)
    intro = (
        f"`python benchmarks/budget.py --size {options.size}` on {machine()}: "
        "the sample clip (100 frames) in two styles, one job after the other."
    )
    write_section("Budgets", f"{intro}\n\n" + "\n".join(rows))


def batch(budget: float, size: str) -> tuple[float, str]:
    """Seconds that a batch took, and what it chose for each job."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "jobs.json"
        jobs = [
            {"input": str(SAMPLES / "harbour.mp4"), "styles": str(SAMPLES / "styles" / f"{style}.jpg")}
            for style in STYLES
        ]
        manifest.write_text(
            json.dumps({"defaults": {"output": "{stem}_{style}.mp4", "size": size}, "jobs": jobs})
        )
        command = [sys.executable, "-m", "vidstyle", "batch", str(manifest), "--budget", f"{budget:g}s"]
        began = time.monotonic()
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds = time.monotonic() - began
    chosen = [line.split("Budget: ")[1] for line in ended.stderr.splitlines() if "Budget: " in line]
    return seconds, "; ".join(chosen)


if __name__ == "__main__":
    main()
