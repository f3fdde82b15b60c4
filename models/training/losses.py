"""The losses: dense truth about frames, patches and videos, and the comparison of videos with texts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model import GRID, WIDTH
from world import COLOURS, MOTIONS, SHAPES

_COLOURS, _SHAPES, _MOTIONS = len(COLOURS), len(SHAPES), len(MOTIONS)
#: Brings x, y and radius to about unit size.
_GEOMETRY_SCALE = torch.tensor([2.0, 2.0, 5.0])


class Probes(nn.Module):
    """Linear read-outs that only training uses."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = nn.Linear(WIDTH, 2 * (_COLOURS + _SHAPES + 4))  # two slots: colour, shape, x, y, radius, is there
        self.patch = nn.Linear(WIDTH, _COLOURS * _SHAPES)
        self.video = nn.Linear(WIDTH, _COLOURS * _SHAPES + _COLOURS * _MOTIONS + _SHAPES * _MOTIONS + _MOTIONS + 1)
        self.sigmoid = nn.Parameter(torch.tensor([2.302585092994046, -3.0]))  # log scale and bias of the sigmoid loss


def frame_loss(probes: Probes, class_tokens: Tensor, figures: Tensor, states: Tensor) -> Tensor:
    """Both figures of every frame must be readable from its class token, in whichever order fits better.

    `class_tokens` [F, W], `figures` [F, 2, 3], `states` [F, 2, 4].
    """
    slots = probes.frame(class_tokens.float()).view(-1, 2, _COLOURS + _SHAPES + 4)

    def misfit(slot: int, number: int) -> Tensor:
        said, figure, state = slots[:, slot], figures[:, number], states[:, number]
        seen = ((figure[:, 0] >= 0) & (state[:, 3] > 0.5)).float()
        colour, shape, _ = figure.clamp(min=0).T
        colours, shapes, geometry, presence = said.split([_COLOURS, _SHAPES, 3, 1], dim=1)
        distance = F.smooth_l1_loss(geometry, state[:, :3] * _GEOMETRY_SCALE, reduction="none", beta=0.2).mean(1)
        error = F.cross_entropy(colours, colour, reduction="none") + F.cross_entropy(shapes, shape, reduction="none") + 3 * distance
        return error * seen + F.binary_cross_entropy_with_logits(presence[:, 0], seen, reduction="none")

    return torch.minimum(misfit(0, 0) + misfit(1, 1), misfit(0, 1) + misfit(1, 0)).mean()


def patch_loss(probes: Probes, patches: Tensor, figures: Tensor, states: Tensor) -> Tensor:
    """Every patch must tell which (colour, shape) pairs it sees. `patches` [F, P, W]."""
    centres = (torch.arange(GRID) + 0.5) * 2 / GRID - 1
    down, across = torch.meshgrid(centres, centres, indexing="ij")
    beside = ((across.flatten() - states[:, :, 0, None]).abs() - 1 / GRID).clamp(min=0)
    below = ((down.flatten() - states[:, :, 1, None]).abs() - 1 / GRID).clamp(min=0)
    near = (beside**2 + below**2).sqrt() < 0.6 * states[:, :, 2, None]
    near = near & (figures[:, :, 0] >= 0)[..., None] & (states[:, :, 3] > 0.5)[..., None]
    target = torch.zeros(len(patches), GRID * GRID, _COLOURS * _SHAPES)
    for number in range(2):
        pair = (figures[:, number, 0] * _SHAPES + figures[:, number, 1]).clamp(min=0)
        target.scatter_add_(2, pair[:, None, None].expand(-1, GRID * GRID, 1), near[:, number, :, None].float())
    return 10 * F.binary_cross_entropy_with_logits(probes.patch(patches.float()), target.clamp(max=1), pos_weight=torch.tensor(5.0))


def video_loss(probes: Probes, videos: Tensor, figures: Tensor, footage: Tensor) -> Tensor:
    """A video embedding must carry what belongs together: colour and shape, colour and motion, shape and motion."""
    rows = len(figures)
    pairs, painted, shaped = (torch.zeros(rows, size) for size in (_COLOURS * _SHAPES, _COLOURS * _MOTIONS, _SHAPES * _MOTIONS))
    motions = torch.zeros(rows, _MOTIONS)
    for number in range(2):
        row = (figures[:, number, 0] >= 0).nonzero()[:, 0]
        colour, shape, motion = figures[row, number].T
        pairs[row, colour * _SHAPES + shape] = 1
        painted[row, colour * _MOTIONS + motion] = 1
        shaped[row, shape * _MOTIONS + motion] = 1
        motions[row, motion] = 1
    target = torch.cat([pairs, painted, shaped, motions, footage.float()[:, None]], 1)
    return 10 * F.binary_cross_entropy_with_logits(probes.video(videos.float()), target, pos_weight=torch.tensor(6.0))


def contrastive_loss(logits: Tensor, true: Tensor) -> Tensor:
    """Every true pair against the false pairs of its row, and of its column.

    One text can be true of many clips, so true pairs do not compete with each other.
    """
    total = 0
    for table, answers in ((logits, true), (logits.T, true.T)):
        against = table.masked_fill(answers, -1e4).logsumexp(1, keepdim=True)
        each, count = F.softplus(against - table) * answers, answers.sum(1)
        total = total + (each.sum(1)[count > 0] / count[count > 0]).mean()
    return total / 2


def sigmoid_loss(probes: Probes, cosines: Tensor, true: Tensor) -> Tensor:
    """Every pair on its own, true or false: this lets one threshold serve all texts."""
    scale, bias = probes.sigmoid
    return F.binary_cross_entropy_with_logits(cosines * scale.exp() + bias, true.float(), pos_weight=torch.tensor(3.0))


def exchange_loss(scale: Tensor, videos: Tensor, texts: Tensor) -> Tensor:
    """Of two texts about the same clip [N, 2, D] the first, true one must win."""
    cosines = (F.normalize(videos.float(), dim=-1)[:, None] * F.normalize(texts.float(), dim=-1)).sum(-1)
    return F.softplus(scale.detach() * (cosines[:, 1] - cosines[:, 0])).mean()
