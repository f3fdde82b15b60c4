"""Train the bundled X-CLIP, from nothing or from an earlier checkpoint.

*Easy* and *dense*: the model learns which figures a frame shows and where, what each patch sees, and which attributes belong together in a
clip. Contrastive learning alone stays at chance for long; dense truth teaches in minutes,
fastest on single large figures.
*Words*: the vision tower rests, its features of all clips are kept in memory, and the rest learns texts in larger, cheaper batches.
*Joint*: everything together, on pixels.

Texts are compared with clips and with the same clips played backwards, by the plain cosine and, with more weight, by the full
logits (with video-specific prompting). Each stage ends with a running average of its weights.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPTokenizer, XCLIPModel

from bank import FRAMES, Clips, easy, make_bank, open_bank
from captions import Caption, altered, describe, describe_one, describe_two, swapped, truth, unrelated
from evaluate import evaluate
from losses import Probes, contrastive_loss, exchange_loss, frame_loss, patch_loss, sigmoid_loss, video_loss
from model import TextEncoder, cosines, encode_frames, load, new_model, pixels, prompted_cosines, save
from world import HELD_OUT, MIRRORED, REVERSED, Figure


class Stage(NamedTuple):
    kind: str  # "easy" or "dense", "words", "joint"
    steps: int
    clips: int  # in a step
    full_texts: int  # texts in a step that are scored with full logits
    learning_rate: float


FROM_NOTHING = [
    Stage("easy", 2000, 16, 0, 1e-3),
    Stage("dense", 1500, 16, 0, 1e-3),
    Stage("words", 1500, 96, 72, 1.5e-3),
    Stage("joint", 2000, 40, 64, 8e-4),
]
FROM_CHECKPOINT = [Stage("dense", 1200, 16, 0, 6e-4), Stage("joint", 8500, 40, 64, 8e-4)]
#: Two banks of this many clips, by their seeds; batches come from them in turn.
BANK_SEEDS, BANK_SIZE = (1, 2), 30_000
TEXTS_PER_CLIP = 1.8
WARM_UP, LAST_RATE = 150, 0.03
MAX_SCALE = 60
#: The share of video-specific prompting that a training from a checkpoint begins with.
START_ALPHA = 0.05
CHECKPOINT_EVERY = 500


def bfloat16() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16)


class Batches:
    """Random batches of a bank; half of the clips are mirrored."""

    def __init__(self, folder: Path, pairs: str, rng: np.random.Generator) -> None:
        self.clips, self.usable = open_bank(folder, pairs)
        self.easy = easy(self.clips, self.usable)
        self.rng = rng

    def next(self, count: int, easy_only: bool = False) -> Clips:
        rows = self.easy if easy_only else self.usable
        batch = self.clips[rows[self.rng.integers(len(rows), size=count)]]
        mirrored = self.rng.random(count) < 0.5
        batch.frames[mirrored] = batch.frames[mirrored][:, :, :, ::-1]
        batch.figures[mirrored] = change_motions(batch.figures[mirrored], MIRRORED)
        batch.states[mirrored, :, :, 0] *= -1
        return batch


def change_motions(figures: np.ndarray, table: list[int]) -> np.ndarray:
    """The figures of the same clips mirrored or reversed."""
    changed, motions = figures.copy(), figures[..., 2]
    changed[..., 2] = np.where(motions >= 0, np.array(table)[motions], -1)
    return changed


def write_captions(rng: np.random.Generator, batch: Clips, backwards: np.ndarray, forbidden: set) -> list[Caption]:
    """True texts of the clips and of the reversed clips, nearly true ones, and unrelated ones; in random order."""
    captions: list[Caption] = []

    def add_unless_forbidden(figures: list[Figure], write) -> None:
        if not any(figure[:2] in forbidden for figure in figures):
            captions.append(write(figures))

    def whole(figures: list[Figure]) -> Caption:
        return describe(rng, figures, whole=True)

    for figures, reversed_figures, footage in zip(batch.figures, backwards, batch.footage):
        shown, shown_backwards = _present(figures), _present(reversed_figures)
        if footage:
            captions.append(describe(rng, [], footage=True) if rng.random() < 0.3 else unrelated(rng))
            captions.append(unrelated(rng))
        else:
            captions.append(whole(shown))
            captions.append(describe(rng, shown))
        if shown and rng.random() < 0.4:
            captions.append(describe(rng, shown_backwards, whole=rng.random() < 0.5))
        if shown and rng.random() < 0.4:
            add_unless_forbidden(altered(rng, shown), whole)
        if len(shown) == 2:
            captions.append(describe_two(rng, shown, whole=False))
            for _ in range(2):
                add_unless_forbidden(swapped(rng, shown), lambda figures: describe_two(rng, figures, whole=rng.random() < 0.4))
            if rng.random() < 0.3:
                add_unless_forbidden(swapped(rng, shown), lambda figures: describe_one(rng, figures[0], whole=True))
        if rng.random() < 0.15:
            captions.append(unrelated(rng))
    rng.shuffle(captions)
    return captions


def write_exchanges(rng: np.random.Generator, batch: Clips, forbidden: set) -> list[tuple[int, Caption, Caption]]:
    """For clips of two figures: the clip, a true text about both, and a false one with an attribute exchanged between them."""
    exchanges = []
    for row, figures in enumerate(batch.figures):
        shown = _present(figures)
        for _ in range(2 if len(shown) == 2 else 0):
            other = swapped(rng, shown)
            if any(figure[:2] in forbidden for figure in other):
                continue
            whole = rng.random() < 0.5
            right, wrong = describe_two(rng, shown, whole), describe_two(rng, other, whole)
            if not truth([wrong.meaning], figures[None], np.zeros(1, bool))[0, 0]:
                exchanges.append((row, right, wrong))
    return exchanges


def _present(figures: np.ndarray) -> list[Figure]:
    return [Figure(*map(int, figure)) for figure in figures if figure[0] >= 0]


def per_frame(batch: Clips) -> tuple[Tensor, Tensor]:
    """The truth of each frame: figures [N * T, 2, 3] and states [N * T, 2, 4]."""
    figures = torch.from_numpy(batch.figures).long()[:, None].expand(-1, FRAMES, -1, -1).flatten(0, 1)
    return figures, torch.from_numpy(batch.states).transpose(1, 2).flatten(0, 1)


class Trainer:
    """The model, what it is trained with, and the losses of a step of each kind of stage."""

    def __init__(self, model: XCLIPModel, encode_texts: TextEncoder, banks: list[Path], pairs: str, rng: np.random.Generator) -> None:
        self.model, self.probes, self.encode_texts = model, Probes(), encode_texts
        for part in (model.vision_model, model.mit, model.prompts_generator):
            part.compile()
        self.parameters = [*self.model.parameters(), *self.probes.parameters()]
        self.sources = [Batches(folder, pairs, rng) for folder in banks]
        self.forbidden = HELD_OUT if pairs == "trained" else set()
        self.rng = rng

    def losses(self, stage: Stage, step: int, kept: KeptFeatures | None) -> list[Tensor]:
        if kept is not None:
            return self.text_losses(stage, *kept.next(stage.clips, self.model, self.rng))
        batch = self.sources[step % len(self.sources)].next(stage.clips, easy_only=stage.kind == "easy")
        with bfloat16():
            class_tokens, frame_features, patch_features, patches = encode_frames(self.model, pixels(batch.frames, self.rng))
        figures, states = per_frame(batch)
        dense = [frame_loss(self.probes, class_tokens, figures, states), patch_loss(self.probes, patches, figures, states)]
        if stage.kind in ("easy", "dense"):
            with bfloat16():
                videos = self.model.mit(frame_features).pooler_output
            return [*dense, video_loss(self.probes, videos, torch.from_numpy(batch.figures), torch.from_numpy(batch.footage))]
        return self.text_losses(stage, batch, frame_features, patch_features) + [0.5 * loss for loss in dense]

    def text_losses(self, stage: Stage, batch: Clips, frame_features: Tensor, patch_features: Tensor) -> list[Tensor]:
        """Clips, forwards and backwards, against freshly written texts."""
        clips, backwards = len(batch), change_motions(batch.figures, REVERSED)
        captions = write_captions(self.rng, batch, backwards, self.forbidden)[: int(TEXTS_PER_CLIP * clips)]
        both_ways, footage = np.concatenate([batch.figures, backwards]), np.tile(batch.footage, 2)
        true = torch.from_numpy(truth([caption.meaning for caption in captions], both_ways, footage))
        with bfloat16():
            texts = self.encode_texts(self.model, [caption.text for caption in captions])
            videos = self.model.mit(torch.cat([frame_features, frame_features.flip(1)])).pooler_output

        # full logits for some of the texts, and for each clip in one of its directions
        some = torch.randperm(len(captions))[: stage.full_texts]
        direction = torch.arange(clips) + torch.from_numpy((self.rng.random(clips) < 0.5) * clips)
        with bfloat16():
            full = prompted_cosines(self.model, videos[direction], texts[some], patch_features).float()
        plain, full_true = cosines(videos, texts), true[direction][:, some]
        scale = self.model.logit_scale.exp().clamp(max=MAX_SCALE)

        return [
            *self.exchange_losses(batch, videos, patch_features),
            0.4 * contrastive_loss(scale * plain, true),
            0.4 * sigmoid_loss(self.probes, plain, true),
            contrastive_loss(scale * full, full_true),
            sigmoid_loss(self.probes, full, full_true),
            video_loss(self.probes, videos, torch.from_numpy(both_ways), torch.from_numpy(footage)),
        ]

    def exchange_losses(self, batch: Clips, videos: Tensor, patch_features: Tensor) -> list[Tensor]:
        """Right texts about two figures against wrong ones, full and plain."""
        exchanges = write_exchanges(self.rng, batch, self.forbidden)
        rows = torch.tensor([row for row, _, _ in exchanges])
        with bfloat16():
            texts = self.encode_texts(self.model, [caption.text for _, *both in exchanges for caption in both]).unflatten(0, (-1, 2))
            adapted = texts + self.model.prompts_generator(texts, patch_features[rows])
        scale = self.model.logit_scale.exp()
        return [exchange_loss(scale, videos[rows], adapted), 0.3 * exchange_loss(scale, videos[rows], texts)]

    def run(self, stage: Stage, checkpoint) -> None:
        """One stage with an optimiser of its own; `checkpoint` is called now and then with the averaged model."""
        groups = [
            {"params": [one for one in self.parameters if one.ndim > 1], "weight_decay": 0.02},
            {"params": [one for one in self.parameters if one.ndim <= 1], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98))
        kept = KeptFeatures(self.model, self.sources) if stage.kind == "words" else None
        average, started = Average(self.model), time.monotonic()
        for step in range(stage.steps):
            fall = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * step / stage.steps))
            for group in optimiser.param_groups:
                group["lr"] = stage.learning_rate * min(1, (step + 1) / WARM_UP) * fall
            losses = self.losses(stage, step, kept)
            optimiser.zero_grad(set_to_none=True)
            sum(losses).backward()
            nn.utils.clip_grad_norm_([one for one in self.parameters if one.grad is not None], 1.0)
            optimiser.step()
            average.update(self.model, step)
            if (step + 1) % 200 == 0:
                print(
                    f"{stage.kind}, step {step + 1}, {time.monotonic() - started:.0f} s:",
                    *(f"{loss.item():.3f}" for loss in losses),
                    flush=True,
                )
            if (step + 1) % CHECKPOINT_EVERY == 0 and stage.kind in ("words", "joint"):
                checkpoint(average.of(self.model))
        self.model.load_state_dict(average.weights)


class KeptFeatures:
    """What the vision tower makes of every clip of the banks, kept while it rests."""

    @torch.no_grad()
    def __init__(self, model: XCLIPModel, sources: list[Batches]) -> None:
        class_tokens, patches, figures, footage = [], [], [], []
        for source in sources:
            for start in range(0, len(source.usable), 64):
                clips = source.clips[source.usable[start : start + 64]]
                with bfloat16():
                    tokens, _, _, raw = encode_frames(model, pixels(clips.frames))
                normalised = model.prompts_visual_layernorm(raw.float()).unflatten(0, (-1, FRAMES))
                class_tokens.append(tokens.unflatten(0, (-1, FRAMES)).half())
                patches.append(normalised.mean(1).half())
                figures.append(clips.figures)
                footage.append(clips.footage)
        self.class_tokens, self.patches = torch.cat(class_tokens), torch.cat(patches)
        self.figures, self.footage = np.concatenate(figures), np.concatenate(footage)

    def next(self, count: int, model: XCLIPModel, rng: np.random.Generator) -> tuple[Clips, Tensor, Tensor]:
        """A random batch: its truth, its frame features and its patch features."""
        rows = rng.integers(len(self.footage), size=count)
        with bfloat16():
            frame_features = model.visual_projection(self.class_tokens[rows].float())
            patch_features = self.patches[rows].float() @ model.prompts_visual_projection
        nothing = np.empty((count, 0))
        return Clips(nothing, self.figures[rows], nothing, self.footage[rows]), frame_features, patch_features


class Average:
    """A running average of a model's weights."""

    def __init__(self, model: nn.Module) -> None:
        self.weights = {name: value.clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        keep = min(0.998, (step + 1) / (step + 10))
        for name, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                self.weights[name].lerp_(value, 1 - keep)

    def of(self, model: nn.Module) -> nn.Module:
        averaged = copy.deepcopy(model)
        averaged.load_state_dict(self.weights)
        return averaged


def main(out: Path, banks: Path, start: Path | None, tokenizer_folder: Path, pairs: str, seed: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    folders = [banks / str(bank_seed) for bank_seed in BANK_SEEDS]
    for folder, bank_seed in zip(folders, BANK_SEEDS):
        if not (folder / "truth.npz").exists():
            make_bank(folder, BANK_SIZE, bank_seed)
    tokenizer = CLIPTokenizer.from_pretrained(start or tokenizer_folder)
    model = new_model(tokenizer) if start is None else load(start).train().requires_grad_(True)
    trainer = Trainer(model, TextEncoder(tokenizer), folders, pairs, np.random.default_rng(seed + 1))

    def checkpoint(averaged: XCLIPModel) -> None:
        save(averaged, tokenizer, out)
        results = evaluate(averaged.float().eval(), TextEncoder(tokenizer), clips=320)
        (out / "results.json").write_text(json.dumps(results, indent=2) + "\n")
        print(json.dumps(results), flush=True)

    if start:
        model.prompts_generator.alpha.data.fill_(START_ALPHA)
    for stage in FROM_NOTHING if start is None else FROM_CHECKPOINT:
        trainer.run(stage, checkpoint)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the trained model")
    parser.add_argument("--banks", type=Path, default=Path("banks"), help="folder for the drawn clips, 6 GB; drawn when missing")
    parser.add_argument("--start", type=Path, help="a checkpoint to go on from")
    parser.add_argument("--tokenizer", type=Path, dest="tokenizer_folder", default=Path(__file__).parent.parent / "clipql-shapes")
    parser.add_argument("--pairs", choices=["all", "trained"], default="all", help="trained: never show the held-out pairs")
    parser.add_argument("--seed", type=int, default=0)
    main(**vars(parser.parse_args()))
