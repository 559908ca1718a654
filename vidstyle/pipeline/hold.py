"""Hold: a new drawing every few frames, as animators draw on twos and threes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vidstyle.frames import Frame, Motion
from vidstyle.synthesis.stylizer import State, Stylizer

_HELD = "held "  # before the names of what is this stylizer's own in a state


class Holding:
    """Another stylizer that draws every few frames of a shot, and shows each drawing until the next.

    Every frame keeps its time; a shot begins with a drawing. From drawing to drawing the motion is
    found straight over the gap. Frames that show the drawing again cost no painting.
    Fulfils `Stylizer`.

    Args:
        stylizer: draws.
        frames: how many frames show one drawing, at least 1.
        between: finds how one frame follows from an earlier one.
    """

    def __init__(self, stylizer: Stylizer, frames: int, between: Callable[[Frame, Frame], Motion]) -> None:
        self._stylizer = stylizer
        self._frames = frames
        self._between = between
        self._source: Frame | None = None  # of the drawing that is shown
        self._drawn: Frame | None = None
        self._shown = 0  # frames

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot: a drawing."""
        return self._draws(frame, self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot: the drawing once more, or a new one."""
        source, drawn = self._source, self._drawn
        if motion.cut or source is None or drawn is None or source.pixels.shape != frame.pixels.shape:
            return self.start(frame)
        if self._shown < self._frames:
            self._shown += 1
            return frame.with_pixels(drawn.pixels)
        if self._frames > 1:
            motion = self._between(source, frame)
        return self._draws(frame, self._stylizer.next(frame, motion))

    def state(self) -> State:
        """All that the next frame depends on."""
        own: dict[str, np.ndarray] = {}
        if self._source is not None and self._drawn is not None:
            own = {"source": self._source.pixels, "drawn": self._drawn.pixels, "shown": np.array(self._shown)}
        return {**self._stylizer.state(), **{_HELD + name: array for name, array in own.items()}}

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore({name: array for name, array in state.items() if not name.startswith(_HELD)})
        own = {name.removeprefix(_HELD): array for name, array in state.items() if name.startswith(_HELD)}
        self._source = Frame(own["source"]) if own else None  # type: ignore[arg-type]
        self._drawn = Frame(own["drawn"]) if own else None  # type: ignore[arg-type]
        self._shown = int(own["shown"]) if own else 0

    def _draws(self, frame: Frame, drawn: Frame) -> Frame:
        self._source, self._drawn, self._shown = frame, drawn, 1
        return drawn
