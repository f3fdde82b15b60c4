"""Muon: momentum, each matrix of which is brought near to an orthogonal one before the step."""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

#: The quintic iteration of Newton and Schulz: its singular values come near 1 in a few steps.
_COEFFICIENTS, _ITERATIONS = (3.4445, -4.7750, 2.0315), 5


class Muon(torch.optim.Optimizer):
    """Many matrices of one shape at a time: at these sizes, one by one would take most of the time of a training step."""

    def __init__(self, matrices: list[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.02) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            alike = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    alike[matrix.shape].append(matrix)
            for (rows, columns), matrices in alike.items():
                rate = group["lr"] * max(1, rows / columns) ** 0.5
                for matrix, change in zip(matrices, _orthogonal(torch.stack([self._moving(one, group["momentum"]) for one in matrices]))):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"]).sub_(change, alpha=rate)

    def _moving(self, matrix: Tensor, momentum: float) -> Tensor:
        average = self.state[matrix].setdefault("average", torch.zeros_like(matrix)).lerp_(matrix.grad, 1 - momentum)
        return matrix.grad.lerp(average, momentum)


def _orthogonal(matrices: Tensor) -> Tensor:
    """Matrices [N, R, C] with singular values near 1."""
    if matrices.shape[1] > matrices.shape[2]:
        return _orthogonal(matrices.mT).mT
    first, third, fifth = _COEFFICIENTS
    matrices = (matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    for _ in range(_ITERATIONS):
        square = matrices @ matrices.mT
        matrices = first * matrices + (third * square + fifth * square @ square) @ matrices
    return matrices.float()
