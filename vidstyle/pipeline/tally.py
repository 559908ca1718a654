"""What a live picture is counted and timed by."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from dataclasses import dataclass

WINDOW = 60
"""Frames over which the rate is told: two seconds or so."""

KEPT = 100_000
"""Latencies kept for the summary: an hour's."""


@dataclass(frozen=True)
class Counts:
    """How it went so far.

    Attributes:
        painted: frames painted.
        dropped: frames captured but never painted, as a newer one was there.
        seconds: since the first frame was painted.
        rate: painted frames a second, lately.
        latency: median seconds from the arrival of a frame to its way out; None before the first.
        latency_p95: its 95th percentile.
    """

    painted: int
    dropped: int
    seconds: float
    rate: float
    latency: float | None
    latency_p95: float | None


class Tally:
    """Counts frames; told by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._painted = self._dropped = 0
        self._first: float | None = None
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._latencies: dict[str, deque[float]] = {}

    def drop(self) -> None:
        """A frame gave way to a newer one."""
        with self._lock:
            self._dropped += 1

    def paint(self) -> None:
        """A frame was painted."""
        with self._lock:
            now = time.monotonic()
            self._first = now if self._first is None else self._first
            self._painted += 1
            self._recent.append(now)

    def out(self, way: str, latency: float) -> None:
        """A frame got out on some way (a window, a file), so many seconds after it arrived."""
        with self._lock:
            self._latencies.setdefault(way, deque(maxlen=KEPT)).append(latency)

    def latencies(self, way: str | None = None) -> list[float]:
        """Seconds of the frames of one way out; by default the one that has most of them."""
        with self._lock:
            if way is None:
                return list(max(self._latencies.values(), key=len, default=()))
            return list(self._latencies.get(way, ()))

    def counts(self, *, latency: bool = True) -> Counts:
        """How it went so far; without the latencies it is quick enough for every frame."""
        found = sorted(self.latencies()) if latency else []
        with self._lock:
            recent = self._recent
            span = recent[-1] - recent[0] if len(recent) > 1 else 0.0
            return Counts(
                painted=self._painted,
                dropped=self._dropped,
                seconds=0.0 if self._first is None else time.monotonic() - self._first,
                rate=(len(recent) - 1) / span if span else 0.0,
                latency=statistics.median(found) if found else None,
                latency_p95=found[int(0.95 * (len(found) - 1))] if found else None,
            )
