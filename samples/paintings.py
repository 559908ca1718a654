"""The three styles by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from ink import ink
from mosaic import mosaic
from swirls import swirls

# Each draws its picture anew: (512, 640, 3) uint8 RGB.
PAINTINGS: dict[str, Callable[[], npt.NDArray[np.uint8]]] = {"swirls": swirls, "ink": ink, "mosaic": mosaic}
