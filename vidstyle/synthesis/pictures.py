"""Pictures as tensors."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.frames import Motion, Pixels

CPU = torch.device("cpu")
Shares = npt.NDArray[np.float32]


def tensor_of(pixels: Pixels, device: torch.device = CPU) -> Tensor:
    """(1, 3, H, W) float32 in 0..1 of (H, W, 3) pixels, uint8 or float."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).to(device).permute(2, 0, 1)[None].float()
    return tensor / 255 if pixels.dtype == np.uint8 else tensor


def pixels_of(image: Tensor) -> Pixels:
    """(H, W, 3) of (1, 3, H, W) uint8 or float32, on the CPU."""
    pixels = image[0].permute(1, 2, 0)
    if not pixels.is_cuda:
        return pixels.contiguous().cpu().numpy()
    # Memory that the card writes to by itself: some ten times as fast.
    there = torch.empty(pixels.shape, dtype=pixels.dtype, pin_memory=True)
    return there.copy_(pixels).numpy()


def bytes_of(image: Tensor) -> Pixels:
    """(H, W, 3) uint8 of (1, 3, H, W) float32 in 0..1, on the CPU."""
    if image.device.type != "cpu":
        return pixels_of(image.mul(255).add_(0.5).to(torch.uint8))
    rows = pixels_of(image)
    # OpenCV scales, rounds and narrows in one pass, a dozen times as fast as torch.
    return cast(Pixels, cv2.convertScaleAbs(rows.reshape(len(rows), -1), alpha=255)).reshape(rows.shape)


def resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture (1, 3, h, w) in 0..1 at another size (H, W)."""
    return F.interpolate(image, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def motion_on(motion: Motion, size: tuple[int, int], device: torch.device = CPU) -> tuple[Tensor, Tensor]:
    """The flow (1, 2, H, W) in pixels, x then y, and the trust (1, 1, H, W) of a picture of size (H, W).

    The motion may be of a smaller picture, and count its pixels: less is taken to the device, and enlarged
    there.
    """
    return flow_on(motion, size, device), shares_on(motion.trust, size, device)


def flow_on(motion: Motion, size: tuple[int, int], device: torch.device = CPU) -> Tensor:
    """The flow of `motion_on` alone."""
    flow, small = torch.from_numpy(motion.flow_to_previous), motion.trust.shape
    if small != size:
        flow = flow * torch.tensor([size[1] / small[1], size[0] / small[0]])
    # Planes of one layout for all motion: graphs are made for one.
    return _enlarged(flow.to(device).permute(2, 0, 1)[None].contiguous(), size)


def shares_on(shares: Shares, size: tuple[int, int], device: torch.device = CPU) -> Tensor:
    """(1, 1, H, W) of (h, w) shares of a picture of size (H, W) or of a smaller one."""
    if device.type == "cpu" and shares.shape != size:  # OpenCV takes a quarter of torch's time
        shares = cast(Shares, cv2.resize(shares, size[::-1], interpolation=cv2.INTER_LINEAR))
    return _enlarged(torch.from_numpy(shares).to(device)[None, None], size)


def _enlarged(planes: Tensor, size: tuple[int, int]) -> Tensor:
    if planes.shape[2:] == size:
        return planes
    return F.interpolate(planes, size, mode="bilinear", align_corners=False)
