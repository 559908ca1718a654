"""Minimise a loss over the pixels of a picture, each pixel with a step size of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-12  # Adam's averages (Kingma and Ba 2015); pixels have tiny gradients
LEAP = 3.0  # step sizes that a step may go: a carried average may be of a time when all was settled
SETTLED = 1e-3  # a step that takes off less than this share of the loss has settled


@dataclass(frozen=True, eq=False)
class Solution:
    """A picture that was solved for.

    Attributes:
        image: (1, 3, H, W) in 0..1.
        momentum: (1, 4, H, W) weighted sum of gradients, and the sum of their weights; None from L-BFGS.
        second_moment: (1, 3, H, W) running mean of squared gradients, None from L-BFGS.
        steps: steps taken.
    """

    image: Tensor
    momentum: Tensor | None
    second_moment: Tensor | None
    steps: int


@dataclass(frozen=True, eq=False)
class Bond:
    """The term of a loss that holds each number x of a picture to a place p: curvature / 2 * (x - p)^2.

    Attributes:
        place: (1, 3, H, W) in 0..1.
        curvature: (1, 1, H, W), at least 0.
    """

    place: Tensor
    curvature: Tensor


@dataclass(frozen=True, eq=False)
class Descent:
    """A picture on its way down, with Adam's averages; each step changes all of it in place.

    Attributes:
        image: (1, 3, H, W) in 0..1.
        first: (1, 3, H, W) sum of gradients, the older the less; over `weight` their mean.
        weight: (1, 1, H, W) sum of their weights, in 0..1.
        second: (1, 3, H, W) mean of squared gradients.
        stride: () or (1, 1, H, W) how far a step goes, in units of the pixels.
        furthest: () or (1, 1, H, W) that a step may go, in units of the pixels.
        epsilon: () what a gradient must exceed for a whole step.
    """

    image: Tensor
    first: Tensor
    weight: Tensor
    second: Tensor
    stride: Tensor
    furthest: Tensor
    epsilon: Tensor

    def step(self, loss: Loss) -> Tensor:
        """One step of Adam; gives the loss before it. Never waits for the device."""
        variable = self.image.detach().requires_grad_()
        value = loss(variable)
        (gradient,) = torch.autograd.grad(value, variable)
        self.first.lerp_(gradient, 1 - BETA1)
        self.weight.mul_(BETA1).add_(1 - BETA1)
        self.second.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        spread = self.second.sqrt().add_(self.epsilon)
        leap = (self.first * self.stride).div_(spread.mul_(self.weight))
        torch.clamp(leap, -self.furthest, self.furthest, out=leap)
        self.image.sub_(leap).clamp_(0, 1)
        return value.detach()

    def draw_back(self, bond: Bond) -> None:
        """The proximal step of a bond, in the measure of Adam's own (Parikh and Boyd 2014, 6.1)."""
        reach = self.stride / self.second.sqrt().add_(self.epsilon)  # of a step, for each unit of gradient
        pull = reach * bond.curvature
        self.image.lerp_(bond.place, pull / (1 + pull))


class Hastening(Protocol):
    """Makes the steps of a descent quicker than one operation after the other."""

    def __call__(self, descent: Descent, loss: Loss) -> tuple[Descent, Callable[[], Tensor]] | None:
        """The descent to go on with in place of this one, and what does a step of it; None: it cannot."""
        ...


def adam(
    loss: Loss,
    start: Tensor,
    *,
    steps: int,
    min_steps: int,
    step_size: Tensor | float,
    momentum: Tensor | None = None,
    second_moment: Tensor | None = None,
    bond: Bond | None = None,
    hastening: Hastening | None = None,
) -> Solution:
    """Adam over pixels, kept inside 0..1.

    Fresh averages make Adam move every pixel by a whole step, settled or not. The second moment of
    the frame before, carried along the flow, lets settled pixels rest: strokes stand still. With the
    momentum too, the few steps of a frame go on where those of the frame before were going.

    Args:
        loss: of a picture (1, 3, H, W).
        start: (1, 3, H, W) to begin with.
        steps: most steps.
        min_steps: fewest, before the loss may count as settled.
        step_size: scalar or (1, 1, H, W), in units of the pixels.
        momentum: (1, 4, H, W) to go on from; where its weight is 0 there is none.
        second_moment: (1, 3, H, W) to go on from.
        bond: part of the loss that has its minimum where the picture starts, and so no gradient there.
        hastening: of the steps.
    """
    image = start.detach().clone()
    second = torch.zeros_like(image) if second_moment is None else second_moment.clone()
    size = torch.as_tensor(step_size, dtype=image.dtype, device=image.device)
    if momentum is None:
        momentum = torch.zeros_like(image[:, :1]).expand(-1, 4, -1, -1)
    first, weight = momentum[:, :3].clone(), momentum[:, 3:].clone()
    descent = Descent(image, first, weight, second, size.clone(), LEAP * size, image.new_zeros(()))
    step_once: Callable[[], Tensor] = partial(descent.step, loss)
    hastened = None if hastening is None else hastening(descent, loss)
    if hastened is not None:
        descent, step_once = hastened
    before: Tensor | None = None
    for step in range(1, steps + 1):
        # A fresh average begins at zero; one that was carried along does not.
        unbias = (1 - BETA2**step) ** 0.5 if second_moment is None else 1.0
        torch.mul(size, unbias, out=descent.stride)
        descent.epsilon.fill_(EPSILON * unbias)
        value = step_once()
        if bond is not None and step == 1:
            descent.draw_back(bond)
        # To look at the loss is to wait for the device.
        if min_steps <= step < steps and before is not None and _settled(before, value):
            break
        before = value
    momentum = torch.cat([descent.first, descent.weight], 1)
    if hastened is not None:  # it is used again
        return Solution(descent.image.clone(), momentum, descent.second.clone(), step)
    return Solution(descent.image, momentum, descent.second, step)


def _settled(before: Tensor, value: Tensor) -> bool:
    return bool(before - value < SETTLED * before.abs())


def lbfgs(loss: Loss, start: Tensor, *, steps: int, share: Tensor | float) -> Solution:
    """L-BFGS over pixels (history 20, strong Wolfe line search), kept inside 0..1 at the end.

    Args:
        loss: of a picture (1, 3, H, W).
        start: (1, 3, H, W) to begin with.
        steps: most steps; the line search looks at the loss about once a step.
        share: scalar or (1, 1, H, W) in 0..1; pixels of a smaller share are held back by as much.
    """
    # torch flattens gradients by a view, which wants them contiguous.
    variable = torch.zeros_like(start, memory_format=torch.contiguous_format, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [variable],
        max_iter=steps,
        max_eval=steps * 5 // 4 + 1,
        history_size=20,
        line_search_fn="strong_wolfe",
        tolerance_grad=0,
        tolerance_change=0,
    )
    looks = 0

    def closure() -> Tensor:
        nonlocal looks
        looks += 1
        optimiser.zero_grad()
        value = loss(start + share * variable)
        # torch drops curvature pairs below 1e-10: a mean over pixels is too small, a sum is not.
        (value * start.numel()).backward()
        return value * start.numel()

    optimiser.step(closure)
    image = (start + share * variable.detach()).clamp(0, 1)
    return Solution(image, None, None, looks)
