"""What `--budget` asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vidstyle.batch.check import Prospect
from vidstyle.errors import SettingsError

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|min|m|h|d)")


@dataclass(frozen=True)
class Limit:
    """What `--budget` asks for.

    Attributes:
        seconds: in all, or for each frame.
        per_frame: which.
    """

    seconds: float
    per_frame: bool = False

    def total(self, prospects: Sequence[Prospect]) -> float:
        """Seconds for all jobs that are left."""
        if not self.per_frame:
            return self.seconds
        return self.seconds * sum(max(0, (p.frames or 0) - p.kept) for p in prospects if p.left)


def read_budget(text: str) -> Limit:
    """The limit of "2h", "90min", "1h30m" or "3s/frame".

    Raises:
        SettingsError: it is none of these, or 0.
    """
    amount, slash, per = text.replace(" ", "").partition("/")
    parts = _DURATION.findall(amount)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if (
        "".join(number + unit for number, unit in parts) != amount
        or seconds <= 0
        or (slash and per != "frame")
    ):
        raise SettingsError(
            f"{text!r} is no budget", where="--budget", hint="Write it like 2h, 90min, 1h30m or 3s/frame."
        )
    return Limit(seconds, bool(slash))


def spoken(seconds: float) -> str:
    """A time for people: "40 s", "12 min", "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
