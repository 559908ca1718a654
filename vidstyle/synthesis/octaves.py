"""Taps of tall pictures: the network sees further, so that strokes do not shrink with resolution."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from vidstyle.features.network import FeatureNetwork, Head, tap_of
from vidstyle.synthesis.mirror import mirrored

MARGIN = 8  # pixels mirrored beyond the border: zero padding would be painted as a dotted frame
REFERENCE_HEIGHT = 360  # the coarsest tap of the network sees strokes up to about a third of this


class Octaves:
    """A feature network with one more style tap for each halving of a picture down to 360 lines.

    The added tap is the network's coarsest, of the image at 1/2, 1/4, ... of its size: at twice the
    resolution, the same strokes are then seen by the same taps.
    """

    def __init__(self, network: FeatureNetwork, height: int) -> None:
        self.network = network
        self.added = max(0, round(math.log2(max(height, 1) / REFERENCE_HEIGHT)))
        self.name = network.name
        self.fingerprint = network.fingerprint
        self.device = network.device
        self.content_taps = network.content_taps
        count = len(network.strides)
        self.style_taps = (*network.style_taps, *range(count, count + self.added))
        self.heads: tuple[Head | None, ...] = (*network.heads, *(network.heads[-1:] * self.added))
        self.strides = (*network.strides, *(network.strides[-1] << (n + 1) for n in range(self.added)))
        self.smallest_side = network.smallest_side << self.added
        self.reach = network.reach

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Taps of (1, 3, H, W) in 0..1 and of a margin around it, the added ones last."""
        return [tap_of(each, head) for each, head in zip(self.features(image), self.heads, strict=True)]

    def features(self, image: Tensor) -> list[Tensor]:
        """What the taps are made of, by `heads`."""
        whole, *smaller = self.shown(image)
        return [
            *self.network.features(whole),
            *(self.network.features(octave)[-1] for octave in smaller),
        ]

    def shown(self, image: Tensor) -> list[Tensor]:
        """What the network looks at: (1, 3, H, W) with a margin around it, and that at 1/2, 1/4, ..."""
        whole = mirrored(image, MARGIN)
        return [whole, *(F.avg_pool2d(whole, 1 << octave) for octave in range(1, self.added + 1))]
