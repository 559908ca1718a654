"""Broken files by the thousand through the real command: docs/reliability.md's table.

    python benchmarks/fuzz.py --count 2000 --seed 0 --write

Each mutant of a sound file (every container, picture, manifest and weights format that vidstyle opens) is
read by `vidstyle stylize`, `info` or `batch` in a process of its own with bounds on memory and time. Allowed:
success, success with a warning, an error of one line with its exit code. Everything else is a failure, and
so is a file under the final name that does not hold the frames that were reported. Needs fork: Linux, macOS.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzzing import seeds
from fuzzing.mutate import MUTATIONS, mutant
from fuzzing.trial import CPU_SECONDS, MEMORY, Verdict, command_for, furnish, prepare, tried
from machine import machine, write_section

RELIABILITY = Path(__file__).parents[1] / "docs" / "reliability.md"
OUTCOMES = ("whole", "partial", "refused", "failed")


@dataclass(frozen=True)
class Trial:
    """One mutant and what became of it."""

    number: int
    kind: str
    way: str
    arguments: tuple[str, ...]
    verdict: Verdict


@cache
def sound() -> dict[str, tuple[str, bytes]]:
    return seeds.seeds()


def broken(number: int, seed: int) -> tuple[str, str, str, bytes, random.Random]:
    """Kind, suffix, what broke it, and bytes of a mutant; the same for the same numbers, whatever the run."""
    rng = random.Random(f"{seed}:{number}")
    kinds = list(sound())
    # Times and sizes, structures and codecs: videos can be wrong in more ways than the others.
    kind = rng.choices(kinds, [3 if seeds.is_video(kind) else 2 for kind in kinds])[0]
    suffix, content = sound()[kind]
    others = [bytes_ for name, (_, bytes_) in sound().items() if name != kind]
    way, mutated = mutant(kind, content, others, rng)
    return kind, suffix, way, mutated, rng


def trial(number: int, seed: int, keep: Path | None) -> Trial:
    kind, suffix, way, mutated, rng = broken(number, seed)
    with TemporaryDirectory(prefix="vidstyle-fuzz-") as name:
        folder = Path(name)
        furnish(folder, sound())
        path = folder / f"mutant{suffix}"
        path.write_bytes(mutated)
        arguments = command_for(kind, path.name, rng)
        verdict = tried(arguments, folder)
        if path.read_bytes() != mutated:
            verdict = Verdict("failed", "changed its source", verdict.code, verdict.seconds, verdict.memory)
        if verdict.outcome == "failed" and keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, keep / f"{seed}-{number}{suffix}")
    return Trial(number, kind, way, tuple(arguments), verdict)


def trials(numbers: range, seed: int, jobs: int, keep: Path | None) -> Iterator[Trial]:
    run = partial(trial, seed=seed, keep=keep)
    if jobs == 1:
        yield from map(run, numbers)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(run, numbers)


def table(done: list[Trial], row_of: str, rows: list[str]) -> str:
    """Outcomes counted, a row for each kind of file or of damage."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in done:
        counts[getattr(one, row_of)][one.verdict.outcome] += 1
    lines = [
        f"| {row_of_words(row_of)} | files | whole | partly, with a warning | refused | failed |",
        "|---|---|---|---|---|---|",
    ]
    for row in [*(row for row in rows if row in counts), "all"]:
        of_row = sum(counts.values(), Counter()) if row == "all" else counts[row]
        cells = [sum(of_row.values()), *(of_row[outcome] for outcome in OUTCOMES)]
        lines.append(f"| {row} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def row_of_words(row_of: str) -> str:
    return {"kind": "kind of file", "way": "what was done to it"}[row_of]


def report(done: list[Trial], seed: int, seconds: float) -> str:
    codes = Counter(one.verdict.code for one in done if one.verdict.outcome == "refused")
    told = ", ".join(f"{count} with {code}" for code, count in sorted(codes.items()))
    slowest = max(done, key=lambda one: one.verdict.seconds)
    largest = max(done, key=lambda one: one.verdict.memory)
    return "\n\n".join(
        (
            f"`python benchmarks/fuzz.py --count {len(done)} --seed {seed}` on {machine()}, "
            f"in {seconds / 60:.0f} minutes. Each file in a process of its own, with at most "
            f"{CPU_SECONDS} s of processor time and {MEMORY >> 30} GB of memory beyond the imports.",
            table(done, "kind", list(sound())),
            table(done, "way", list(MUTATIONS)),
            f"Exit codes of the refused: {told}. The slowest took {slowest.verdict.seconds:.1f} s "
            f"({slowest.kind}, {slowest.way}), the largest {largest.verdict.memory / 1e9:.2f} GB with all "
            f"imports ({largest.kind}, {largest.way}).",
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the mutants that failed")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    given = parser.parse_args()
    prepare(sound())
    began = time.monotonic()
    done: list[Trial] = []
    for one in trials(range(given.first, given.first + given.count), given.seed, given.jobs, given.keep):
        done.append(one)
        verdict = one.verdict
        if verdict.outcome == "failed" or given.verbose:
            print(f"{one.number} {one.kind}, {one.way}: vidstyle {' '.join(one.arguments)}")
            print(f"  {verdict.outcome}, {verdict.code}: {verdict.told}", flush=True)
        if len(done) % 100 == 0:
            print(f"{len(done)} tried, {time.monotonic() - began:.0f} s", flush=True)
    text = report(done, given.seed, time.monotonic() - began)
    print(text)
    if given.write:
        write_section("Broken files", text, RELIABILITY, "Reliability")
    return int(any(one.verdict.outcome == "failed" for one in done))


if __name__ == "__main__":
    sys.exit(main())
