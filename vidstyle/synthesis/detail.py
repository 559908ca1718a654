"""What a picture should keep of its source at the finest scale: its edges, and the calm of its flats."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.colors import luma
from vidstyle.synthesis.light import blur
from vidstyle.synthesis.losses import squared_distance

SCALES = (1, 2)  # of the Laplacians: letters and eyes are some pixels wide
CALM_LEVELS = 5  # of a pyramid: strokes are some pixels wide, or some tens
EDGE = 0.06  # difference of luma between neighbours that makes half an edge
REACH = 1 / 90  # of the height: what lies so near to an edge belongs to it
TEXTURE = 0.03  # difference of luma between neighbours at which three quarters of the flatness are gone
GRAINLESS = 120  # lines of a picture so small that grain has gone
AROUND = 1 / 45  # of the height: a flat is free of edges so far around


def laplacian(image: Tensor) -> Tensor:
    """Four neighbours less four times the pixel, of (1, C, H, W); the border's pixels go on beyond it."""
    # Of differences, and not of a padded picture: its gradient adds up in no fixed order on a graphics card.
    right = image[..., :, 1:] - image[..., :, :-1]
    down = image[..., 1:, :] - image[..., :-1, :]
    across = F.pad(right, (0, 1)) - F.pad(right, (1, 0))
    return across + F.pad(down, (0, 0, 0, 1)) - F.pad(down, (0, 0, 1, 0))


def steepness(image: Tensor) -> Tensor:
    """(1, 1, H, W) length of the gradient of luma, by differences of neighbours, of (1, 3, H, W)."""
    grey = luma(image)
    right = F.pad(grey[..., :, 1:] - grey[..., :, :-1], (0, 1))
    down = F.pad(grey[..., 1:, :] - grey[..., :-1, :], (0, 0, 0, 1))
    return (right.square() + down.square()).sqrt()


def edges_of(source: Tensor) -> Tensor:
    """(1, 1, H, W) in 0..1, where the source has edges or is near one."""
    strength = steepness(source).square()
    near = blur(strength / (strength + EDGE**2), max(1.0, REACH * source.shape[-2]))
    return (3 * near).clamp(max=1)


def flats_of(source: Tensor) -> Tensor:
    """(1, 1, H, W) in 0..1, where the source (1, 3, H, W) is flat all around; grain is no texture."""
    height, width = source.shape[-2:]
    small = _pooled(source, max(1, round(height / GRAINLESS)))
    texture = blur(steepness(small).square(), max(1.0, AROUND * small.shape[-2]))
    flat = 1 / (1 + texture / TEXTURE**2).square()
    return F.interpolate(flat, (height, width), mode="bilinear", align_corners=False)


@dataclass(frozen=True, eq=False)
class Detail:
    """Pull towards the source's Laplacian where it has edges (Li et al. 2017, eq. 3, with such weights).

    Attributes:
        edges: (1, 1, H, W) in 0..1 at each of `SCALES`.
        wanted: (1, 1, H, W) Laplacians of the luma of the source in the style's colours.
    """

    edges: tuple[Tensor, ...]
    wanted: tuple[Tensor, ...]

    @classmethod
    def of(cls, source: Tensor, base: Tensor) -> Detail:
        """What to keep of a source (1, 3, H, W), given the same in the style's colours."""
        edges = edges_of(source)
        return cls(
            tuple(_pooled(edges, scale) for scale in SCALES),
            tuple(laplacian(_pooled(luma(base), scale)) for scale in SCALES),
        )

    def distance(self, image: Tensor) -> Tensor:
        """mean of edges * (laplacian - wanted)^2, summed over the scales; of (1, 3, H, W), a scalar."""
        grey = luma(image)
        total = grey.new_zeros(())
        for scale, edges, wanted in zip(SCALES, self.edges, self.wanted, strict=True):
            total = total + squared_distance(laplacian(_pooled(grey, scale)), wanted, edges)
        return total


@dataclass(frozen=True, eq=False)
class Calm:
    """Pull towards the source's own shades where it is flat: total variation of what strokes add there.

    Attributes:
        flats: (1, 1, h, w) in 0..1 at each level of a Gaussian pyramid.
        base: (1, 3, H, W) the source in the style's colours.
    """

    flats: tuple[Tensor, ...]
    base: Tensor

    @classmethod
    def of(cls, source: Tensor, base: Tensor) -> Calm:
        """What to keep flat of a source (1, 3, H, W), given the same in the style's colours."""
        levels = [flats_of(source)]
        while len(levels) < CALM_LEVELS:
            levels.append(_halved(levels[-1]))
        return cls(tuple(levels), base)

    def distance(self, image: Tensor) -> Tensor:
        """mean of flats * |gradient of (image - base)|^2, summed over the levels; of (1, 3, H, W), a scalar.

        Its mean is free: a sky may take on another colour, all of it.
        """
        added = image - self.base
        total = image.new_zeros(())
        for level, flats in enumerate(self.flats):
            added = _halved(added) if level else added
            right = (added[..., :, 1:] - added[..., :, :-1]).square() * flats[..., :, 1:]
            down = (added[..., 1:, :] - added[..., :-1, :]).square() * flats[..., 1:, :]
            total = total + right.mean() + down.mean()
        return total


def _halved(image: Tensor) -> Tensor:
    """A level of a Gaussian pyramid (Burt and Adelson 1983): blocks would be painted as blocks."""
    places = torch.arange(4, device=image.device, dtype=image.dtype)
    kernel = (4 - 2 * (places - 1.5).abs()) / 8  # 1, 3, 3, 1
    wide = torch.cat([image[..., :1], image, image[..., -1:]], -1)
    padded = torch.cat([wide[..., :1, :], wide, wide[..., -1:, :]], -2)
    channels = image.shape[1]
    weights = torch.outer(kernel, kernel).expand(channels, 1, -1, -1)
    return F.conv2d(padded, weights, stride=2, groups=channels)


def _pooled(image: Tensor, scale: int) -> Tensor:
    return image if scale == 1 else F.avg_pool2d(image, scale, ceil_mode=True, count_include_pad=False)
