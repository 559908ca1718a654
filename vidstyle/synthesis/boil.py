"""Boil: strokes that never quite stand still, as in drawings made anew for every frame."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.frames import Frame, Motion
from vidstyle.settings import Settings
from vidstyle.synthesis.stylizer import State, Stylizer
from vidstyle.synthesis.warp import warp_sharp

WANDERING = 1 / 100  # of the height: how far strokes wander at an amount of 1, standard deviation
COARSENESS = 1 / 9  # of the height: what lies nearer together wanders together, as a hand draws it


class Boiling:
    """Another stylizer whose pictures wobble, each by itself; fulfils `Stylizer`.

    Each picture is drawn through a smooth random displacement of its own. What the stylizer goes on from
    is not touched: nothing adds up over a shot, and the style stays what it was. The wobble depends
    on the seed and the frame's number alone, so that a resumed render wobbles alike.

    Args:
        stylizer: paints.
        settings: whose `boil` at the time of a frame, 0 standing still and 1 wandering by a hundredth of
            the height, and `seed` make its wobble.
    """

    def __init__(self, stylizer: Stylizer, settings: Settings) -> None:
        self._stylizer = stylizer
        self._settings = settings

    def start(self, frame: Frame) -> Frame:
        """The first frame of a shot."""
        return self._wobbled(self._stylizer.start(frame))

    def next(self, frame: Frame, motion: Motion) -> Frame:
        """The next frame of a shot."""
        return self._wobbled(self._stylizer.next(frame, motion))

    def state(self) -> State:
        """All that the next frame depends on."""
        return self._stylizer.state()

    def restore(self, state: State) -> None:
        """Go on from a `state()`."""
        self._stylizer.restore(state)

    def _wobbled(self, painted: Frame) -> Frame:
        amount = self._settings.at(painted.seconds).boil
        if amount == 0:
            return painted
        away = amount * wobble(painted.height, painted.width, self._settings.seed, painted.index)
        pixels = torch.from_numpy(np.ascontiguousarray(painted.floats())).permute(2, 0, 1)[None]
        moved = warp_sharp(pixels, away).clamp(0, 1)
        return painted.with_pixels(moved[0].permute(1, 2, 0).contiguous().numpy())


def wobble(height: int, width: int, seed: int, index: int) -> Tensor:
    """A smooth random displacement, (1, 2, H, W) float32 pixels, of standard deviation `WANDERING`.

    Args:
        height: of the picture.
        width: of the picture.
        seed: of the render.
        index: of the frame; other frames wander elsewhere.
    """
    cell = max(4.0, height * COARSENESS)
    rows, columns = (max(2, round(side / cell) + 1) for side in (height, width))
    noise = np.random.default_rng((seed, index)).standard_normal((1, 2, rows, columns), dtype=np.float32)
    smooth = F.interpolate(torch.from_numpy(noise), (height, width), mode="bicubic", align_corners=True)
    spread = float(smooth.square().mean().sqrt()) or 1.0  # smoothing takes off some, and unevenly
    return smooth * (WANDERING * height / spread)
