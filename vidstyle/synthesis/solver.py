"""Minimise a loss over the pixels of a picture, each pixel with a step size of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-12  # Adam's averages (Kingma and Ba 2015); pixels have tiny gradients
SETTLED = 1e-3  # a step that takes off less than this share of the loss has settled


@dataclass(frozen=True, eq=False)
class Solution:
    """A picture that was solved for.

    Attributes:
        image: (1, 3, H, W) in 0..1.
        second_moment: (1, 3, H, W) running mean of squared gradients, None from L-BFGS.
        steps: steps taken.
        loss: before the last step.
    """

    image: Tensor
    second_moment: Tensor | None
    steps: int
    loss: float


def adam(
    loss: Loss,
    start: Tensor,
    *,
    steps: int,
    min_steps: int,
    step_size: Tensor | float,
    second_moment: Tensor | None = None,
) -> Solution:
    """Adam over pixels, kept inside 0..1.

    Fresh averages make Adam move every pixel by a whole step, settled or not. The second moment of
    the frame before, carried along the flow, lets settled pixels rest: strokes stand still.

    Args:
        loss: of a picture (1, 3, H, W).
        start: (1, 3, H, W) to begin with.
        steps: most steps.
        min_steps: fewest, before the loss may count as settled.
        step_size: scalar or (1, 1, H, W), in units of the pixels.
        second_moment: (1, 3, H, W) to go on from.
    """
    image = start.detach().clone()
    first = torch.zeros_like(image)
    second = torch.zeros_like(image) if second_moment is None else second_moment.clone()
    before = value = float("inf")
    taken = 0
    for step in range(1, steps + 1):
        gradient, value = _gradient(loss, image)
        first.lerp_(gradient, 1 - BETA1)
        second.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        # Fresh averages begin at zero; one that was carried along does not.
        unbias = (1 - BETA2**step) ** 0.5 if second_moment is None else 1.0
        spread = second.sqrt().add_(EPSILON * unbias)
        image.addcdiv_(first * step_size, spread, value=-unbias / (1 - BETA1**step)).clamp_(0, 1)
        taken = step
        if step >= min_steps and before - value < SETTLED * abs(before):
            break
        before = value
    return Solution(image, second, taken, value)


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
    values: list[float] = []

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss(start + share * variable)
        # torch drops curvature pairs below 1e-10: a mean over pixels is too small, a sum is not.
        (value * start.numel()).backward()  # type: ignore[no-untyped-call]
        values.append(float(value.detach()))
        return value * start.numel()

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    image = (start + share * variable.detach()).clamp(0, 1)
    return Solution(image, None, len(values), values[-1])


def _gradient(loss: Loss, image: Tensor) -> tuple[Tensor, float]:
    variable = image.detach().requires_grad_()
    value = loss(variable)
    (gradient,) = torch.autograd.grad(value, variable)
    return gradient, float(value.detach())
