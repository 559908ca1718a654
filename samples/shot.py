"""What a shot is, and the measures of the clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sky import Sky
from tracing import Body, Camera

SIZE = (270, 480)  # height, width
FPS = 25
FRAMES = 100
CUT = 62  # the first frame of the second shot


@dataclass(frozen=True, eq=False)
class Shot:
    """`camera` and `sunlight` take seconds from the shot's start; `reach` bounds the shadows.

    Shadows fall within `reach` world units of `focus`; `haze` is the share of light lost per unit.
    """

    bodies: tuple[Body, ...]
    camera: Callable[[float], Camera]
    sunlight: Callable[[float], float]
    sky: Sky
    sun_colour: str
    haze: float
    focus: tuple[float, float, float]
    reach: float
