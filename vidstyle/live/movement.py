"""Made-up movement: how crops look when they are seen again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MARGIN = 16  # pixels of a crop that may leave it when it moves
EDGE = 2  # pixels at a crop's borders that may flicker: more, and the network fills them with dashes
STRIDE = 4  # between places that kernels of their own paint: a shift by half of it shows their grid best
NOISE, LIGHT, TURN, ZOOM = 0.03, 0.05, 0.04, 0.05  # most noise, gain, radians, scale of the moved picture


@dataclass(frozen=True, eq=False)
class Movement:
    """How the crops look when they are seen again.

    Attributes:
        places: (B, 2, 3), from where on the moved crop to where on the crop, both from -1 to 1.
        gains: (B, 1, 1, 1) of light.
        noise: (B, 3, H, W), added.
    """

    places: Tensor
    gains: Tensor
    noise: Tensor


def moved_to(movement: Movement, images: Tensor) -> tuple[Tensor, Tensor]:
    """(B, 3, H, W) where the movement takes them, and (B, 1, H, W) floats, 1 where something came from."""
    grid = F.affine_grid(movement.places, list(images.shape), align_corners=False)
    down, across = (1 - 2 * EDGE / side for side in images.shape[-2:])
    inside = ((grid[..., 0].abs() < across) & (grid[..., 1].abs() < down))[:, None]
    moved = F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    return moved, inside.float()


def draw_movement(shape: Sequence[int], generator: torch.Generator) -> Movement:
    """A small movement of each of (B, 3, H, W) crops, a little light and noise, on the generator's device."""
    count, _, height, width = shape
    device = generator.device
    draw = torch.rand(8, count, generator=generator, device=device) * 2 - 1
    angle, scale = draw[0] * TURN, 1 + draw[1] * ZOOM
    shift = draw[2:4] * (MARGIN / 2)
    whole = draw[4] < 0  # pixels, half of the time: no interpolation to learn from
    half = (((draw[2:4] * MARGIN - STRIDE / 2) / STRIDE).round() + 0.5) * STRIDE
    shift = torch.where(whole, torch.where(draw[5] > 0, half, (draw[2:4] * MARGIN).round()), shift)
    angle, scale = torch.where(whole, 0.0, angle), torch.where(whole, 1.0, scale)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    across, down = shift[0] * (2 / width), shift[1] * (2 / height)
    places = torch.stack([cosine, -sine, across, sine, cosine, down], 1).view(count, 2, 3)
    gains, loudness = 1 + LIGHT * draw[6], NOISE * (draw[7] + 1) / 2
    noise = torch.randn(list(shape), generator=generator, device=device) * loudness.view(-1, 1, 1, 1)
    return Movement(places, gains.view(-1, 1, 1, 1), noise)
