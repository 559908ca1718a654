"""What paints a stream of frames: the protocol that the optimiser and the live network fulfil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vidstyle.frames import Frame, Motion, Pixels

State = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class StylePicture:
    """A picture to take the style from.

    Attributes:
        pixels: (H, W, 3) RGB, uint8 or float32 in 0..1.
        weight: its share in a mixture of styles, relative to the other weights.
        region: which of `Frame.regions` it is for; those of one region are mixed.
    """

    pixels: Pixels
    weight: float = 1.0
    region: int = 0


class Stylizer(Protocol):
    """Paints frame after frame of a stream."""

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot, painted; forgets what came before."""
        ...

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of the shot, painted; `motion` leads from it back to the frame before.

        It may be that of a smaller picture.
        """
        ...

    def state(self) -> State:
        """All that the next frame depends on, as arrays: enough to go on elsewhere, bit for bit."""
        ...

    def restore(self, state: State) -> None:
        """Go on from where another stylizer of the same styles and settings gave `state()`."""
        ...
