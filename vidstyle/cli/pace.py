"""How fast frames come, and when the last will be there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# Frames that the pace is taken over: enough to be calm, few enough to forget the first frame of a
# shot, which takes many times as long as those that follow.
WINDOW = 24


class Pace:
    """Frames per second over the last frames, and the time that the rest will take.

    The first note starts the clock: taken when the first frame is finished, it leaves out what that
    frame, the first of a shot, took.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: deque[tuple[float, int]] = deque(maxlen=WINDOW + 1)

    def note(self, done: int) -> None:
        """`done` frames are finished at this moment."""
        self._seen.append((self._now(), done))

    @property
    def rate(self) -> float | None:
        """Frames per second, or None while there is nothing to tell it from."""
        if len(self._seen) < 2:
            return None
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end > start and last > first else None

    def left(self, total: int | None) -> float | None:
        """Seconds until `total` frames are finished, or None while unknown."""
        if total is None or self.rate is None:
            return None
        return max(0, total - self._seen[-1][1]) / self.rate


def clock(seconds: float) -> str:
    """Whole seconds as m:ss or h:mm:ss."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
