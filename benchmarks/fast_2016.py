"""The feed-forward network of 2016, for its speed: random weights, as one trained for each style would run.

The architecture of Johnson, Alahi and Fei-Fei ("Perceptual Losses for Real-Time Style Transfer", 2016)
in the form that PyTorch's fast_neural_style example made known: a 9x9 convolution of 32 channels, two of
3x3 with stride 2 (64, 128), five residual blocks, two nearest-neighbour enlargements each followed by a
3x3 convolution (64, 32), a 9x9 convolution to RGB; reflection padding, instance normalisation, ReLU.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Sequential):
    """Reflection padding, a convolution, and what follows it."""

    def __init__(
        self, inputs: int, outputs: int, size: int, *, stride: int = 1, normed: bool = True, relu: bool = True
    ) -> None:
        layers: list[nn.Module] = [nn.ReflectionPad2d(size // 2), nn.Conv2d(inputs, outputs, size, stride)]
        layers += [nn.InstanceNorm2d(outputs, affine=True)] if normed else []
        layers += [nn.ReLU()] if relu else []
        super().__init__(*layers)


class Residual(nn.Module):
    """Two 3x3 convolutions beside a direct way."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Convolution(channels, channels, 3), Convolution(channels, channels, 3, relu=False)
        )

    def forward(self, image: Tensor) -> Tensor:
        change: Tensor = self.layers(image)
        return image + change


class Enlarged(nn.Module):
    """Twice the size, then a 3x3 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = Convolution(inputs, outputs, 3)

    def forward(self, image: Tensor) -> Tensor:
        larger: Tensor = self.layers(F.interpolate(image, scale_factor=2, mode="nearest"))
        return larger


def fast_2016() -> nn.Sequential:
    """(B, 3, H, W) -> (B, 3, H, W), sides multiples of 4."""
    return nn.Sequential(
        Convolution(3, 32, 9),
        Convolution(32, 64, 3, stride=2),
        Convolution(64, 128, 3, stride=2),
        *(Residual(128) for _ in range(5)),
        Enlarged(128, 64),
        Enlarged(64, 32),
        Convolution(32, 3, 9, normed=False, relu=False),
    ).eval()
