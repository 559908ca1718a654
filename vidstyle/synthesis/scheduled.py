"""Settings that change along a clip, told to what paints before each frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, Stylizer


class Directed(Stylizer, Protocol):
    """A stylizer whose settings may change between frames."""

    def direct(self, settings: Settings, weights: Sequence[float] | None) -> None:
        """Paint so from the next frame on.

        Args:
            settings: of the moment, without a schedule.
            weights: of the styles, in their order; None leaves them as they are.
        """
        ...


class Scheduled:
    """Another stylizer, directed by a schedule; fulfils `Stylizer`.

    What holds at a frame hangs on its time alone, so that a resumed render goes on alike.

    Args:
        stylizer: paints.
        settings: with a schedule, whose origin is on the frames' own clock.
    """

    def __init__(self, stylizer: Directed, settings: Settings) -> None:
        self._stylizer = stylizer
        self._settings = settings

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        self._direct(frame)
        return self._stylizer.start(frame)

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot."""
        self._direct(frame)
        return self._stylizer.next(frame, motion)

    def state(self) -> State:
        """All that the next frame depends on."""
        return self._stylizer.state()

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore(state)

    def _direct(self, frame: Frame) -> None:
        schedule = self._settings.schedule
        weights = None if schedule is None else schedule.at(frame.seconds).get("style_weights")
        self._stylizer.direct(
            self._settings.at(frame.seconds), weights if isinstance(weights, tuple) else None
        )
