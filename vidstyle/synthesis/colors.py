"""Colour moves in closed form: a style's palette laid on a picture, and luma apart from chroma."""

from __future__ import annotations

import torch
from torch import Tensor

LUMA = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709


def luma(image: Tensor) -> Tensor:
    """(1, 1, H, W) luma of (1, 3, H, W) RGB."""
    return (image * image.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def transfer_palette(image: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """Move an image's colours to a mean and covariance by the linear optimal transport map.

    Monge-Kantorovich between Gaussians (Pitie and Kokaram 2007):
    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2, for covariances A of the image and B of the style.

    Args:
        image: (1, 3, H, W) RGB in 0..1.
        mean: (3,) of the style's pixels.
        covariance: (3, 3) of the style's pixels.

    Returns:
        (1, 3, H, W) in 0..1. A flat image takes the style's mean.
    """
    own_mean, own = pixel_moments(image)
    # A floor on the image's spread bounds the gain: noise in a nearly flat frame stays noise.
    root = _root(own + 1e-3 * torch.eye(3, dtype=own.dtype))
    inverse_root: Tensor = torch.linalg.inv(root)
    transport = inverse_root @ _root(root @ covariance @ root) @ inverse_root
    offset = mean - transport @ own_mean
    moved: Tensor = torch.einsum("ij,bjhw->bihw", transport.to(image), image)
    return (moved + offset.to(image).view(1, 3, 1, 1)).clamp(0, 1)


def pixel_moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3,) and covariance (3, 3) of an image's colours; float64 on the CPU, as some devices lack it."""
    flat = image.flatten(2)[0].float()
    mean = flat.mean(1)
    centred = flat - mean[:, None]
    return mean.cpu().double(), (centred @ centred.T / flat.shape[1]).cpu().double()


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root
