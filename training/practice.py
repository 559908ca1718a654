"""Exercises for the live network: styles and crops, many at once, drawn from pictures on the device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.features import FeatureNetwork
from vidstyle.live.crops import Crops
from vidstyle.live.lesson import Goal, moments
from vidstyle.live.movement import Movement, draw_movement
from vidstyle.live.style import description
from vidstyle.synthesis.colors import Colors, palette_map
from vidstyle.synthesis.targets import FLATTEST, busy

CROP, STYLE = 192, 288  # pixels, a side
LOWEST, HIGHEST = 200, 440  # rows of the pictures that both are cut from
CANVAS, THUMB = 512, 32  # side of what a picture is kept on, and of the small one that tells its colours
PHOTOS_AS_STYLES = 0.2
MIXED = 0.2  # of the styles are between two


@dataclass(frozen=True, eq=False)
class Exercise:
    """Crops to paint, each in a style of its own: what it is and what it wants."""

    crops: Crops
    movement: Movement
    goal: Goal
    descriptions: Tensor

    def tensors(self) -> list[Tensor]:
        """All that it consists of."""
        crops, movement, goal = self.crops, self.movement, self.goal
        return [
            *(crops.images, crops.matrices, crops.offsets),
            *(movement.places, movement.gains, movement.noise),
            *(*goal.means, *goal.covariances, *goal.scales),
            self.descriptions,
        ]


class Gallery:
    """Pictures on a device, each on a canvas of the same size, to cut any number of pieces from at once."""

    def __init__(self, pictures: Sequence[np.ndarray], device: torch.device) -> None:
        canvases, thumbs, sizes = [], [], []
        for picture in pictures:
            scale = min(1.0, CANVAS / max(picture.shape[:2]))
            size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
            small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
            below, right = CANVAS - small.shape[0], CANVAS - small.shape[1]
            canvases.append(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE))
            thumbs.append(cv2.resize(small, (THUMB, THUMB), interpolation=cv2.INTER_AREA))
            sizes.append(small.shape[:2])
        self.canvases = torch.from_numpy(np.stack(canvases)).to(device).permute(0, 3, 1, 2)
        self.thumbs = torch.from_numpy(np.stack(thumbs)).to(device).permute(0, 3, 1, 2) / 255
        self.sizes = torch.tensor(sizes, dtype=torch.float32, device=device)

    def cut(self, which: Tensor, rows: Tensor, place: Tensor, mirrored: Tensor, side: int) -> Tensor:
        """(B, 3, side, side) in 0..1, one piece of each picture asked for.

        Args:
            which: (B,) numbers of pictures.
            rows: (B,) that the picture is scaled to.
            place: (B, 2) in 0..1, how far down and right in the picture the piece lies.
            mirrored: (B,) whether left is right.
            side: of a piece; of a smaller picture, all of it and its mirror images beyond its borders.
        """
        sizes = self.sizes[which]
        spans = side * sizes[:, :1] / rows[:, None]  # pixels of the picture, a side of the piece
        starts = place * (sizes - spans).clamp(min=0)
        fine = (torch.arange(2 * side, device=which.device) + 0.5) / (2 * side)  # twice as many: antialiased
        ways = torch.stack([fine.expand(len(which), -1), fine.expand(len(which), -1)])
        ways[1] = torch.where(mirrored[:, None], 1 - ways[1], ways[1])
        lines = []
        for axis in (0, 1):
            size = sizes[:, axis : axis + 1]
            line = (starts[:, axis : axis + 1] + ways[axis] * spans) % (2 * size)
            lines.append((size - (size - line).abs()).clamp(min=0.5).minimum(size - 0.5) * (2 / CANVAS) - 1)
        down, across = lines
        grid = torch.stack(torch.broadcast_tensors(across[:, None, :], down[:, :, None]), -1)
        pixels = F.grid_sample(self.canvases[which].float(), grid, mode="bicubic", align_corners=False)
        return (F.avg_pool2d(pixels, 2) / 255).clamp(0, 1)


class Practice:
    """Draws exercises, on the device of the feature network.

    Args:
        features: the taps that styles are told by.
        photos: to paint; now and then one serves as style.
        styles: to paint in.
        lessons: crops of an exercise.
        seed: of all draws.
    """

    def __init__(
        self,
        features: FeatureNetwork,
        photos: Sequence[np.ndarray],
        styles: Sequence[np.ndarray],
        lessons: int,
        seed: int,
    ) -> None:
        self._features, self._lessons, self._device = features, lessons, features.device
        self._photos, self._styles = len(photos), len(styles)
        self._gallery = Gallery([*photos, *styles], features.device)
        self._generator = torch.Generator(features.device).manual_seed(seed)
        usual = busy(features, "moments")
        self._flattest = [
            torch.stack([part.square().sum() for part in (tap.first, tap.second)]) * FLATTEST for tap in usual
        ]

    @torch.no_grad()
    def exercise(self) -> Exercise:
        """The next one."""
        goal, descriptions, wanted = self._goal(recoloured(self._style(), self._generator))
        crops = self._crops(wanted)
        movement = draw_movement(crops.images.shape, self._generator)
        return Exercise(crops, movement, goal, descriptions)

    def _draw(self, *shape: int) -> Tensor:
        return torch.rand(self._lessons, *shape, generator=self._generator, device=self._device)

    def _rows(self) -> Tensor:
        return torch.exp(math.log(LOWEST) + self._draw() * math.log(HIGHEST / LOWEST))

    def _style(self) -> Tensor:
        """Large parts of pictures at random scales, turned now and then."""
        photo, style = self._draw() * self._photos, self._photos + self._draw() * self._styles
        which = torch.where(self._draw() < PHOTOS_AS_STYLES, photo, style).long()
        which = which.clamp(max=self._photos + self._styles - 1)  # a sum may round up
        pictures = self._gallery.cut(which, self._rows(), self._draw(2), self._draw() < 0.5, STYLE)
        return torch.where(self._draw(1, 1, 1) < 0.25, pictures.mT, pictures)

    def _goal(self, pictures: Tensor) -> tuple[Goal, Tensor, Colors]:
        """What the crops shall measure, the styles' descriptions, and their palettes."""
        share = torch.where(self._draw(1) < MIXED, 0.2 + 0.6 * self._draw(1), 1.0)

        def mixed(parts: tuple[Tensor, Tensor]) -> list[Tensor]:  # with the style of the next crop
            shares = (share, share[:, :, None])
            return [torch.lerp(p.roll(1, 0), p, s.to(p)) for p, s in zip(parts, shares, strict=True)]

        taps = self._features(pictures)
        gathered = [mixed(moments(taps[index])) for index in self._features.style_taps]
        means, covariances = (tuple(part) for part in zip(*gathered, strict=True))
        palette = mixed(colour_moments(pictures))
        scales = tuple(
            torch.stack([m.square().sum(1), c.square().sum((1, 2))], 1).maximum(least)
            for m, c, least in zip(means, covariances, self._flattest, strict=True)
        )
        return Goal(means, covariances, scales), description(means, covariances, *palette), Colors(*palette)

    def _crops(self, wanted: Colors) -> Crops:
        """Pieces of photographs at random scales, sometimes in other light."""
        which = (self._draw() * self._photos).long()
        least = (CROP + 8) * self._gallery.sizes[which][:, 0] / self._gallery.sizes[which].amin(1)
        rows = self._rows().maximum(least)
        images = self._gallery.cut(which, rows, self._draw(2), self._draw() < 0.5, CROP)
        dim, draws = self._draw(1, 1, 1) < 0.3, self._draw(2, 1, 1, 1)
        power, gain = 0.6 + 1.1 * draws[:, 0], 0.6 + 0.4 * draws[:, 1]

        def lit(pixels: Tensor) -> Tensor:
            return torch.where(dim, pixels.clamp(min=1e-4) ** power * gain, pixels)

        colors = Colors(*colour_moments(lit(self._gallery.thumbs[which])))
        matrices, offsets = palette_map(colors, wanted)
        return Crops(lit(images), matrices.float(), offsets.float())


def colour_moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """`colors.pixel_moments` of each of (B, 3, H, W): (B, 3) and (B, 3, 3), float64."""
    flat = images.flatten(2)
    mean = flat.mean(2)
    centred = flat - mean[:, :, None]
    return mean.double(), (centred @ centred.mT / flat.shape[2]).double()


def recoloured(images: Tensor, generator: torch.Generator) -> Tensor:
    """Colours turned and stretched, three times in five: few styles must stand for many."""
    count = len(images)

    def draw(channels: int) -> Tensor:
        return torch.rand(count, channels, 1, 1, generator=generator, device=images.device)

    order = draw(3).argsort(1).where(draw(1) < 0.5, torch.arange(3, device=images.device).view(1, 3, 1, 1))
    turned = images.gather(1, order.expand_as(images))
    turned = torch.where(draw(1) < 0.3, 1 - turned, turned)
    turned = (turned - 0.5) * (0.6 + 0.7 * draw(3)) + 0.38 + 0.24 * draw(3)
    return torch.where(draw(1) < 0.6, turned.clamp(0, 1), images)
