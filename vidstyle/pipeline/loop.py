"""Loop: a clip whose end meets its beginning, for players that start it over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
import numpy.typing as npt

from vidstyle.errors import InputError
from vidstyle.frames import Frame, Motion
from vidstyle.media import DecodeFaults
from vidstyle.motion import motion_between, warp
from vidstyle.pipeline.plan import Plan
from vidstyle.pipeline.stretch import all_frames
from vidstyle.synthesis.stylizer import State, Stylizer

Map = npt.NDArray[np.float32]

FADE = 1  # seconds over which the last strokes become the first ones
LONGEST_SHARE = 3  # the fade takes no more than one frame in so many


@dataclass(frozen=True, eq=False)
class Ring:
    """What the end of a clip has to meet.

    Attributes:
        first: the source's first frame.
        frames: how many there are.
        fade: how many of them, at the end, turn towards the first.
    """

    first: Frame
    frames: int
    fade: int

    def share(self, index: int) -> float:
        """How much of frame `index` is the beginning again: 0 before the fade, 1 at the last frame."""
        position = (index + 1 - (self.frames - self.fade)) / self.fade
        return min(1.0, max(0.0, position))


class Closing:
    """Another stylizer whose last pictures turn into its first one, moved along; fulfils `Stylizer`.

    In the last frames the first picture fades in: moved along the flow from the source's first frame
    where that is trusted, where it stands elsewhere. The strokes of the last frame are then those of
    the first, and starting over moves them as any other frame does. What the stylizer goes on from is
    not touched. A process that did not paint the first frame paints it for itself, once.

    Args:
        stylizer: paints.
        ring: tells what to meet; asked when the first frame is to be painted.
    """

    def __init__(self, stylizer: Stylizer, ring: Callable[[], Ring]) -> None:
        self._stylizer = stylizer
        self._ring = lru_cache(maxsize=1)(ring)
        self._opening: Map | None = None

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        painted = self._stylizer.start(frame)
        if frame.index == 0:
            self._opening = painted.floats()
        return self._closed(frame, painted)

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot."""
        return self._closed(frame, self._stylizer.next(frame, motion))

    def state(self) -> State:
        """All that the next frame depends on."""
        return self._stylizer.state()

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore(state)

    def _closed(self, frame: Frame, painted: Frame) -> Frame:
        ring = self._ring()
        share = ring.share(frame.index)
        if share == 0:
            return painted
        if self._opening is None:
            kept = self._stylizer.state()
            self._opening = self._stylizer.start(ring.first).floats()
            self._stylizer.restore(kept)
        goal = _carried(self._opening, motion_between(ring.first, frame))
        return painted.with_pixels((1 - share) * painted.floats() + share * goal)


def _carried(opening: Map, motion: Motion) -> Map:
    """The first picture, moved to where things are now; where that is not known, as it stands."""
    if motion.cut:
        return opening
    trust = motion.trust[..., None]
    return cast(Map, trust * warp(opening, motion.flow_to_previous) + (1 - trust) * opening)


def in_a_loop(stylizer: Stylizer, plan: Plan) -> Stylizer:
    """The stylizer of a render, closing into a loop where the settings ask for it."""
    return Closing(stylizer, lambda: ring_of(plan)) if plan.job.settings.loop else stylizer


def ring_of(plan: Plan) -> Ring:
    """Read the source once, to count its frames and to keep the first.

    Raises:
        InputError: it cannot be read, or is too short to loop.
    """
    first, count = None, 0
    with closing(all_frames(plan, DecodeFaults())) as frames:
        for frame in frames:
            first, count = first or frame, count + 1
    if first is None or count < LONGEST_SHARE:
        raise InputError(
            f"has {count} frames: too few to loop",
            where=plan.job.source,
            hint="Leave out --loop, or take more of it.",
        )
    fade = min(round(FADE * plan.shape.rate), count // LONGEST_SHARE)
    return Ring(first, count, max(1, fade))
