"""Rest: a frame that shows what the last painted one showed is not painted again."""

from __future__ import annotations

from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, Stylizer

_REST = "rest "  # before the names of what is this stylizer's own in a state


class Resting:
    """Another stylizer that paints nothing where nothing has changed; fulfils `Stylizer`.

    A frame with `Motion.still` shows the last picture again. The stylizer then knows nothing of that
    frame: the motion of the next one must lead back to the last frame that was painted, as
    `vidstyle.motion.track` does with `rest`.

    Args:
        stylizer: paints.
    """

    def __init__(self, stylizer: Stylizer) -> None:
        self._stylizer = stylizer
        self._source: Frame | None = None  # of the picture that is shown
        self._drawn: Frame | None = None

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        return self._draws(frame, self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot: the last picture once more, where nothing has changed since."""
        if motion.still and self._drawn is not None:
            return frame.with_pixels(self._drawn.pixels)
        return self._draws(frame, self._stylizer.next(frame, motion))

    def state(self) -> State:
        """All that the next frame depends on."""
        state = dict(self._stylizer.state())
        if self._source is not None and self._drawn is not None:
            state |= {f"{_REST}source": self._source.pixels, f"{_REST}drawn": self._drawn.pixels}
        return state

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore({name: array for name, array in state.items() if not name.startswith(_REST)})
        self._source, self._drawn = painted_source(state), _frame(state, "drawn")

    def _draws(self, frame: Frame, drawn: Frame) -> Frame:
        self._source, self._drawn = frame, drawn
        return drawn


def rests(settings: Settings, *, masks: bool) -> bool:
    """Whether frames in which nothing changes may rest: where the source alone says how they are painted."""
    return settings.quality != "live" and settings.schedule is None and settings.hold == 1 and not masks


def painted_source(state: State) -> Frame | None:
    """The source of the last picture that was painted before a `state()`; None where none rests on it."""
    return _frame(state, "source")


def _frame(state: State, name: str) -> Frame | None:
    pixels = state.get(_REST + name)
    return None if pixels is None else Frame(pixels)  # type: ignore[arg-type]
