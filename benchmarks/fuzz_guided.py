"""Fuzzing that follows the code's branches (atheris): a table of docs/reliability.md.

    pip install atheris
    python benchmarks/fuzz_guided.py --seconds 60 --write

Styles, manifests, schedules, weights and records, as bytes that atheris changes where a new branch of
vidstyle's own Python was reached. Each may be read, or refused by vidstyle's own error; anything else ends
the run.
What C code makes of videos is for `fuzz.py`, whose files are whole runs of the command. Linux and macOS.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FunctionType

from fuzzing import seeds
from machine import machine, write_section

RELIABILITY = Path(__file__).parents[1] / "docs" / "reliability.md"
# What each target begins with, by the names of `seeds` where it is one of those.
BEGINNINGS = {
    "manifest.toml": "toml",
    "manifest.json": "json",
    "manifest.csv": "csv",
    "schedule.toml": "",
    "weights.safetensors": "safetensors",
    "weights.pth": "pth",
    "style.png": "png",
    "style.jpg": "jpeg",
    "record.json": "",
}
SCHEDULE = """[[keyframe]]
at = "0:02"
style_weights = [1, 0]

[[keyframe]]
at = 6.5
style_weights = [0, 1]
strength = 0.5
ease = "smooth"
"""
LONGEST = 1 << 16  # bytes


def target(name: str, folder: Path) -> Callable[[bytes], None]:
    """Reads bytes as what a file of this name holds; raises nothing but bugs."""
    from vidstyle.batch.items import items
    from vidstyle.batch.manifest import read_manifest
    from vidstyle.errors import VidstyleError
    from vidstyle.faults import Faults
    from vidstyle.features.tensors import read_tensors
    from vidstyle.media import read_metadata, read_picture
    from vidstyle.pipeline import job_from_metadata, read_schedule, told_by

    path = folder / name

    def manifest() -> None:
        faults = Faults(path)
        items(read_manifest(path), faults)
        faults.end()

    def style() -> None:
        read_picture(path)
        read_metadata(path)

    readers: dict[str, Callable[[], object]] = {
        "manifest": manifest,
        "schedule": lambda: read_schedule(path, styles=2),
        "weights": lambda: read_tensors(path, {"features.0.weight", "features.0.bias"}),
        "style": style,
        "record": lambda: job_from_metadata(told_by({"comment": path.read_text(errors="replace")}, path)),
    }
    reader = readers[path.stem]

    def read(content: bytes) -> None:
        path.write_bytes(content)
        with suppress(VidstyleError):
            reader()

    return read


def one(name: str, seconds: int) -> None:
    """Fuzz one target until the time is up; libFuzzer ends the process, with 0 if nothing was found."""
    import atheris

    folder = Path(tempfile.mkdtemp(prefix="vidstyle-guided-"))
    (folder / "corpus").mkdir()
    (folder / "corpus" / "first").write_bytes(beginning(name))
    read = target(name, folder)
    for function in own_functions():
        atheris.instrument_func(function)
    flags = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=6000"]
    flags.append(f"-artifact_prefix={folder}{os.sep}")
    atheris.Setup([sys.argv[0], *flags, str(folder / "corpus")], read)
    atheris.Fuzz()


def own_functions() -> set[FunctionType]:
    """The functions and methods of all modules of vidstyle that are imported."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "vidstyle"]
    holders: list[Mapping[str, object]] = [vars(module) for module in modules]
    holders += [vars(each) for held in holders for each in held.values() if isinstance(each, type)]
    found = {each for held in holders for each in held.values() if isinstance(each, FunctionType)}
    return {each for each in found if each.__module__.split(".")[0] == "vidstyle"}


def beginning(name: str) -> bytes:
    """A sound file for a target."""
    if BEGINNINGS[name]:
        return seeds.seeds()[BEGINNINGS[name]][1]
    if name == "schedule.toml":
        return SCHEDULE.encode()
    from vidstyle.pipeline import Job, StyleFile, describe, plan

    with tempfile.TemporaryDirectory() as name:
        clip, style = seeds.write(Path(name), lambda kind: kind in ("mp4", "png"))
        job = Job(clip, (StyleFile(style),), Path(name) / "out.mp4")
        return json.dumps(describe(plan(job), "c")).encode()


def fuzzed(name: str, seconds: int) -> tuple[int, int, str]:
    """Inputs tried, branches reached, and what was found ("" if nothing)."""
    command = [sys.executable, __file__, "--only", name, "--seconds", str(seconds)]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    runs = re.search(r"Done (\d+) runs", ended.stderr)
    branches = re.findall(r"cov: (\d+)", ended.stderr)
    found = "" if ended.returncode == 0 and runs else ended.stderr[-3000:]
    return int(runs[1]) if runs else 0, int(branches[-1]) if branches else 0, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60, help="of each target")
    parser.add_argument("--only", choices=BEGINNINGS, help="fuzz this target in this process")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    given = parser.parse_args()
    if given.only:
        one(given.only, given.seconds)
    rows, failed = ["| read as | inputs | branches | found |", "|---|---|---|---|"], False
    for name in BEGINNINGS:
        inputs, branches, found = fuzzed(name, given.seconds)
        failed = failed or bool(found)
        rows.append(f"| {name} | {inputs} | {branches} | {'a fault' if found else 'nothing'} |")
        print(rows[-1], found, sep="\n", flush=True)
    if given.write and not failed:
        command = f"`python benchmarks/fuzz_guided.py --seconds {given.seconds}` (atheris)"
        text = f"{command} on {machine()}.\n\n" + "\n".join(rows)
        write_section("Guided by branches", text, RELIABILITY, "Reliability")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
