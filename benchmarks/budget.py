"""Whether a batch keeps to its budget: the sample clip in two styles, in several shares of its time.

    python benchmarks/budget.py [--shares 0.6,0.8,2] [--size 320x180]

Each batch is the command itself, in a process of its own; its whole time is that of a dry run. Writes its
section of BENCHMARKS.md. Run it on an idle machine: what others take, the budget cannot know.
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
    parser.add_argument("--shares", default="0.6,0.8,2", help="of the time that all steps would take")
    parser.add_argument("--size", default="320x180")
    options = parser.parse_args()
    rows = [
        "| budget | of the whole | time, start to end of the process | of the budget | what it chose |",
        "|---" * 5 + "|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        manifest = write_manifest(Path(folder), options.size)
        for share in map(float, options.shares.split(",")):
            asked = round(share * planned(manifest))
            seconds, choices = batch(manifest, asked)
            kept = f"{seconds:.0f} s | {100 * seconds / asked:.0f} %"
            rows.append(f"| {asked} s | {100 * share:.0f} % | {kept} | {choices} |")
            print(rows[-1], flush=True)
    intro = (
        f"`python benchmarks/budget.py --size {options.size}` on {machine()}: "
        "the sample clip (100 frames) in two styles, one job after the other. The whole is what all steps "
        "would take at this size, as a dry run estimates it."
    )
    write_section("Budgets", f"{intro}\n\n" + "\n".join(rows))


def write_manifest(folder: Path, size: str) -> Path:
    """The clip in each style."""
    jobs = [
        {"input": str(SAMPLES / "harbour.mp4"), "styles": str(SAMPLES / "styles" / f"{style}.jpg")}
        for style in STYLES
    ]
    path = folder / "jobs.json"
    path.write_text(json.dumps({"defaults": {"output": "{stem}_{style}.mp4", "size": size}, "jobs": jobs}))
    return path


def planned(manifest: Path) -> float:
    """Seconds that a dry run estimates."""
    ended = run(manifest, "--dry-run", "--json", "--restart", "-y")
    return float(json.loads(ended.stdout.splitlines()[-1])["seconds"])


def batch(manifest: Path, budget: float) -> tuple[float, str]:
    """Seconds that a batch took, and what it chose for each job."""
    began = time.monotonic()
    ended = run(manifest, "--budget", f"{budget:g}s", "--restart", "-y")
    seconds = time.monotonic() - began
    chosen = [line.split("Budget: ")[1] for line in ended.stderr.splitlines() if "Budget: " in line]
    return seconds, " ".join(chosen)


def run(manifest: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command's run, ended well."""
    command = [sys.executable, "-m", "vidstyle", "batch", str(manifest), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True)


if __name__ == "__main__":
    main()
