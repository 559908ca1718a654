"""How much of what was asked for there is time for: fewer steps first, then smaller pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vidstyle.settings import PRESETS, Settings

SMALLEST_SCALE = 0.5  # of the size that was asked for: below, a draft says more about itself than the style
SMALLEST_SIDE = 64  # no picture is made smaller than this for time's sake


@dataclass(frozen=True)
class Choice:
    """How much of what was asked for there is time for.

    Attributes:
        effort: 1 for all steps that were asked for, 0 for a draft's.
        scale: of the sides of the pictures.
    """

    effort: float = 1.0
    scale: float = 1.0

    def settings(self, asked: Settings) -> Settings:
        """Settings with as many steps as there is time for, never fewer than a draft's or those asked for."""
        if asked.quality == "live":  # it has no steps
            return asked
        least = PRESETS["draft"]
        levels = [
            _between(min(few, many), many, self.effort)
            for few, many in zip(_levels(least, asked), asked.first_steps, strict=True)
        ]
        steps = _between(min(least.steps, asked.steps), asked.steps, self.effort)
        return replace(asked, first_steps=tuple(levels), steps=steps, min_steps=min(asked.min_steps, steps))

    def size(self, asked: tuple[int, int]) -> tuple[int, int]:
        """(height, width), even, scaled down as far as both sides allow."""
        scale = max(self.scale, min(1.0, SMALLEST_SIDE / min(asked)))
        if scale >= 1:
            return asked
        return 2 * round(asked[0] * scale / 2), 2 * round(asked[1] * scale / 2)


def _levels(least: Settings, asked: Settings) -> tuple[int, ...]:
    """A draft's steps for as many scales as are asked for, counted from the finest."""
    count = len(asked.first_steps)
    return (least.first_steps[0],) * max(0, count - len(least.first_steps)) + least.first_steps[-count:]


def _between(low: int, high: int, share: float) -> int:
    return round(low + (high - low) * share)
