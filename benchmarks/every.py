"""All of BENCHMARKS.md, one table after another, on this machine.

    python benchmarks/every.py --vgg FILE [--only speed growth]

Takes hours; nothing else should run beside it. FILE holds VGG-19's weights, at least
up to conv3_4. What fails is told at the end, and leaves its table as it was. `benchmarks/TEMPORAL.md` and
docs/scaling.md have commands of their own, and so has what needs a graphics card (gpu.py) or pictures that
are not ours (`live_quality.py --styles`).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
VGG = "--vgg"  # last, its file comes after it
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("speed.py", VGG),
    ("scores.py", VGG),
    ("video_2016.py", "--qualities", "live,draft,standard", "--frames", "3", VGG),
    ("features.py", VGG),
    ("roofline.py", "--qualities", "draft,standard", "--sizes", "480x270,640x360,1280x720,1920x1080"),
    ("growth.py",),
    ("still.py",),
    ("startup.py",),
    ("motion_cost.py",),
    ("large.py", "--sizes", "3840x2160", "--steps", "2,2,1", "--later"),
    ("large.py", "--sizes", "7680x4320", "--steps", "2,2,1"),
    ("live.py",),
    ("beside.py",),
    ("live_start.py", VGG),
    ("live_quality.py", "--minutes", "10", VGG),
    ("budget.py",),
    ("preview.py",),
    ("batch_overhead.py",),
)


def command(given: tuple[str, ...], vgg: Path) -> list[str]:
    script, *rest = given
    return [sys.executable, str(HERE / script), *rest, *([str(vgg)] if VGG in rest else [])]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = sorted({Path(script).stem for script, *_ in COMMANDS})
    parser.add_argument("--vgg", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    failed = []
    for given in COMMANDS:
        if Path(given[0]).stem not in options.only:
            continue
        print(f"== {' '.join(given)}", flush=True)
        if subprocess.run(command(given, options.vgg.absolute()), check=False).returncode:
            failed.append(" ".join(given))
    sys.exit("failed: " + "; ".join(failed) if failed else 0)


if __name__ == "__main__":
    main()
