"""A library of 10,000 clips on 1, 10, 100 and 1,000 workers that fail: a table of docs/scaling.md.

    python benchmarks/scaling_simulation.py [--times benchmarks/scaling_times.json] [--clips 10000]

Plays what `vidstyle.batch.fleet` does, event by event, with times that benchmarks/scaling.py measured:
clips in the order of the list, each scanned by a worker, its shots painted by whoever is free, the
longest first; the driver opens and joins clips in four threads and hears of every frame in one. Workers
fail at random; what was painted since a shot's last segment is lost, and the worker comes back later.
The library and the failures are drawn from a fixed seed.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from machine import write_section  # noqa: E402

from vidstyle.batch.fleet import CHORES  # noqa: E402
from vidstyle.pipeline.job import SEGMENT_FRAMES  # noqa: E402

WORKERS = (1, 10, 100, 1000)
MEAN_SHOTS = 8  # a clip of half a minute, cut like a film
MEDIAN_SHOT, SPREAD, LONGEST = 75, 0.9, 3000  # frames: shots last 3 s, one in ten more than 9 s
BETWEEN_FAILURES = 24 * 3600.0  # seconds that a worker lives on average, as machines lent by the hour do
AWAY = 300.0  # seconds until another takes its place


@dataclass(frozen=True)
class Times:
    """Measured seconds."""

    machine: str
    size: str
    first_frame: float
    later_frame: float
    open_clip: float
    scan_frame: float
    finish_frame: float
    message: float

    def shot(self, frames: int) -> float:
        return self.first_frame + (frames - 1) * self.later_frame


@dataclass(frozen=True)
class Outcome:
    """Seconds: the whole time, useful painting, painting that failures undid; and when all were last busy."""

    workers: int
    seconds: float
    useful: float
    lost: float
    failures: int
    tail: float
    driver: float

    @property
    def used(self) -> float:
        """Share of the workers' time that went into frames that were kept."""
        return self.useful / (self.workers * self.seconds)


@dataclass
class Clip:
    """How many of its shots are not painted yet."""

    shots: list[int]
    left: int = 0


@dataclass
class Fleet:
    """The state of a simulation; `ready` holds (clip, -frames, place in the shot) of what can be painted."""

    times: Times
    clips: list[Clip]
    workers: int
    random: random.Random
    ready: list[tuple[int, int, int]] = field(default_factory=list)
    events: list[tuple[float, int, str, tuple[int, ...]]] = field(default_factory=list)
    threads: list[float] = field(default_factory=lambda: [0.0] * CHORES)
    heard: float = 0.0  # until when the driver hears what was said
    drivers_work: float = 0.0
    useful: float = 0.0
    lost: float = 0.0
    failures: int = 0
    number: int = 0

    def run(self) -> Outcome:
        coming = iter(range(len(self.clips)))
        idle, now, end = self.workers, 0.0, 0.0
        starved: float | None = None
        while True:
            while idle and self._begin(now, coming):
                idle -= 1
            if idle and starved is None:
                starved = now
            elif not idle:
                starved = None  # since when not all have been busy, for good
            if not self.events:
                break
            now, _, what, facts = heapq.heappop(self.events)
            if what == "scanned":
                idle += 1
                ready = self._chore(now, self.times.open_clip)
                self._at(ready, "opened", facts)
            elif what == "opened":
                clip = self.clips[facts[0]]
                clip.left = len(clip.shots)
                for frames in clip.shots:
                    heapq.heappush(self.ready, (facts[0], -frames, 0))
            elif what == "painted":
                idle += 1
                self._painted(now, *facts)
            elif what == "failed":
                clip_number, remaining = facts
                heapq.heappush(self.ready, (clip_number, -remaining, 1))
                self._at(now + AWAY, "back", ())
            elif what == "back":
                idle += 1
            elif what == "finished":
                end = now
        tail = end - (starved if starved is not None else end)
        return Outcome(
            self.workers, end, self.useful, self.lost, self.failures, tail, self.drivers_work / end
        )

    def _begin(self, now: float, coming: Iterator[int]) -> bool:
        """Give an idle worker something to do; whether there was anything."""
        if self.ready:
            self._paint(now, *heapq.heappop(self.ready))
            return True
        number = next(coming, None)
        if number is None:
            return False
        self._at(now + self.times.scan_frame * sum(self.clips[number].shots), "scanned", (number,))
        return True

    def _paint(self, now: float, clip: int, negative_frames: int, goes_on: int) -> None:
        frames = -negative_frames
        seconds = self.times.shot(frames) if not goes_on else frames * self.times.later_frame
        fails = self.random.expovariate(1 / BETWEEN_FAILURES)
        if fails >= seconds:
            self.useful += seconds
            self._at(now + seconds, "painted", (clip, frames))
            return
        self.failures += 1
        painted = int(frames * fails / seconds)
        kept = painted // SEGMENT_FRAMES * SEGMENT_FRAMES
        self.useful += seconds * kept / frames
        self.lost += fails - seconds * kept / frames
        self._at(now + fails, "failed", (clip, frames - kept))

    def _painted(self, now: float, number: int, frames: int) -> None:
        """The driver hears of a shot's frames, one after the other, and joins its clip after the last."""
        self.heard = max(self.heard, now) + frames * self.times.message
        self.drivers_work += frames * self.times.message
        clip = self.clips[number]
        clip.left -= 1
        if not clip.left:
            joined = self._chore(self.heard, self.times.finish_frame * sum(clip.shots))
            self._at(joined, "finished", (number,))

    def _chore(self, now: float, seconds: float) -> float:
        """When one of the driver's threads has done something that comes up now."""
        free = heapq.heappop(self.threads)
        heapq.heappush(self.threads, max(free, now) + seconds)
        return max(free, now) + seconds

    def _at(self, when: float, what: str, facts: tuple[int, ...]) -> None:
        self.number += 1
        heapq.heappush(self.events, (when, self.number, what, facts))


def library(clips: int, seed: int = 6) -> list[Clip]:
    """Clips of so many shots, shots of so many frames, as the constants above say."""
    draw = random.Random(seed)

    def shots() -> list[int]:
        count = 1 + int(draw.expovariate(1 / (MEAN_SHOTS - 0.5)))
        return [
            min(LONGEST, max(5, round(draw.lognormvariate(math.log(MEDIAN_SHOT), SPREAD))))
            for _ in range(count)
        ]

    return [Clip(shots()) for _ in range(clips)]


def simulate(times: Times, clips: int, workers: int) -> Outcome:
    return Fleet(times, library(clips), workers, random.Random(workers)).run()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=Path, default=ROOT / "benchmarks" / "scaling_times.json")
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "scaling.md")
    given = parser.parse_args(arguments)
    times = Times(**json.loads(given.times.read_text()))
    text = table(times, given.clips)
    write_section("A library on 1 to 1,000 workers", text, given.document, "Scaling")
    print(text)


def table(times: Times, clips: int) -> str:
    outcomes = [simulate(times, clips, workers) for workers in WORKERS]
    shots = [frames for clip in library(clips) for frames in clip.shots]
    rows = [
        f"| {o.workers:,} | {_duration(o.seconds)} | {outcomes[0].seconds / o.seconds:.1f} | {o.used:.1%} "
        f"| {o.failures:,} | {o.lost / (o.useful + o.lost):.2%} | {_duration(o.tail)} | {o.driver:.1%} |"
        for o in outcomes
    ]
    return (
        f"{clips:,} clips, {len(shots):,} shots, {sum(shots):,} frames of {times.size}, simulated from "
        f"measured times ({times.machine}): {times.first_frame:.2f} s for a shot's first frame, "
        f"{times.later_frame:.2f} s for a later one, {1000 * times.scan_frame:.1f} ms to scan a frame, "
        f"{1000 * times.message:.2f} ms of the driver's to hear of one. Each worker fails once in "
        f"{BETWEEN_FAILURES / 3600:g} h on average and is away for {AWAY / 60:g} min.\n\n"
        "| workers | time | times one worker | workers' time in kept frames | failures | painting lost "
        "| tail | driver busy |\n|---:|---:|---:|---:|---:|---:|---:|---:|\n" + "\n".join(rows) + "\n\n"
        "The tail is the time from when a worker first finds nothing left to do to the end."
    )


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


if __name__ == "__main__":
    main()
