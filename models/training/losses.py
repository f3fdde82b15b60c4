"""The losses: dense truth about frames, patches and meanings, and the comparison of videos with texts."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import XCLIPConfig

from model import GRID
from world import COLOURS, HELD_OUT, MOTIONS, SHAPES

_SIZES = (len(COLOURS), len(SHAPES), len(MOTIONS))
_COLOURS, _SHAPES, _MOTIONS = _SIZES
#: Tables of what belongs together: which two attributes.
_TABLES = [(0, 1), (0, 2), (1, 2)]
_GEOMETRY = 4  # x, y, radius, is it there
#: Brings x, y and radius to about unit size.
_GEOMETRY_SCALE = torch.tensor([2.0, 2.0, 5.0])


class Meaning(nn.Module):
    """Reads what there is and what belongs together: scores of each attribute, and of each pair of attributes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Linear(width, size) for size in _SIZES)
        self.tables = nn.ModuleList(nn.Linear(width, _SIZES[one] * _SIZES[other]) for one, other in _TABLES)


class Probes(nn.Module):
    """Read-outs that only training uses. All are linear, so what they ask for lies open to whatever reads the features next."""

    def __init__(self, config: XCLIPConfig) -> None:
        super().__init__()
        width = config.projection_dim
        self.patch = nn.Linear(config.vision_config.hidden_size, _COLOURS + _SHAPES + _GEOMETRY)
        self.by_colour = nn.Linear(width, _COLOURS * (_GEOMETRY + _SHAPES))
        self.by_shape = nn.Linear(width, _SHAPES * _GEOMETRY)
        self.meaning = Meaning(width)  # of videos and of texts
        self.words = Meaning(config.text_config.hidden_size)
        self.sigmoid = nn.Parameter(torch.tensor([2.302585092994046, -3.0]))  # log scale and bias of the sigmoid loss
        self.know("all")

    def know(self, pairs: str) -> None:
        """Say which pairs are trained. Those that are held out are not denied either: they take no part."""
        #: Added to scores of (colour, shape).
        self.never = torch.zeros(_COLOURS, _SHAPES)
        if pairs == "trained":
            self.never[tuple(zip(*HELD_OUT))] = -30.0

    def presence_loss(self, logits: Tensor, figures: Tensor, there: Tensor, part: int) -> Tensor:
        """Which colours, shapes or motions there are, [N]. A shape is not denied for lack of a pair that is never shown, nor a colour."""
        present = torch.zeros_like(logits).scatter_add_(1, figures[..., part].clamp(min=0), there.float()).clamp(max=1)
        decided = torch.ones_like(logits)
        if part < 2:
            never = (self.never if part == 1 else self.never.T) < 0
            given = figures[..., 1 - part]
            decided = 1 - (never[given.clamp(min=0)] & (given >= 0)[..., None]).any(1).float() * (1 - present)
        errors = F.binary_cross_entropy_with_logits(logits, present, decided, reduction="none", pos_weight=torch.tensor(2.0))
        return errors.mean(1)


def _distance(said: Tensor, state: Tensor) -> Tensor:
    return F.smooth_l1_loss(said, state[..., :3] * _GEOMETRY_SCALE, reduction="none", beta=0.2).mean(-1)


def _mean(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).sum() / where.sum().clamp(min=1)


def _of(table: Tensor, rows: Tensor) -> Tensor:
    """For a table [N, R, ...] and two row numbers for each of N, [N, 2]: the rows [N, 2, ...]."""
    return table[torch.arange(len(rows))[:, None], rows]


def _surprise(scores: Tensor, answers: Tensor) -> Tensor:
    """Cross entropy of scores [N, 2, C] for answers [N, 2], -1 where there is none."""
    return F.cross_entropy(scores.transpose(1, 2), answers.clamp(min=0), reduction="none")


def _alone(keys: Tensor, shown: Tensor) -> Tensor:
    """Of two figures [N, 2], those that are shown and that no other shown figure shares the key with."""
    return shown & ~((keys == keys.flip(1)) & shown.flip(1))


def frame_loss(probes: Probes, features: Tensor, figures: Tensor, states: Tensor) -> Tensor:
    """A frame must tell, for each colour, where it is, how large and what shape; and for each shape where it is and how large.

    `features` [F, W], `figures` [F, 2, 3], `states` [F, 2, 4].
    """
    seen = (figures[..., 0] >= 0) & (states[..., 3] > 0.5)
    total = 0
    for part, probe in ((0, probes.by_colour), (1, probes.by_shape)):
        table = probe(features.float()).unflatten(1, (_SIZES[part], -1))
        keys = figures[..., part].clamp(min=0)
        total = total + 4 * probes.presence_loss(table[..., 3], figures, seen, part).mean()
        said, alone = _of(table, keys), _alone(keys, seen)
        total = total + 4 * _mean(_distance(said[..., :3], states), alone)
        if part == 0:
            total = total + _mean(_surprise(said[..., _GEOMETRY:] + probes.never[keys], figures[..., 1]), alone)
    return total


def patch_loss(probes: Probes, patches: Tensor, figures: Tensor, states: Tensor) -> Tensor:
    """Every patch on a figure must tell its colour and shape, and where its centre is from here. `patches` [F, P, W]."""
    centres = (torch.arange(GRID) + 0.5) * 2 / GRID - 1
    down, across = torch.meshgrid(centres, centres, indexing="ij")
    place = torch.stack([across.flatten(), down.flatten()], 1)
    offset = states[:, :, None, :2] - place  # [F, 2, P, 2]
    gap = (offset.abs() - 1 / GRID).clamp(min=0).norm(dim=-1)
    near = (gap < 0.6 * states[:, :, 2, None]) & ((figures[:, :, 0] >= 0) & (states[:, :, 3] > 0.5))[..., None]
    nearest = offset.norm(dim=-1).masked_fill(~near, torch.inf).argmin(1)  # [F, P]
    there, frames = near.any(1), torch.arange(len(figures))[:, None]
    figure = figures[frames, nearest]
    state = torch.cat([offset[frames, nearest, torch.arange(GRID * GRID)], states[frames, nearest, 2:3]], -1)
    colours, shapes, said, presence = probes.patch(patches.float()).split([_COLOURS, _SHAPES, 3, 1], dim=-1)
    colour, shape = figure[there][:, :2].T
    named = F.cross_entropy(colours[there] + probes.never.T[shape], colour) + F.cross_entropy(shapes[there] + probes.never[colour], shape)
    return named + 2 * _mean(_distance(said, state), there) + 2 * F.binary_cross_entropy_with_logits(presence[..., 0], there.float())


def video_loss(probes: Probes, videos: Tensor, figures: Tensor) -> Tensor:
    """What a video embedding must tell about the figures [N, 2, 3] of its clip."""
    return _meaning_loss(probes, probes.meaning, videos, figures, torch.ones(len(figures), 3, dtype=bool))


def said_losses(probes: Probes, texts: Tensor, words: Tensor, figures: Tensor, ends: Tensor) -> list[Tensor]:
    """A text embedding must tell the same about what is said, figures [K, 2, 3] with -1 for the unsaid, and so must for each figure the
    last of its words: `words` [K, L, W], those words at `ends` [K, 2], -1 for none."""
    row, number = (ends >= 0).nonzero().T
    single = torch.full((len(row), 2, 3), -1)
    single[:, 0] = figures[row, number]
    return [
        _meaning_loss(probes, probes.meaning, texts, figures, (figures >= 0).any(1)),
        _meaning_loss(probes, probes.words, words[row, ends[row, number]], single, single[:, 0] >= 0),
    ]


def _meaning_loss(probes: Probes, meaning: Meaning, embeddings: Tensor, figures: Tensor, known: Tensor) -> Tensor:
    """Which attributes there are, of the kinds that are known [N, 3], and which belong together."""
    directions = 10 * F.normalize(embeddings.float(), dim=-1)
    told, total = figures >= 0, 0
    for part, probe in enumerate(meaning.parts):
        total = total + 4 * _mean(probes.presence_loss(probe(directions), figures, told[..., part], part), known[:, part])
    for (one, other), probe in zip(_TABLES, meaning.tables):
        table = probe(directions).unflatten(1, (_SIZES[one], _SIZES[other]))
        if (one, other) == (0, 1):
            table = table + probes.never
        both = told[..., one] & told[..., other]
        for key, value, rows in ((one, other, table), (other, one, table.transpose(1, 2))):
            keys = figures[..., key].clamp(min=0)
            total = total + _mean(_surprise(_of(rows, keys), figures[..., value]), _alone(keys, both))
    return total


def contrastive_loss(logits: Tensor, true: Tensor, false: Tensor) -> Tensor:
    """Every true pair against the false pairs of its row, and of its column.

    One text can be true of many clips, so true pairs do not compete with each other.
    """
    total = 0
    for table, answers, wrong in ((logits, true, false), (logits.T, true.T, false.T)):
        against = table.masked_fill(~wrong, -1e4).logsumexp(1, keepdim=True)
        each, count = F.softplus(against - table) * answers, answers.sum(1)
        total = total + (each.sum(1)[count > 0] / count[count > 0]).mean()
    return total / 2


def sigmoid_loss(probes: Probes, cosines: Tensor, true: Tensor, false: Tensor) -> Tensor:
    """Every pair on its own, true or false: this lets one threshold serve all texts."""
    scale, bias = probes.sigmoid
    decided = (true | false).float()
    return F.binary_cross_entropy_with_logits(cosines * scale.exp() + bias, true.float(), decided, pos_weight=torch.tensor(3.0))


def exchange_loss(scale: Tensor, videos: Tensor, texts: Tensor) -> Tensor:
    """Of two texts about the same clip [N, 2, D] the first, true one must win."""
    cosines = (F.normalize(videos.float(), dim=-1)[:, None] * F.normalize(texts.float(), dim=-1)).sum(-1)
    return F.softplus(scale.detach() * (cosines[:, 1] - cosines[:, 0])).mean()
