"""Styles measured once at each size, and mixed anew whenever their shares change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from vidstyle.features.network import FeatureNetwork
from vidstyle.settings import StyleStatistics
from vidstyle.synthesis.colors import Colors, palette_map, pixel_moments, recolored
from vidstyle.synthesis.dials import Dials, colors_of
from vidstyle.synthesis.octaves import Octaves
from vidstyle.synthesis.statistics import Statistics
from vidstyle.synthesis.stylizer import StylePicture
from vidstyle.synthesis.targets import Look, StyleTarget, busy, look_of, mixed_target


class Mixture:
    """The targets of mixtures of some styles.

    To mix what was measured takes less than a millisecond, so that shares may change with every frame.
    Styles in other colours are measured anew, one pass of the network for each.

    Args:
        network: the taps that are compared.
        pictures: (1, 3, H, W) style pictures in 0..1.
        style_size: height of a style picture as a share of the painted picture's.
        kind: which statistics.
    """

    def __init__(
        self, network: FeatureNetwork, pictures: Sequence[Tensor], style_size: float, kind: StyleStatistics
    ) -> None:
        self._network, self._pictures = network, pictures
        self._style_size, self._kind = style_size, kind
        self._own = [Colors(*pixel_moments(picture)) for picture in pictures]
        self._networks = lru_cache(maxsize=16)(self._network_at)
        self._looks = lru_cache(maxsize=16)(self._measure)
        self.target = lru_cache(maxsize=16)(self._target)
        """(height, shares, palette) to the target; see `Dials`."""

    def network(self, height: int) -> Octaves:
        """The taps for pictures of a height in pixels."""
        return self._networks(height)[0]

    def _target(
        self, height: int, shares: tuple[float, ...], palette: tuple[float, ...] | None = None
    ) -> StyleTarget:
        return mixed_target(self._looks(height, palette), shares, self._networks(height)[1])

    @torch.no_grad()
    def _network_at(self, height: int) -> tuple[Octaves, list[Statistics]]:
        network = Octaves(self._network, height)
        return network, busy(network, self._kind)

    @torch.no_grad()
    def _measure(self, height: int, palette: tuple[float, ...] | None) -> list[Look]:
        pictures = self._pictures
        if palette is not None:
            wanted = colors_of(palette)
            pictures = [
                recolored(picture, palette_map(own, wanted))
                for picture, own in zip(pictures, self._own, strict=True)
            ]
        network, size = self.network(height), self._style_size
        return [
            look_of(network, picture, height=height, style_size=size, kind=self._kind) for picture in pictures
        ]


class Mixtures:
    """The mixture of each region's styles.

    Args:
        network: the taps that are compared.
        styles: of all regions.
        pictures: theirs, (1, 3, H, W) in 0..1.
        style_size: height of a style picture as a share of the painted picture's.
        kind: which statistics.

    Attributes:
        regions: those that there are styles for, in order.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        styles: Sequence[StylePicture],
        pictures: Sequence[Tensor],
        style_size: float,
        kind: StyleStatistics,
    ) -> None:
        self.regions = sorted({style.region for style in styles})
        self._mixtures: list[Mixture] = []
        self._shares: list[tuple[float, ...]] = []
        for region in self.regions:
            own = [place for place, style in enumerate(styles) if style.region == region]
            self._mixtures.append(Mixture(network, [pictures[place] for place in own], style_size, kind))
            self._shares.append(shares_of([styles[place].weight for place in own]))

    def network(self, height: int) -> Octaves:
        """The taps for pictures of a height in pixels."""
        return self._mixtures[0].network(height)

    def targets(self, height: int, dials: Dials) -> list[StyleTarget]:
        """One a region; the shares of the dials are those of the styles of what no mask covers."""
        each = zip(self.regions, self._mixtures, self._shares, strict=True)
        return [
            mixture.target(height, own if region else dials.shares, dials.palette)
            for region, mixture, own in each
        ]


def shares_of(weights: Sequence[float]) -> tuple[float, ...]:
    """Relative weights as shares whose sum is 1."""
    return tuple(weight / sum(weights) for weight in weights)
