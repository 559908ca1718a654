"""A long shot cut into stretches that are painted side by side, each fading over into the next."""

from __future__ import annotations

import numpy as np

from vidstyle.batch.fleet_orders import Head
from vidstyle.frames import Frame, Motion, Pixels
from vidstyle.synthesis.stylizer import State, Stylizer

OVERLAP = 10
"""Frames over which one stretch fades into the next: at 25 frames a second, slow enough that strokes
dissolve rather than jump; each is painted twice."""

SHORTEST = 5 * OVERLAP
"""Frames of a stretch below which a shot is not cut: more than a fifth of them would be painted twice."""


def joints(frames: int, split: int) -> tuple[int, ...]:
    """Where the later stretches of a shot begin.

    Args:
        frames: of the shot.
        split: how many stretches are asked for; there are fewer where they would be shorter than `SHORTEST`.

    Returns:
        Positions in the shot, evenly spaced, none for one stretch.
    """
    stretches = max(1, min(split, frames // SHORTEST))
    return tuple(frames * number // stretches for number in range(1, stretches))


def blended(before: Pixels, after: Pixels, position: int) -> Pixels:
    """A frame of the overlap: less of the stretch that ends, more of the one that begins.

    Args:
        before: (H, W, 3) uint8 or float32, as the stretch that ends paints it.
        after: the same frame as the stretch that begins paints it.
        position: in the overlap, 0..OVERLAP - 1.

    Returns:
        (H, W, 3) of the same type.
    """
    share = (position + 1) / (OVERLAP + 1)  # even steps: neither end shows one stretch alone twice
    mixed = (1 - share) * before.astype(np.float32) + share * after.astype(np.float32)
    return (mixed + 0.5).astype(np.uint8) if before.dtype == np.uint8 else mixed.astype(np.float32)


class Fading:
    """A stylizer whose last frames fade over into the head of the next stretch; fulfils `Stylizer`.

    What it remembers is its own painting, not the mixture, until the overlap ends: the next frame
    after it then follows from the head.

    Args:
        stylizer: paints the stretch that ends.
        head: of the stretch that begins.
    """

    def __init__(self, stylizer: Stylizer, head: Head) -> None:
        self._stylizer, self._head = stylizer, head
        self._ended = False

    def start(self, frame: Frame) -> Frame:
        """See `Stylizer.start`."""
        return self._mixed(self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """See `Stylizer.next`."""
        return self._mixed(self._stylizer.next(frame, motion))

    def state(self) -> State:
        """See `Stylizer.state`."""
        return self._head.carry if self._ended else self._stylizer.state()

    def restore(self, state: State) -> None:
        """See `Stylizer.restore`."""
        self._stylizer.restore(state)

    def _mixed(self, painted: Frame) -> Frame:
        position = painted.index - self._head.first
        if position < 0:
            return painted
        self._ended = position == len(self._head.pixels) - 1
        return painted.with_pixels(blended(painted.pixels, self._head.pixels[position], position))
