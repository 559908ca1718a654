"""Pictures moved along a flow, on the device that paints them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

POLE = 3**0.5 - 2  # of the recursive filter that makes cubic B-splines interpolate (Unser 1999)
REACH = 8  # pixels after which its response has fallen below 1e-4
RIM = 2  # weights beyond the border that the spline needs at the border


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """The image that was, seen where it is now: result(p) = image(p + flow(p)), between pixels linearly.

    Args:
        image: (1, C, H, W), the previous picture.
        flow: (1, 2, H, W) float32, pixels, x then y, from the current picture to the previous.

    Returns:
        (1, C, H, W); the border's pixels stand for what lies beyond it.
    """
    xs, ys = _positions(flow)
    return _sample(image, xs[None], ys[None])


def warp_sharp(image: Tensor, flow: Tensor) -> Tensor:
    """As `warp`, between pixels by the cubic spline through them (Unser 1999): strokes stay crisp.

    A picture is warped once a frame, hundreds of times in a shot, and what each warp takes off the
    finest strokes has to be painted again, which flickers. The spline takes off far less than
    bicubic convolution does. It may overshoot the image's range at edges.
    """
    weights = _spline_weights(image)
    xs, ys = _positions(flow)
    (x0, x1, left), (y0, y1, upper) = _pair(xs + RIM), _pair(ys + RIM)
    # Four bilinear look-ups do the work of sixteen single ones (Sigg and Hadwiger 2005); in one call, since
    # torch shares out the pictures of a batch among the cores, and not the rows of one.
    looks = _sample(weights, torch.stack([x0, x0, x1, x1]), torch.stack([y0, y1, y0, y1]))
    columns = torch.addcmul(looks[2:], looks[:2] - looks[2:], left)
    return torch.addcmul(columns[1:], columns[:1] - columns[1:], upper)


def _positions(flow: Tensor) -> tuple[Tensor, Tensor]:
    height, width = flow.shape[-2:]
    xs = torch.arange(width, device=flow.device, dtype=flow.dtype)
    ys = torch.arange(height, device=flow.device, dtype=flow.dtype)
    inside_x, inside_y = xs[None, :] + flow[0, 0], ys[:, None] + flow[0, 1]
    return inside_x.clamp(0, width - 1), inside_y.clamp(0, height - 1)


def _sample(image: Tensor, xs: Tensor, ys: Tensor) -> Tensor:
    """(N, C, H, W) of an image (1, C, H, W) at positions (N, H, W) in pixels, bilinear."""
    height, width = image.shape[-2:]
    grid = torch.stack([xs * (2 / max(width - 1, 1)) - 1, ys * (2 / max(height - 1, 1)) - 1], dim=-1)
    images = image.expand(len(grid), -1, -1, -1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _pair(positions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where two linear look-ups see the four B-spline weights, and the share of the first."""
    whole = positions.floor()
    t = positions - whole
    w0, w1 = (1 - t) ** 3 / 6, 2 / 3 - t * t * (2 - t) / 2
    w3 = t**3 / 6
    first, second = w0 + w1, 1 - w0 - w1
    return whole - 1 + w1 / first, whole + 1 + w3 / second, first


def _spline_weights(image: Tensor) -> Tensor:
    """B-spline weights (1, C, H + 2 RIM, W + 2 RIM) of the spline through the mirrored image."""
    channels, margin = image.shape[1], REACH + RIM
    offsets = torch.arange(-REACH, REACH + 1, device=image.device, dtype=image.dtype).abs()
    # Of a symmetric filter that decays this fast, a short finite response is the whole of it.
    response = torch.pow(torch.full_like(offsets, POLE), offsets) * (-6 * POLE / (1 - POLE**2))
    kernel = (response / response.sum()).expand(channels, 1, -1)
    mode = "reflect" if min(image.shape[-2:]) > margin else "replicate"
    # Channels last, these filters take half the time.
    padded = F.pad(image.contiguous(memory_format=torch.channels_last), (margin,) * 4, mode=mode)
    across = F.conv2d(padded, kernel[:, :, None, :], groups=channels)
    return F.conv2d(across, kernel[:, :, :, None], groups=channels)
