"""What lies between the parts of painting a frame live, and between one frame and the next."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vidstyle.frames import Frame, Motion
from vidstyle.live.ground import Ground
from vidstyle.live.in_bytes import Spreads
from vidstyle.live.running import Running, Turn
from vidstyle.live.style import LiveStyle
from vidstyle.synthesis.colors import Colors


@dataclass(frozen=True, eq=False)
class Memory:
    """What the next frame depends on.

    Attributes:
        painted: (1, 3, H, W) float32, channels last: the last picture.
        colors: of the shot so far.
        wishes: of the style that it was painted in.
        ground: that it was painted on.
    """

    painted: Tensor
    colors: Colors
    wishes: Tensor
    ground: Ground


@dataclass(frozen=True, eq=False)
class Before:
    """What beginning the next frame depends on.

    Attributes:
        colors: of the shot.
        shape: (height, width) of its frames.
        wishes: of the style that it is painted in.
        running: of the shot in that style.
    """

    colors: Colors
    shape: tuple[int, ...]
    wishes: Tensor
    running: Running


@dataclass(frozen=True, eq=False)
class Means:
    """What a frame is painted with.

    Attributes:
        style: to paint it in.
        colors: that the palette is laid on.
        running: of the frame's shot in its style.
        turn: of the frame there.
    """

    style: LiveStyle
    colors: Colors
    running: Running
    turn: Turn


@dataclass(frozen=True, eq=False)
class Begun:
    """A frame that waits for the network.

    Attributes:
        frame: as it was filmed.
        motion: from the frame before; None for the first of a shot.
        means: None leaves it as it is.
    """

    frame: Frame
    motion: Motion | None = None
    means: Means | None = None


@dataclass(frozen=True, eq=False)
class Painted:
    """A frame as the network alone paints it: (1, 3, H, W), and what was known or seen in the network."""

    picture: Tensor
    spreads: Spreads
