"""What is known of the network's numbers in a frame from the frames before it: running statistics."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import torch

from vidstyle.live.in_bytes import Spread, Spreads
from vidstyle.synthesis.colors import Colors
from vidstyle.synthesis.stylizer import State

LAG = 4
"""Frames after which it is used what was seen in one: as many may be painted at once, and whether they are
must not show."""

EVERY = 8
"""Frames of which one is looked at, in all layers at once: seen one by one in frames apart, they were each
corrected for what others had been corrected for as well, and pictures grew lighter and darker by turns."""

OTHER_LIGHT = 0.1
"""Change of the mean or the deviation of a frame's colours, over the deviation, that calls for a look."""

FLAT = 1 / 255
"""Deviation, in 0..1, below which a frame is looked at in any case: where a channel says the same everywhere,
all that differs from what is known of it would be taken for strokes."""


@dataclass(frozen=True, eq=False)
class Turn:
    """A frame's turn.

    Attributes:
        number: of the frame in its shot.
        colors: of the frame.
        known: for painting it; None: it is looked at itself.
    """

    number: int
    colors: Colors
    known: Spreads | None


class Running:
    """Of one shot in one style. Frames are begun in their order, and finished in it.

    A frame is finished before the `LAG`th after it is begun.
    """

    def __init__(self) -> None:
        self._number = 0
        self._last = -EVERY  # frame that is looked at
        self._looks: deque[tuple[Turn, Spreads]] = deque(maxlen=LAG)

    def begin(self, colors: Colors) -> Turn:
        """The next frame's turn, which has such colours."""
        number, self._number = self._number, self._number + 1
        looks = [look for look in self._looks if look[0].number <= number - LAG]
        if not looks or number - self._last >= EVERY or _other_light(looks[-1][0].colors, colors):
            self._last = number
            return Turn(number, colors, None)
        return Turn(number, colors, looks[-1][1])

    def finish(self, turn: Turn, seen: Spreads) -> None:
        """Keep what was seen in the turn of a frame that was looked at."""
        if turn.known is None and seen:
            self._looks.append((turn, seen))

    def state(self) -> State:
        """What the next frames depend on, once all that were begun are finished."""
        channels = [len(spread.mean) for _, seen in [*self._looks][:1] for spread in seen]
        return {
            "running": np.array([self._number, self._last]),
            "running_looks": np.array([_row(*look) for look in self._looks]),
            "running_channels": np.array(channels, np.int64),
        }

    @classmethod
    def restored(cls, state: State) -> Running:
        """Go on from a `state()`."""
        made = cls()
        made._number, made._last = (int(each) for each in state["running"])
        ends = np.cumsum([13, *(2 * state["running_channels"] + 2)])
        for row in state["running_looks"]:
            head, *spreads = np.split(row, ends[:-1])
            numbers = torch.from_numpy(head[1:].copy())
            colors = Colors(numbers[:3], numbers[3:].view(3, 3))
            made._looks.append((Turn(int(head[0]), colors, None), tuple(map(_spread, spreads))))
        return made


def _row(turn: Turn, seen: Spreads) -> list[float]:
    head = [turn.number, *turn.colors.mean.tolist(), *turn.colors.covariance.flatten().tolist()]
    of_layers = ([*s.mean.tolist(), *s.rate.tolist(), s.lowest, s.largest] for s in seen)
    return [*head, *chain.from_iterable(of_layers)]


def _spread(numbers: npt.NDArray[np.float64]) -> Spread:
    mean, rate = torch.from_numpy(numbers[:-2].astype(np.float32)).chunk(2)
    return Spread(mean, rate, float(numbers[-2]), float(numbers[-1]))


def _other_light(before: Colors, now: Colors) -> bool:
    then, here = (each.covariance.diagonal().clamp(min=0).sqrt() for each in (before, now))
    away = torch.maximum((now.mean - before.mean).abs(), (here - then).abs())
    least = torch.minimum(then, here)
    return bool(least.max() < FLAT or (away > OTHER_LIGHT * least.clamp(min=FLAT)).any())
