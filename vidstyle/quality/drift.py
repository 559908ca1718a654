"""Drift: what changes slowly over a shot that should not, as the slope of a fitted line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_POINTS = 3


@dataclass(frozen=True)
class Trend:
    """A straight line through a quantity over a shot.

    Attributes:
        slope: change per frame; NaN where fewer than three frames were measured.
        start: the line at the shot's first measured frame.
        end: the line at its last.
    """

    slope: float
    start: float
    end: float

    @property
    def ratio(self) -> float:
        """End over start: 1 is no drift, 1.1 is 10 % more at the end."""
        return self.end / self.start if self.start > 0 else math.nan

    @property
    def change(self) -> float:
        """End less start, in units of the quantity."""
        return self.end - self.start


def trend(frames: Sequence[int], values: Sequence[float]) -> Trend:
    """Least-squares line through values over frame numbers; values that are NaN do not count."""
    x, y = np.asarray(frames, float), np.asarray(values, float)
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    if len(x) < LEAST_POINTS or x[0] == x[-1]:
        return Trend(math.nan, math.nan, math.nan)
    slope, offset = np.polyfit(x - x[0], y, 1)
    return Trend(float(slope), float(offset), float(offset + slope * (x[-1] - x[0])))
