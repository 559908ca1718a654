"""A source in the colours of its styles, each region in those of its own."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vidstyle.synthesis.colors import Colors, palette_map, pixel_moments, recolored, transfer_palette
from vidstyle.synthesis.regions import region_by_region
from vidstyle.synthesis.targets import StyleTarget


def toned(source: Tensor, targets: Sequence[StyleTarget], guides: Tensor | None, strength: float) -> Tensor:
    """The source (1, 3, H, W) as far on its way to the palettes of the targets as the strength says.

    Args:
        source: in 0..1.
        targets: one a region.
        guides: (1, R, H, W) what belongs to each; None without masks.
        strength: 0 is the source.
    """

    def moved(region: int, guide: Tensor | None) -> Tensor:
        return transfer_palette(source, targets[region].color_mean, targets[region].color_covariance, guide)

    return torch.lerp(source, region_by_region(source, guides, moved), strength)


def followed(picture: Tensor, before: Tensor, now: Tensor, guides: Tensor | None) -> Tensor:
    """A picture painted for one toned source, in the colours that it would have for another.

    Few and short steps would bring colours along over many frames; this brings them at once.

    Args:
        picture: (1, 3, H, W) in 0..1.
        before: (1, 3, H, W) the source in the colours that the picture was painted with.
        now: the same source in those that it shall have.
        guides: (1, R, H, W) what belongs to each region; None without masks.
    """

    def moved(_: int, guide: Tensor | None) -> Tensor:
        old, new = (Colors(*pixel_moments(look, guide)) for look in (before, now))
        return recolored(picture, palette_map(old, new))

    return region_by_region(picture, guides, moved)
