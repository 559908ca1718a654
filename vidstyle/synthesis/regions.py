"""Regions: each part of a picture has statistics of its own to reach (Gatys et al. 2017, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.errors import InputError
from vidstyle.frames import Frame
from vidstyle.settings import StyleStatistics
from vidstyle.synthesis.light import light_change
from vidstyle.synthesis.losses import style_distance_of
from vidstyle.synthesis.octaves import MARGIN, Octaves
from vidstyle.synthesis.statistics import Statistics, Sums, statistics_of
from vidstyle.synthesis.targets import StyleTarget


def guides_of(frame: Frame, regions: Sequence[int], device: torch.device) -> Tensor | None:
    """(1, R, H, W) float32: how much of each pixel belongs to each of some regions; None without masks.

    Raises:
        InputError: the frame has too few masks for these regions.
    """
    if max(regions) > len(frame.masks):
        raise InputError(
            f"has {len(frame.masks)} masks, and there is a style for region {max(regions)}",
            where=f"frame {frame.index}",
            hint="Give every frame a mask for each region.",
        )
    return torch.from_numpy(frame.regions()[list(regions)])[None].to(device) if frame.masks else None


def fitted(guides: Tensor, image: Tensor) -> Tensor:
    """The guides at an image's size: the mean of what each of its pixels covers."""
    size = image.shape[-2:]
    return guides if guides.shape[-2:] == size else F.interpolate(guides, size, mode="area")


def region_by_region(
    image: Tensor, guides: Tensor | None, make: Callable[[int, Tensor | None], Tensor]
) -> Tensor:
    """What `make` makes of each region, laid together; without guides, of the whole picture.

    Args:
        image: (1, 3, H, W), which shows where there is no region.
        guides: (1, R, h, w).
        make: takes the place of a region among the guides, and its guide at the image's size.
    """
    if guides is None:
        return make(0, None)
    guides = fitted(guides, image)
    return laid(image, [make(n, guides[:, n : n + 1]) for n in range(guides.shape[1])], guides)


def laid(source: Tensor, pictures: Sequence[Tensor], guides: Tensor) -> Tensor:
    """Each picture in its region, all of them (1, 3, H, W); the source where there is no region at all.

    Where a region ends beside none, its picture goes on to the last pixel that has any of it.
    """
    covered = guides.sum(1, keepdim=True)
    shares = guides / torch.where(covered > 0, covered, 1)
    mixed = torch.stack([shares[:, n : n + 1] * picture for n, picture in enumerate(pictures)]).sum(0)
    return torch.where(covered > 0, mixed, source)


def within(guides: Tensor | None, image: Tensor, otherwise: Tensor) -> Tensor:
    """The image where there is any region, and another picture of its size elsewhere."""
    if guides is None:
        return image
    return torch.where(fitted(guides, image).sum(1, keepdim=True) > 0, image, otherwise)


def belonging(guides: Tensor, before: Tensor) -> Tensor:
    """(1, 1, H, W) in 0..1: how much of each pixel belongs where it did; 0 where all of it changed hands.

    Args:
        guides: (1, R, H, W), of the frame.
        before: those of the frame before, moved along the flow.
    """
    change = guides - before
    outside = change.sum(1, keepdim=True)  # what regions gain is lost by what is none's, and the reverse
    return 1 - (change.abs().sum(1, keepdim=True) + outside.abs()) / 2


def light_within(guides: Tensor | None, source: Tensor, moved_source: Tensor, trust: Tensor) -> Tensor:
    """`light_change`, told by each region for itself: no light spreads over a border."""
    if guides is None:
        return light_change(source, moved_source, trust)
    each = [guides[:, n : n + 1] for n in range(guides.shape[1])]
    return torch.stack([guide * light_change(source, moved_source, trust * guide) for guide in each]).sum(0)


@dataclass(frozen=True, eq=False)
class Part:
    """What one region is asked for, or all of a picture without regions.

    Attributes:
        share: of the picture's area, so that a weight means the same for every pixel of any region: a scalar.
        weights: (h, w) a style tap, how much each cell counts; their sum is 1. None: all of them alike.
            They sum up the guided statistics of Gatys et al. (2017, eq. 4), by masks of any softness.
        statistics: to reach at each style tap.
        target: scales of the distances.
    """

    share: Tensor | float
    weights: tuple[Tensor, ...] | None
    statistics: tuple[Statistics, ...]
    target: StyleTarget

    def distance(self, sums: Sequence[Sums], kind: StyleStatistics) -> Tensor:
        """The mean style distance of the region over the taps, times its share: a scalar.

        Args:
            sums: of the picture at each style tap, by the weights.
            kind: which statistics.
        """
        each = 1 / len(self.statistics)
        return self.share * style_distance_of(sums, self.statistics, self.target.scales, kind, each)

    def beginning_at(self, sums: Sequence[Sums], strength: float, kind: StyleStatistics) -> Part:
        """The part with its statistics moved back to the source's own: all the way at a strength of 0."""
        statistics = tuple(
            statistics_of(own, kind).mixed(goal, strength)
            for own, goal in zip(sums, self.statistics, strict=True)
        )
        return replace(self, statistics=statistics)


def parts_of(network: Octaves, guides: Tensor | None, targets: Sequence[StyleTarget]) -> tuple[Part, ...]:
    """What each region of a frame is asked for; regions that are not in it are left out.

    Args:
        network: the taps that are compared.
        guides: (1, R, H, W), of the frame; None without masks.
        targets: one a region.
    """
    if guides is None:
        return (Part(1.0, None, targets[0].statistics, targets[0]),)
    there = guides.any(3).any(2)[0].tolist()
    return tuple(
        part_of(network, guides[:, region : region + 1], target)
        for region, target in enumerate(targets)
        if there[region]
    )


def part_of(network: Octaves, guide: Tensor, target: StyleTarget) -> Part:
    """What the pixels of a guide (1, 1, H, W) in 0..1 are asked for. Never waits for the device."""
    padded = F.pad(guide, (MARGIN,) * 4, mode="reflect")
    shrunk = [F.avg_pool2d(padded, network.strides[index])[0, 0] for index in network.style_taps]
    # What is too small for a coarse tap's cells counts as none there.
    weights = tuple(each / each.sum().clamp(min=1e-12) for each in shrunk)
    return Part(guide.mean(), weights, target.statistics, target)
