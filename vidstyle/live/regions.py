"""Regions painted by the live network: each style over the whole picture, shown under its masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis.pictures import CPU, tensor_of
from vidstyle.synthesis.regions import guides_of, laid
from vidstyle.synthesis.scheduled import Directed
from vidstyle.synthesis.stylizer import State


class Regional:
    """One stylizer a region, their pictures laid over each other by the frame's masks; fulfils `Stylizer`.

    Each keeps the whole of its picture steady: what a mask comes to show is there already.

    Args:
        stylizers: by region.
    """

    def __init__(self, stylizers: Mapping[int, Directed]) -> None:
        self._stylizers = dict(sorted(stylizers.items()))

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        return self._laid(frame, [stylizer.start(frame) for stylizer in self._stylizers.values()])

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot."""
        return self._laid(frame, [stylizer.next(frame, motion) for stylizer in self._stylizers.values()])

    def direct(self, settings: Settings, weights: Sequence[float] | None) -> None:
        """Other settings, and weights of the styles of what no mask covers; fulfils `Directed`."""
        for region, stylizer in self._stylizers.items():
            stylizer.direct(settings, None if region else weights)

    def state(self) -> State:
        """All that the next frame depends on."""
        return {
            f"{region} {name}": array
            for region, stylizer in self._stylizers.items()
            for name, array in stylizer.state().items()
        }

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        for region, stylizer in self._stylizers.items():
            mark = f"{region} "
            own = {name: array for name, array in state.items() if name.startswith(mark)}
            stylizer.restore({name.removeprefix(mark): array for name, array in own.items()})

    def _laid(self, frame: Frame, painted: list[Frame]) -> Frame:
        guides = guides_of(frame, list(self._stylizers), CPU)
        if guides is None:
            return painted[0]
        mixed = laid(tensor_of(frame.floats()), [tensor_of(each.floats()) for each in painted], guides)
        result = painted[0].with_pixels(mixed[0].permute(1, 2, 0).contiguous().numpy())
        return result.with_pixels(result.bytes()) if painted[0].pixels.dtype == np.uint8 else result
