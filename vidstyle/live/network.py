"""The live network: one small feed-forward network that paints in any style, shown to it once.

A style picture becomes a short vector (`StyleEncoder`) of how strongly each expert kernel counts and
of the scale and shift after each normalisation (conditional instance normalisation, Dumoulin et al.
2017 and Ghiasi et al. 2017; mixtures of kernels, Yang et al. 2019). `LiveNetwork.kernels` turns the
vector into plain convolution weights, once a style, so that a frame costs no more than in a network
made for one style. Most of the work is done at an eighth of the size.
`training/train_live.py` made its weights; `assets/live.md` is its model card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.features.eight_bits import ByteConvolution
from vidstyle.features.student import TAP_CHANNELS
from vidstyle.live.grid import without_grid

WIDE, DEEP = 32, 64  # channels at a quarter and at an eighth of the size
BLOCKS = 4  # residual ones, at an eighth
EXPERTS = 4  # kernels of each convolution that a style mixes: they cost a frame nothing
FINE = 8  # channels at half the size
UNFOLD = 4  # side of the square of pixels that becomes one place of a quarter-size picture
MULTIPLE = 8  # sides that the network sees are multiples of this
DESCRIPTION = 2 * sum(TAP_CHANNELS) + 9  # mean and spread of each feature; palette mean and covariance
HIDDEN = 192
NARROWEST = 1e-3  # least variance that a normalisation divides by


@dataclass(frozen=True, eq=False)
class Layer:
    """One convolution as a style wants it: kernel (O, I, 3, 3), bias, and scale and shift after it.

    Of several styles at once all but the bias have a dimension more in front.

    Attributes:
        stride: of the convolution.
        in_bytes: the same convolution in 8 bits, for `paint_in_bytes`.
    """

    kernel: Tensor
    bias: Tensor
    scale: Tensor | None = None
    shift: Tensor | None = None
    stride: int = 1
    in_bytes: ByteConvolution | None = None


class StyledConvolution(nn.Module):
    """A 3x3 convolution whose kernel is a style's mixture of experts, then a styled normalisation."""

    def __init__(self, inputs: int, outputs: int, *, normalised: bool = True, stride: int = 1) -> None:
        super().__init__()
        kernels = torch.empty(EXPERTS, outputs, inputs, 3, 3)
        for kernel in kernels:
            nn.init.kaiming_normal_(kernel, nonlinearity="relu")
        self.kernels = nn.Parameter(kernels)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.normalised, self.stride = normalised, stride
        self.wants = EXPERTS + (2 * outputs if normalised else 0)

    def layer(self, wishes: Tensor) -> Layer:
        """The plain layer that (..., wants) numbers of a style, or of several, ask for."""
        shares = wishes[..., :EXPERTS] + 1 / EXPERTS
        kernel = torch.einsum("...k,koihw->...oihw", shares, self.kernels)
        if not self.normalised:
            return Layer(kernel, self.bias, stride=self.stride)
        scale, shift = wishes[..., EXPERTS:].chunk(2, -1)
        return Layer(kernel, self.bias, 1 + scale, shift, self.stride)


class StyleEncoder(nn.Module):
    """From the description of a style picture to what each layer of the network wants."""

    def __init__(self, wants: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(DESCRIPTION))
        self.register_buffer("spread", torch.ones(DESCRIPTION))
        last = nn.Linear(HIDDEN, wants)
        self.layers = nn.Sequential(
            nn.Linear(DESCRIPTION, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), last
        )
        nn.init.normal_(last.weight, std=0.02)
        nn.init.zeros_(last.bias)

    centre: Tensor
    spread: Tensor

    def forward(self, description: Tensor) -> Tensor:
        """(..., wants) of (..., DESCRIPTION) numbers."""
        wishes: Tensor = self.layers(((description - self.centre) / self.spread).clamp(-4, 4))
        return wishes


class LiveNetwork(nn.Module):
    """Quarter-size input, residual blocks at an eighth, then back to full size over a half."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = StyledConvolution(48, WIDE)
        self.down = StyledConvolution(WIDE, DEEP, stride=2)
        self.blocks = nn.ModuleList(StyledConvolution(DEEP, DEEP) for _ in range(2 * BLOCKS))
        self.up = StyledConvolution(DEEP, WIDE, normalised=False)
        self.merge = StyledConvolution(WIDE, WIDE)
        self.widen = StyledConvolution(WIDE, FINE * 4)
        self.finish = StyledConvolution(FINE, 12, normalised=False)
        self.encoder = StyleEncoder(sum(layer.wants for layer in self._convolutions()))
        with torch.no_grad():  # a start without a grid: what becomes neighbours begins equal
            for layer in (self.widen, self.finish):
                layer.kernels.copy_(layer.kernels[:, ::4].repeat_interleave(4, 1))
            self.finish.kernels.mul_(0.1)

    def _convolutions(self) -> list[StyledConvolution]:
        return [self.enter, self.down, *self.blocks, self.up, self.merge, self.widen, self.finish]

    def kernels(self, wishes: Tensor) -> tuple[Layer, ...]:
        """Plain layers of what `encoder` said of a style, or of several (or of a mixture of such vectors)."""
        layers, place = [], 0
        for convolution in self._convolutions():
            layers.append(convolution.layer(wishes[..., place : place + convolution.wants]))
            place += convolution.wants
        enter, *inner, widen, finish = layers
        order = _place_by_place(48, UNFOLD, wishes.device)
        enter = replace(enter, kernel=enter.kernel.index_select(-3, order))
        return (enter, *inner, _regrouped(widen), _regrouped(finish))


def folded(image: Tensor, by: int = UNFOLD) -> Tensor:
    """(B, C, H, W) of any type as (B, by * by * C, H / by, W / by), fast where channels come last.

    Channels go place by place, unlike those of `F.pixel_unshuffle`: whole runs move, not single numbers.
    """
    count, channels, height, width = image.shape
    rows = image.permute(0, 2, 3, 1).reshape(-1, by, width // by, by * channels)
    places = _swapped(rows).reshape(count, height // by, width // by, by * by * channels)
    return places.permute(0, 3, 1, 2)


def unfolded(image: Tensor, by: int = 2) -> Tensor:
    """The inverse of `folded`."""
    count, channels, height, width = image.shape
    places = image.permute(0, 2, 3, 1).reshape(-1, width, by, channels // by)
    rows = _swapped(places).reshape(count, height * by, width * by, channels // by**2)
    return rows.permute(0, 3, 1, 2)


def _swapped(runs: Tensor) -> Tensor:
    """(N, B, A, C) of (N, A, B, C)."""
    if runs.device.type != "cpu" or runs.requires_grad:
        return runs.transpose(1, 2)
    # As items of so many bytes: torch copies number by number, which takes three times as long.
    items = runs.contiguous().view(torch.uint8).numpy()
    moved = np.ascontiguousarray(items.view(f"V{items.shape[-1]}")[..., 0].swapaxes(1, 2))
    return torch.from_numpy(moved.view(np.uint8)).view(runs.dtype).view(*moved.shape, -1)


def _place_by_place(channels: int, by: int, device: torch.device | None = None) -> Tensor:
    """Which channels of `F.pixel_unshuffle`, whose order the weights are kept in, `folded` has one by one."""
    return torch.arange(channels, device=device).view(-1, by * by).T.flatten()


def _regrouped(layer: Layer) -> Layer:
    """The layer with its outputs in the order that `unfolded` takes them in."""
    order = _place_by_place(len(layer.bias), 2, layer.bias.device)
    scale, shift = (None if p is None else p.index_select(-1, order) for p in (layer.scale, layer.shift))
    kernel, bias = layer.kernel.index_select(-4, order), layer.bias.index_select(0, order)
    return replace(layer, kernel=kernel, bias=bias, scale=scale, shift=shift)


def paint(image: Tensor, layers: Sequence[Layer]) -> Tensor:
    """Images painted with a style's layers, or each with its own style's.

    Args:
        image: (B, 48, H / 4, W / 4), images whose colours are those of the style already, in -1..1,
            `folded`; H and W are multiples of 8.
        layers: what `LiveNetwork.kernels` gave, of one style or of B.

    Returns:
        (B, 3, H, W), what to add to the images.
    """
    enter, down, *blocks, up, merge, widen, finish = layers
    quarter = _styled(image, enter)
    hidden = _styled(quarter, down)
    for first, second in zip(blocks[::2], blocks[1::2], strict=True):
        hidden = hidden + _styled(_styled(hidden, first), second, relu=False)
    # Not by four kernels of one place each, as below: flat areas would show the grid of these places.
    coarse = F.interpolate(_convolved(hidden, up), scale_factor=2, mode="bilinear", align_corners=False)
    quarter = _styled(quarter + coarse, merge)
    half = unfolded(_styled(quarter, widen))
    return picture_of(_convolved(half, finish))


def picture_of(places: Tensor) -> Tensor:
    """(B, 3, H, W) of what the last convolution paints at half the size, (B, 12, H / 2, W / 2)."""
    return unfolded(unfolded(without_grid(folded(places, 2))))


def _convolved(hidden: Tensor, layer: Layer) -> Tensor:
    # Mirrored margins: zeros would be painted as a coloured frame.
    padded = F.pad(hidden, (1, 1, 1, 1), mode="reflect")
    kernel, bias = layer.kernel.to(hidden.dtype), layer.bias.to(hidden.dtype)
    if kernel.dim() == 4:
        return F.conv2d(padded, kernel, bias, stride=layer.stride)
    count = len(kernel)
    side_by_side = padded.reshape(1, -1, *padded.shape[2:])
    several = (kernel.flatten(0, 1), bias.repeat(count))
    result = F.conv2d(side_by_side, *several, stride=layer.stride, groups=count)
    return result.view(count, -1, *result.shape[2:])


def _styled(hidden: Tensor, layer: Layer, *, relu: bool = True) -> Tensor:
    hidden = _convolved(hidden, layer)
    scale, shift, whole = layer.scale, layer.shift, hidden.shape
    assert scale is not None and shift is not None
    if len(hidden) > 1:
        # Instance normalisation: over one picture of many channels, torch's fastest kernel is this one.
        scale, shift = (part.expand(whole[:2]) for part in (scale, shift))
        hidden = hidden.reshape(1, -1, *whole[2:])
    # No more calls than it takes: threads that paint at once wait for each other in every one.
    hidden = F.batch_norm(hidden, None, None, scale.flatten(), shift.flatten(), training=True, eps=NARROWEST)
    if hidden.shape != whole:
        hidden = hidden.view(whole)
    return F.relu_(hidden) if relu else hidden
