"""How far strokes have slipped off what they are painted on, to be taken back.

Flow from one frame to the next falls a little short of the motion, and over some frames that adds up.
What strokes were painted on is carried along with them; where it lies beside the frame as it is, they have
slipped as far (Matthews, Ishikawa and Baker 2004, "The template update problem").
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vidstyle.synthesis.light import blur

WINDOW = 5.0
"""Sigma in pixels of what is compared: wider ones mix surfaces, narrower ones follow noise."""

UNLIKE = 0.08
"""Difference in 0..1 at which a pixel counts a quarter: it shows another thing, or in another light."""

HOLD = 1e-5
"""Squared change of colour per pixel below which nothing is seen to slip."""

TAKEN = 0.35
"""Share of a slip that the next frame takes back: with more, strokes follow the noise of filmed clips."""

MOST = 0.5
"""Pixels that a slip is at most, across and down: what is farther off is not the same thing."""

LARGEST = 1100 * 620
"""Pixels of the pictures that are compared; larger ones are halved until they have no more."""


def slip_between(source: Tensor, seen: Tensor, trust: Tensor) -> Tensor:
    """How much further what `seen` shows lies in `seen` than in the frame, as far as it is to be taken back.

    One step of Lucas and Kanade (1981) in soft windows. Never waits for the device.

    Args:
        source: (1, 3, H, W) in 0..1, the frame.
        seen: (1, 3, H, W), what strokes were painted on, where they lie now.
        trust: (1, 1, H, W) in 0..1.

    Returns:
        (1, 2, h, w) pixels of (H, W), x then y, to be added to the next frame's flow; of larger pictures
        h and w are a part of H and W.
    """
    shrink = _shrink(source)
    if shrink > 1:
        source, seen, trust = (F.avg_pool2d(t, shrink, ceil_mode=True) for t in (source, seen, trust))
    # Plane by plane: sums over three channels that lie side by side are slow on a processor.
    source, seen = source.contiguous(), seen.contiguous()
    left = source - seen
    across, down = _slopes((source + seen) / 2)
    weight = trust / (1 + (left.abs().amax(1, keepdim=True) / UNLIKE).square()).square()

    def told(one: Tensor, other: Tensor) -> Tensor:
        return weight * (one * other).sum(1, keepdim=True)

    pairs = ((across, across), (across, down), (down, down), (across, left), (down, left))
    sums = blur(torch.cat([told(*pair) for pair in pairs], 1), WINDOW)
    xx, xy, yy, x, y = sums.unbind(1)
    xx, yy = xx + HOLD, yy + HOLD
    slip = torch.stack([yy * x - xy * y, xx * y - xy * x], 1) / (xx * yy - xy.square()).clamp(min=HOLD**2)
    return (TAKEN * shrink * slip).clamp(-MOST * shrink, MOST * shrink)


def no_slip(source: Tensor) -> Tensor:
    """What `slip_between` would say of a frame that begins a shot."""
    shrink = _shrink(source)
    return source.new_zeros(1, 2, -(-source.shape[-2] // shrink), -(-source.shape[-1] // shrink))


def _shrink(source: Tensor) -> int:
    shrink = 1
    while source.shape[-2] * source.shape[-1] > LARGEST * shrink**2:
        shrink *= 2
    return shrink


def _slopes(image: Tensor) -> tuple[Tensor, Tensor]:
    """Change per pixel across and down, over five pixels: finer strokes of the source count in full."""
    padded = F.pad(image, (2, 2, 2, 2), mode="replicate")
    rows, columns = padded[..., 2:-2], padded[..., 2:-2, :]
    across = (8 * (columns[..., 3:-1] - columns[..., 1:-3]) - columns[..., 4:] + columns[..., :-4]) / 12
    down = (8 * (rows[..., 3:-1, :] - rows[..., 1:-3, :]) - rows[..., 4:, :] + rows[..., :-4, :]) / 12
    return across, down
