"""What the live network knows of a style: numbers that its layers want, and the style's palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from vidstyle.live.network import Layer, LiveNetwork
from vidstyle.synthesis.targets import StyleTarget


@dataclass(frozen=True, eq=False)
class LiveStyle:
    """A style, or a mixture of styles, ready to paint with.

    Attributes:
        wishes: (wants,) of the network's layers.
        color_mean: (3,) float64 of the style's pixels.
        color_covariance: (3, 3) float64.
        layers: the network's layers as this style wants them, laid out for who paints.
        own: the layers of a style that was practised, exact; None where they are those of its wishes.
    """

    wishes: Tensor
    color_mean: Tensor
    color_covariance: Tensor
    layers: tuple[Layer, ...] = field(repr=False)
    own: tuple[Layer, ...] | None = field(default=None, repr=False)


def described(target: StyleTarget) -> Tensor:
    """(DESCRIPTION,) float32: mean and spread of each feature, then the palette's mean and covariance."""
    return description(
        [s.first for s in target.statistics],
        [s.second for s in target.statistics],
        target.color_mean,
        target.color_covariance,
    )


def description(
    means: Sequence[Tensor], covariances: Sequence[Tensor], color_mean: Tensor, color_covariance: Tensor
) -> Tensor:
    """`described`, from (..., C) means and (..., C, C) covariances of each tap and of the colours."""
    spreads = [c.diagonal(dim1=-2, dim2=-1).clamp(min=0).sqrt() for c in covariances]
    upper = torch.triu_indices(3, 3, device=color_covariance.device)
    colors = torch.cat([color_mean, color_covariance[..., upper[0], upper[1]]], -1)
    return torch.cat([*means, *spreads, colors.float().to(spreads[0].device)], -1)


def learned(network: LiveNetwork, target: StyleTarget) -> LiveStyle:
    """The style that a target describes."""
    return _ready(network, network.encoder(described(target)), target.color_mean, target.color_covariance)


def mixed(network: LiveNetwork, styles: Sequence[LiveStyle], shares: Sequence[float]) -> LiveStyle:
    """A style between styles; the shares need not sum to 1."""
    parts = [share / sum(shares) for share in shares]
    between = _ready(
        network,
        sum_of(parts, [style.wishes for style in styles]),
        sum_of(parts, [style.color_mean for style in styles]),
        sum_of(parts, [style.color_covariance for style in styles]),
    )
    if all(style.own is None for style in styles):
        return between
    # Layers are linear in the wishes: mixed themselves they are what wishes, mixed, would ask for.
    exact = [style.own or network.kernels(style.wishes) for style in styles]
    own = tuple(_mixed_layer(parts, layers) for layers in zip(*exact, strict=True))
    return replace(between, layers=own, own=own)


def sum_of(shares: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    """The weighted sum of tensors of one shape."""
    return torch.stack([share * tensor for share, tensor in zip(shares, tensors, strict=True)]).sum(0)


def _mixed_layer(shares: Sequence[float], layers: Sequence[Layer]) -> Layer:
    scales, shifts = [layer.scale for layer in layers], [layer.shift for layer in layers]
    return replace(
        layers[0],
        kernel=sum_of(shares, [layer.kernel for layer in layers]),
        bias=sum_of(shares, [layer.bias for layer in layers]),
        scale=None if None in scales else sum_of(shares, [part for part in scales if part is not None]),
        shift=None if None in shifts else sum_of(shares, [part for part in shifts if part is not None]),
    )


def _ready(network: LiveNetwork, wishes: Tensor, mean: Tensor, covariance: Tensor) -> LiveStyle:
    return LiveStyle(wishes, mean, covariance, network.kernels(wishes))
