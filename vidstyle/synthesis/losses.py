"""The terms of the loss, each a pure function, each normalised so that its weight carries over."""

from __future__ import annotations

from torch import Tensor

from vidstyle.synthesis.statistics import Statistics


def style_distance(actual: Statistics, target: Statistics, scale: tuple[float, float]) -> Tensor:
    """|mean - mean0|^2 / scale[0] + |cov - cov0|^2 / scale[1], of one tap.

    Args:
        actual: statistics of the picture.
        target: statistics to reach.
        scale: the target's own squared norms, kept away from 0 for a flat style.
    """
    first = (actual.first - target.first).square().sum() / scale[0]
    return first + (actual.second - target.second).square().sum() / scale[1]


def content_distance(actual: Tensor, target: Tensor) -> Tensor:
    """mean |f - f0|^2 / var(f0) over features (1, C, H, W) (Gatys et al. 2016, eq. 1, normalised)."""
    target = target.float()
    variance = (target - target.mean((2, 3), keepdim=True)).square().mean()
    # A flat picture has no variance; its features' own size then keeps the term finite.
    scale = variance.clamp(min=1e-3 * float(target.square().mean()) + 1e-6)
    return (actual.float() - target).square().mean() / scale


def temporal_distance(image: Tensor, moved: Tensor, trust: Tensor) -> Tensor:
    """mean of trust * (x - w)^2 (Ruder et al. 2016, eq. 7).

    Args:
        image: (1, 3, H, W) in 0..1.
        moved: (1, 3, H, W), the previous picture moved along the flow.
        trust: (1, 1, H, W) in 0..1.
    """
    return (trust * (image - moved).square()).mean()


def total_variation(image: Tensor) -> Tensor:
    """Mean squared difference of neighbours (Mahendran and Vedaldi 2015, with beta = 2)."""
    down = (image[..., 1:, :] - image[..., :-1, :]).square().mean()
    right = (image[..., :, 1:] - image[..., :, :-1]).square().mean()
    return down + right
