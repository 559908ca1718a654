"""The loss of one frame: L = alpha content + beta style + gamma temporal + total variation."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vidstyle.settings import Settings
from vidstyle.synthesis.detail import Calm, Detail
from vidstyle.synthesis.losses import squared_distance, temporal_distance, total_variation, weighted_sum
from vidstyle.synthesis.regions import Part
from vidstyle.synthesis.sight import Content, Sight
from vidstyle.synthesis.solver import Bond

# What a weight of 1 means. With these, weights of 1 give a good picture for styles of every kind:
# chosen by eye, on the samples and on real clips, in a dozen styles.
CONTENT_UNIT = 0.073
STYLE_UNIT = 1.0
TEMPORAL_UNIT = 80.0
SMOOTHNESS_UNIT = 0.05
# Pull towards the picture without strokes at a strength of a half. It grows without bounds towards 0, so
# that the dial begins at the source: without it, strength 0.1 changes half as much as the full style.
NEARNESS_UNIT = 1.0
# At 1 letters a few pixels wide are read through any style; squared, so that the dial does not end at 0.3.
DETAIL_UNIT = 16.0
CALM_UNIT = 300.0


@dataclass(frozen=True, eq=False)
class Objective:
    """What the picture of one frame is asked to be; call it with a picture to get the loss.

    Attributes:
        sight: what is seen of the picture.
        settings: the weights.
        parts: the style of each region, or of all of the picture.
        content: the frame at each content tap.
        moved: (1, 3, H, W) previous picture moved along the flow, None at the start of a shot.
        trust: (1, 1, H, W) where `moved` holds.
        detail: what to keep of the source's edges.
        calm: what to keep flat.
        base: (1, 3, H, W) what the picture would be without any strokes, where its strength is below 1.
    """

    sight: Sight
    settings: Settings
    parts: tuple[Part, ...]
    content: tuple[Content, ...]
    moved: Tensor | None = None
    trust: Tensor | None = None
    base: Tensor | None = None
    detail: Detail | None = None
    calm: Calm | None = None

    def __call__(self, image: Tensor) -> Tensor:
        """The loss of (1, 3, H, W) in 0..1, a scalar."""
        weights = self.settings
        seen = self.sight(image, [part.weights for part in self.parts], self.content)
        terms = [(weights.smoothness_weight * SMOOTHNESS_UNIT, total_variation(image))]
        for part, sums in zip(self.parts, seen.sums, strict=True):
            terms.append((weights.style_weight * STYLE_UNIT, part.distance(sums, weights.style_loss)))
        for distance, content in zip(seen.content, self.content, strict=True):
            share = weights.content_weight * CONTENT_UNIT / len(self.content)
            terms.append((share, distance / content.scale))
        if self.moved is not None and self.trust is not None:
            distance = temporal_distance(image, self.moved, self.trust)
            terms.append((weights.temporal_weight * TEMPORAL_UNIT, distance))
        if self.base is not None:
            pull = NEARNESS_UNIT * (1 / weights.strength - 1)
            terms.append((pull, squared_distance(image, self.base)))
        if self.detail is not None:
            terms.append((weights.detail**2 * DETAIL_UNIT, self.detail.distance(image)))
        if self.calm is not None:
            terms.append((weights.smooth**2 * CALM_UNIT, self.calm.distance(image)))
        return weighted_sum(terms)

    def bond(self) -> Bond | None:
        """The temporal loss, as what holds each pixel; None where there is none."""
        if self.moved is None or self.trust is None:
            return None
        weight = self.settings.temporal_weight * TEMPORAL_UNIT
        return Bond(self.moved, self.trust * (2 * weight / self.moved.numel()))
