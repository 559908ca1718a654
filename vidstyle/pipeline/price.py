"""What a render takes on this machine, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """What a render takes at its full size.

    Attributes:
        first: seconds for the first frame of a shot.
        later: seconds for each other frame; None for a picture.
        total: seconds in all; None where the number of frames is unknown.
    """

    first: float
    later: float | None
    total: float | None

    def short(self) -> str:
        """ "0.64 s a frame, 1:12 in all"."""
        if self.later is None:
            return duration(self.first)
        return f"{duration(self.later)} a frame" + (
            "" if self.total is None else f", {duration(self.total)} in all"
        )

    def full(self) -> str:
        """ "0.64 s a frame, 4.3 s for the first of a shot, 1:12 in all"."""
        if self.later is None:
            return duration(self.first)
        head = f"{duration(self.later)} a frame, {duration(self.first)} for the first of a shot"
        return head if self.total is None else f"{head}, {duration(self.total)} in all"


def duration(seconds: float) -> str:
    """Seconds for people, two figures of them: "0.64 s", "12 s", "7 min", "3.5 h"."""
    if seconds < 99.5:
        return f"{seconds:.2g} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.2g} min"
    return f"{seconds / 3600:.2g} h" if seconds < 99.5 * 3600 else f"{seconds / 86400:.2g} days"
