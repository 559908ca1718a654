"""Colour moves in closed form: a style's palette laid on a picture, and luma apart from chroma."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LUMA = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709


def luma(image: Tensor) -> Tensor:
    """(1, 1, H, W) luma of (1, 3, H, W) RGB."""
    red, green, blue = LUMA
    return (red * image[:, :1]).add_(image[:, 1:2], alpha=green).add_(image[:, 2:], alpha=blue)


@dataclass(frozen=True, eq=False)
class Colors:
    """Mean (..., 3) and covariance (..., 3, 3) of a picture's colours, or of several's; float64."""

    mean: Tensor
    covariance: Tensor


def palette_map(own: Colors, wanted: Colors) -> tuple[Tensor, Tensor]:
    """The linear optimal transport map (matrix (..., 3, 3), offset (..., 3)) from a palette to another.

    Monge-Kantorovich between Gaussians (Pitie and Kokaram 2007):
    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2, for covariances A of the image and B of the style.
    """
    # A floor on the image's spread bounds the gain: noise in a nearly flat frame stays noise.
    root = _root(own.covariance + 1e-3 * torch.eye(3).to(own.covariance))
    inverse_root: Tensor = torch.linalg.inv(root)
    transport = inverse_root @ _root(root @ wanted.covariance @ root) @ inverse_root
    return transport, wanted.mean - (transport @ own.mean[..., None])[..., 0]


def recolored(image: Tensor, palette: tuple[Tensor, Tensor]) -> Tensor:
    """(B, 3, H, W) in 0..1, with its colours moved along a `palette_map`."""
    matrix, offset = palette
    # Frames come as (H, W, 3): in planes they are multiplied in half of the time, which pays for the copy.
    planes = image.contiguous().flatten(2)
    every = matrix.to(image).expand(len(image), -1, -1)
    return torch.baddbmm(offset.to(image)[:, None], every, planes).clamp_(0, 1).view(image.shape)


def transfer_palette(
    image: Tensor, mean: Tensor, covariance: Tensor, weights: Tensor | None = None
) -> Tensor:
    """Move an image's colours to a mean and covariance by the linear optimal transport map.

    Args:
        image: (1, 3, H, W) RGB in 0..1.
        mean: (3,) of the style's pixels.
        covariance: (3, 3) of the style's pixels.
        weights: (1, 1, H, W), how much each pixel counts where the image's own colours are told.

    Returns:
        (1, 3, H, W) in 0..1. A flat image takes the style's mean.
    """
    return recolored(image, palette_map(Colors(*pixel_moments(image, weights)), Colors(mean, covariance)))


def pixel_moments(image: Tensor, weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of an image's colours; float64 on the CPU, as some devices lack it.

    Args:
        image: (1, 3, H, W).
        weights: (1, 1, H, W), how much each pixel counts; all of them alike if it is None or zero.
    """
    flat = image.contiguous().flatten(2)[0].float()
    if weights is not None and weights.any():
        shares = weights.flatten() / weights.sum()
        mean = flat @ shares
        centred = flat - mean[:, None]
        return mean.cpu().double(), (centred * shares @ centred.T).cpu().double()
    mean = flat.mean(1)
    centred = flat - mean[:, None]
    return mean.cpu().double(), (centred @ centred.T / flat.shape[1]).cpu().double()


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()[..., None, :]) @ vectors.mT
    return root
