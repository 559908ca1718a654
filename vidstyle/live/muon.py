"""An optimiser for few steps: kernels turn as a whole, not number by number."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MOMENTUM = 0.9
AS_ADAM = 0.2  # times the root of a matrix's longer side: steps as long as Adam's (Liu et al. 2025)
POLISHES = 5  # steps of the iteration: singular values end between 0.7 and 1.2, which is near enough
QUINTIC = (3.4445, -4.7750, 2.0315)  # its coefficients, chosen for quick growth of the small ones


class Muon:
    """Kernels by orthogonalised momentum (Jordan et al. 2024), all other parameters by Adam.

    The gradient of a kernel, as a matrix from inputs to outputs, has few large singular values; Adam follows
    these and hardly learns along the others. Here all become about 1.

    Args:
        parameters: to learn; those of five dimensions, (n, outputs, inputs, h, w), are n kernels each.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        parameters = list(parameters)
        self._kernels = [p for p in parameters if p.dim() == 5]
        self._momenta = [torch.zeros_like(p) for p in self._kernels]
        self._others = torch.optim.Adam([p for p in parameters if p.dim() != 5], betas=(0.9, 0.98))

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One step along the gradients, as long as Adam's at this rate; the gradients are cleared."""
        for group in self._others.param_groups:
            group["lr"] = rate
        self._others.step()
        self._others.zero_grad()
        for kernel, momentum in zip(self._kernels, self._momenta, strict=True):
            if kernel.grad is None:
                continue
            momentum.lerp_(kernel.grad, 1 - MOMENTUM)
            matrices = kernel.grad.lerp(momentum, MOMENTUM).flatten(2)
            length = AS_ADAM * max(matrices.shape[1:]) ** 0.5
            kernel.sub_(orthogonal(matrices).view_as(kernel), alpha=rate * length)
            kernel.grad = None


def orthogonal(matrices: Tensor) -> Tensor:
    """(n, a, b) with all singular values brought to about 1, by a Newton-Schulz iteration."""
    if matrices.shape[1] > matrices.shape[2]:
        turned: Tensor = orthogonal(matrices.mT).mT
        return turned
    first, third, fifth = QUINTIC
    now: Tensor = matrices / matrices.norm(dim=(1, 2), keepdim=True).clamp(min=1e-12)
    for _ in range(POLISHES):
        square = now @ now.mT
        now = first * now + (third * square + fifth * square @ square) @ now
    return now
