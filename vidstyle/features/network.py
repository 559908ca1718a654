"""What every perceptual network offers: the protocol that losses and metrics are written against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vidstyle.errors import DeviceError


@dataclass(frozen=True, eq=False)
class Head:
    """A linear map, cell by cell, from a network's own features to one of its taps.

    What is summed over the features says what is summed over the tap: nobody has to make the tap for it.

    Attributes:
        weight: (T, C), in the precision of the features.
        bias: (T,).
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """The tap (B, T, h, w) of features (B, C, h, w)."""
        return F.conv2d(features, self.weight[:, :, None, None], self.bias)


def tap_of(features: Tensor, head: Head | None) -> Tensor:
    """The tap that a head makes of features; these themselves where there is none."""
    return features if head is None else head(features)


class FeatureNetwork(Protocol):
    """Answers an image with feature maps, called taps, that losses and metrics compare.

    Gradients flow to the image and never to the weights.

    Attributes:
        name: "builtin" or "vgg19".
        strides: pixels of the image per cell of each tap, in the order of the taps.
        style_taps: which taps' statistics make up a style; positions in the list.
        content_taps: which taps hold the content; positions in the list.
        heads: what makes each tap of the features; None where they are the tap.
        smallest_side: the shortest side of an image, in pixels, that has something at every tap.
        reach: pixels beyond a cell of any tap, on each side, that what it says hangs on, at most.
        fingerprint: sha256 of the weights in use, 64 hex digits.
        device: where the network lies and images must.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described above, as are those that follow

    @property
    def strides(self) -> tuple[int, ...]: ...  # noqa: D102

    @property
    def style_taps(self) -> tuple[int, ...]: ...  # noqa: D102

    @property
    def content_taps(self) -> tuple[int, ...]: ...  # noqa: D102

    @property
    def heads(self) -> tuple[Head | None, ...]: ...  # noqa: D102

    @property
    def smallest_side(self) -> int: ...  # noqa: D102

    @property
    def reach(self) -> int: ...  # noqa: D102

    @property
    def fingerprint(self) -> str: ...  # noqa: D102

    @property
    def device(self) -> torch.device: ...  # noqa: D102

    def __call__(self, image: Tensor) -> list[Tensor]:
        """Taps of a batch of images.

        Args:
            image: (B, 3, H, W) RGB in 0..1, floating point, on the network's device.

        Returns:
            One (B, C, H // stride, W // stride) tensor a tap, in the network's own dtype
            (bfloat16 taps want `.float()` before sums are taken over them).
        """
        ...

    def features(self, image: Tensor) -> list[Tensor]:
        """What the taps are made of, by `heads`: (B, C, H // stride, W // stride) each, as for taps."""
        ...


def place(module: nn.Module, device: torch.device | str, dtype: torch.dtype) -> nn.Module:
    """The module on a device, its convolutions in `dtype`, frozen and laid out channels last.

    Buffers keep float32, so that an image is normalised before it loses precision.

    Raises:
        DeviceError: the device is absent, broken or out of memory.
    """
    try:
        module.to(device).to(memory_format=torch.channels_last)
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                layer.to(dtype)
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built with CUDA
        raise DeviceError(
            f"cannot hold the feature network ({str(error).splitlines()[0]})",
            where=str(device),
            hint="Choose another device, for instance --device cpu.",
        ) from error
    return module.eval().requires_grad_(False)
