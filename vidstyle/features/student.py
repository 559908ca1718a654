"""The built-in perceptual network: a small student of VGG-19, five taps in one pass.

The student answers, from one pass over the image at strides 1, 2, 4, 8 and 16, what VGG-19 says of
an image pyramid: relu1_1, relu2_1 and relu3_1 of the image, and relu3_1 of the image at 1/2 and 1/4
size. Each tap is the teacher's, projected on its first principal components and divided by the root
of its total variance, so that Gram matrices of the taps are those of the teacher's main subspace.
`training/distill_features.py` made its weights; `assets/features.md` is its model card.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STAGE_CHANNELS = (16, 32, 64, 128, 160)
STAGE_CONVOLUTIONS = (2, 2, 3, 3, 3)
TAP_CHANNELS = (16, 32, 64, 96, 96)
TAP_STRIDES = (1, 2, 4, 8, 16)
TAP_NAMES = ("relu1_1", "relu2_1", "relu3_1", "relu3_1@1/2", "relu3_1@1/4")
SMALLEST_SIDE = TAP_STRIDES[-1]
# A convolution of 3x3 cells sees one cell more on each side.
REACH = sum(depth * stride for depth, stride in zip(STAGE_CONVOLUTIONS, TAP_STRIDES, strict=True))

# What the photographs' pixels average to; the network sees (image - MEAN) / SPREAD.
MEAN = (0.485, 0.456, 0.406)
SPREAD = (0.229, 0.224, 0.225)


class StudentNetwork(nn.Module):
    """Five stages of 3x3 convolutions, average pooling between them, and a linear head at each.

    Pooling averages because strided convolutions leave checkerboards in the gradient.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList()
        self.heads = nn.ModuleList()
        channels = 3
        for width, depth, taps in zip(STAGE_CHANNELS, STAGE_CONVOLUTIONS, TAP_CHANNELS, strict=True):
            convolutions = nn.ModuleList()
            for _ in range(depth):
                convolutions.append(nn.Conv2d(channels, width, 3, padding=1))
                channels = width
            self.stages.append(convolutions)
            self.heads.append(nn.Conv2d(width, taps, 1))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(SPREAD).view(1, 3, 1, 1), persistent=False)

    mean: Tensor
    spread: Tensor

    def forward(self, image: Tensor) -> list[Tensor]:
        """Taps of an image.

        Args:
            image: (B, 3, H, W) RGB in 0..1, sides of at least 16.

        Returns:
            One (B, TAP_CHANNELS[i], H // stride, W // stride) tensor a tap, strides 1 to 16.
        """
        # Weights may be bfloat16 while the buffers stay float32: normalise first, then lose precision.
        hidden = ((image - self.mean) / self.spread).to(self.get_parameter("heads.0.weight").dtype)
        taps = []
        for number, (convolutions, head) in enumerate(zip(self.stages, self.heads, strict=True)):
            if number:
                hidden = F.avg_pool2d(hidden, 2)
            for convolution in convolutions:  # type: ignore[attr-defined]
                hidden = F.relu(convolution(hidden), inplace=True)
            taps.append(head(hidden))
        return taps
