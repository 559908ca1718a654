"""What is known of the network's numbers in a frame from the frames before it: running statistics."""

from __future__ import annotations

from collections import deque
from itertools import chain

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vidstyle.live.in_bytes import Known, Spread, Spreads
from vidstyle.synthesis.colors import Colors
from vidstyle.synthesis.stylizer import State

LAG = 4
"""Frames after which it is used what was seen in one: as many may be painted at once, and whether they are
must not show."""

ANEW = 2  # layers that each frame sees anew

OTHER_LIGHT = 0.04
"""Change of the mean or the spread of a frame's colours, in 0..1, after which nothing is taken as known."""


class Running:
    """Of one shot in one style. Frames are begun in their order, and finished in it.

    A frame is finished before the `LAG`th after it is begun.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._colors: deque[Colors] = deque(maxlen=LAG)  # of the last frames begun
        self._seen: deque[tuple[int, Spreads]] = deque(maxlen=LAG)  # of the last finished, by number

    def begin(self, colors: Colors) -> Known | None:
        """What is known for the next frame, of such colours; None: nothing."""
        number, before = self._begun, self._colors[0] if self._colors else colors
        self._begun += 1
        self._colors.append(colors)
        if number < LAG or _other_light(before, colors):
            return None
        seen = dict(self._seen)[number - LAG]
        anew = {(number * ANEW + each) % len(seen) for each in range(ANEW)} if seen else ()
        return tuple(None if place in anew else spread for place, spread in enumerate(seen))

    def finish(self, known: Known | None, seen: Spreads) -> None:
        """What was seen in the next frame to be finished, for which so much was taken as known."""
        number, last = self._seen[-1] if self._seen else (-1, seen)
        if known is not None:  # since then, frames between may have seen it anew
            seen = tuple(
                new if old is None else kept for old, new, kept in zip(known, seen, last, strict=True)
            )
        self._seen.append((number + 1, seen))

    def state(self) -> State:
        """What the next frames depend on, once all that were begun are finished."""
        spreads = [seen for _, seen in self._seen]
        return {
            "running_begun": np.array(self._begun),
            "running_colors": np.stack(
                [torch.cat([c.mean, c.covariance.flatten()]).numpy() for c in self._colors]
            ),
            "running_seen": np.array([[*chain.from_iterable(map(_numbers, seen))] for seen in spreads]),
            "running_channels": np.array([len(spread.mean) for spread in spreads[0]], np.int64),
        }

    @classmethod
    def restored(cls, state: State) -> Running:
        """Go on from a `state()`."""
        made = cls()
        made._begun = int(state["running_begun"])
        for row in state["running_colors"]:
            numbers = torch.from_numpy(np.array(row))
            made._colors.append(Colors(numbers[:3], numbers[3:].view(3, 3)))
        ends = np.cumsum(2 * state["running_channels"] + 2)
        first = made._begun - len(state["running_seen"])
        for number, row in enumerate(state["running_seen"], first):
            made._seen.append((number, tuple(map(_spread, np.split(row, ends[:-1]) if len(ends) else []))))
        return made


def _numbers(spread: Spread) -> list[float]:
    return [*spread.mean.tolist(), *spread.rate.tolist(), spread.lowest, spread.largest]


def _spread(numbers: npt.NDArray[np.float64]) -> Spread:
    mean, rate = torch.from_numpy(numbers[:-2].astype(np.float32)).chunk(2)
    return Spread(mean, rate, float(numbers[-2]), float(numbers[-1]))


def _other_light(before: Colors, now: Colors) -> bool:
    def levels(colors: Colors) -> Tensor:
        return torch.cat([colors.mean, colors.covariance.diagonal().clamp(min=0).sqrt()])

    return bool((levels(now) - levels(before)).abs().max() > OTHER_LIGHT)
