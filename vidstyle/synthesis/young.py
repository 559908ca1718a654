"""What came into sight lately is asked for the style by itself as well.

The style loss is told by sums over the whole picture. Once most of it is painted well, a strip that has just
come in hardly counts in these, and nothing would ever take it further than its pastel beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from vidstyle.synthesis.light import blur
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.regions import Part, part_of, parts_of
from vidstyle.synthesis.targets import StyleTarget

LIFE = 12.0  # frames after which what was revealed is a third as young
AROUND = 32 / 360  # of the height: what is young is judged with what lies so near to it
YOUNG_FROM = 0.01  # share of the picture that must be young before it is asked by itself


def aged(young: Tensor) -> Tensor:
    """How young the pixels (1, 1, H, W) in 0..1 are a frame later; 1 where they were just revealed."""
    return young * math.exp(-1 / LIFE)


def with_surroundings(young: Tensor) -> Tensor:
    """The map (1, 1, H, W) with what lies around: a thin strip asked for all of a style turns to noise."""
    return blur(young, max(1.0, AROUND * young.shape[-2]))


def young_parts(
    network: Octaves, young: Tensor, guides: Tensor | None, targets: Sequence[StyleTarget]
) -> tuple[Part, ...]:
    """What the young pixels of each region are asked for. Without masks, never waits for the device.

    Args:
        network: the taps that are compared.
        young: (1, 1, H, W) in 0..1, with its surroundings.
        guides: (1, R, H, W), at the size of `young`; None without masks.
        targets: one a region.
    """
    if guides is None:
        return (part_of(network, young, targets[0]),)
    return parts_of(network, guides * young, targets)
