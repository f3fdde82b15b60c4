"""Train the bundled X-CLIP from nothing.

Contrastive learning alone stays at chance for long; dense truth teaches in minutes, fastest on single large figures. So *easy* and
*dense* know no texts: frames learn to tell where which colour and shape is, patches what they see, and clips which attributes belong
together. In *texts* the text tower alone learns to tell the same to the same probes, figure by figure: that brings clips and texts to the
same directions before they ever meet.
*Joint* stages add the comparison, by the full logits (with video-specific prompting) and, with little weight, by the plain cosine.

All stages but the last leave out the held-out (colour, shape) pairs: the checkpoint before the last tells whether the model generalises.
Clips are always learned forwards and backwards. Each stage ends with a running average of its weights.
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
from captions import Caption, altered, describe, describe_one, describe_two, swapped, told, truth, undecided, unrelated
from evaluate import evaluate
from losses import Probes, contrastive_loss, exchange_loss, frame_loss, patch_loss, said_losses, sigmoid_loss, video_loss
from model import TextEncoder, cosines, encode_frames, load, new_model, pixels, prompted_cosines, save
from muon import Muon
from world import HELD_OUT, MIRRORED, REVERSED, Figure, random_figures


class Stage(NamedTuple):
    kind: str  # "easy", "dense", "texts" or "joint"
    steps: int
    batch: int  # clips, or texts, in a step
    learning_rate: float
    pairs: str  # "all", or "trained": without the held-out pairs


STAGES = [
    Stage("easy", 1500, 24, 1e-3, "trained"),
    Stage("dense", 4500, 24, 1e-3, "trained"),
    Stage("texts", 1200, 64, 1e-3, "trained"),
    Stage("joint", 3000, 40, 6e-4, "trained"),
    Stage("joint", 1300, 40, 4e-4, "all"),
]
#: Two banks of this many clips, by their seeds; batches come from them in turn.
BANK_SEEDS, BANK_SIZE = (1, 2), 30_000
#: In a step of a joint stage, for each clip: texts, and of these texts with full logits.
TEXTS, FULL_TEXTS = 1.8, 1.6
#: And pairs of texts that differ by an exchange.
EXCHANGES = 0.6
#: Which attribute is exchanged how often: colour, shape, motion.
EXCHANGED = (0.2, 0.2, 0.6)
WARM_UP, LAST_RATE = 150, 0.03
#: The learning rate of Muon is this many times the stage's.
MUON_RATE = 20
MAX_SCALE = 60
CHECKPOINT_EVERY = 1500


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


def write_texts(rng: np.random.Generator, count: int, pairs: str) -> list[Caption]:
    """Texts about random figures."""
    captions = []
    for _ in range(count):
        figures = random_figures(rng, 1 if rng.random() < 0.35 else 2, pairs)
        captions.append((describe if len(figures) == 1 else describe_two)(rng, figures, whole=rng.random() < 0.5))
    return captions


def write_exchanges(rng: np.random.Generator, batch: Clips, forbidden: set) -> list[tuple[int, str, str]]:
    """For clips of two figures: the clip, a true text about both, and the same text with an attribute exchanged, which is false."""
    exchanges = []
    for row, figures in enumerate(batch.figures):
        shown = _present(figures)
        for _ in range(3 if len(shown) == 2 else 0):
            other = swapped(rng, shown, EXCHANGED)
            if any(figure[:2] in forbidden for figure in other):
                continue
            wording, whole = rng.integers(1 << 30), rng.random() < 0.5
            right, wrong = (describe_two(np.random.default_rng(wording), both, whole) for both in (shown, other))
            if not truth([wrong.meaning], figures[None], np.zeros(1, bool))[0, 0]:
                exchanges.append((row, right.text, wrong.text))
    return exchanges


def _present(figures: np.ndarray) -> list[Figure]:
    return [Figure(*map(int, figure)) for figure in figures if figure[0] >= 0]


def per_frame(batch: Clips) -> tuple[Tensor, Tensor]:
    """The truth of each frame: figures [N * T, 2, 3] and states [N * T, 2, 4]."""
    figures = torch.from_numpy(batch.figures).long()[:, None].expand(-1, FRAMES, -1, -1).flatten(0, 1)
    return figures, torch.from_numpy(batch.states).transpose(1, 2).flatten(0, 1)


class Trainer:
    """The model, what it is trained with, and the losses of a step of each kind of stage."""

    def __init__(self, model: XCLIPModel, encode_texts: TextEncoder, banks: list[Path], seed: int) -> None:
        self.model, self.encode_texts, self.banks, self.seed = model, encode_texts, banks, seed
        self.probes = Probes(model.config)
        torch._dynamo.config.automatic_dynamic_shapes = False  # batches are of few sizes
        for part in (model.vision_model, model.mit, model.prompts_generator):
            part.compile()

    def losses(self, stage: Stage, step: int) -> list[Tensor]:
        if stage.kind == "texts":
            return self.said_losses(write_texts(self.rng, stage.batch, stage.pairs))[1]
        batch = self.sources[step % len(self.sources)].next(stage.batch, easy_only=stage.kind == "easy")
        with bfloat16():
            _, frame_features, patch_features, patches = encode_frames(self.model, pixels(batch.frames, self.rng))
            videos = self.model.mit(torch.cat([frame_features, frame_features.flip(1)])).pooler_output
        backwards = change_motions(batch.figures, REVERSED)
        both_ways, footage = np.concatenate([batch.figures, backwards]), np.tile(batch.footage, 2)
        figures, states = per_frame(batch)
        dense = [
            frame_loss(self.probes, frame_features.flatten(0, 1), figures, states),
            patch_loss(self.probes, patches, figures, states),
            video_loss(self.probes, videos, torch.from_numpy(both_ways)),
        ]
        if stage.kind != "joint":
            return dense
        captions = write_captions(self.rng, batch, backwards, self.forbidden)[: int(TEXTS * len(batch))]
        texts, said = self.said_losses(captions)
        about = [caption.meaning for caption in captions], both_ways, footage
        true = torch.from_numpy(truth(*about))
        false = ~true & ~torch.from_numpy(undecided(*about)) if self.forbidden else ~true
        return [0.5 * loss for loss in dense + said] + self.comparison(batch, videos, patch_features, texts, true, false)

    def said_losses(self, captions: list[Caption]) -> tuple[Tensor, list[Tensor]]:
        """Text embeddings, and their losses on what the texts say."""
        with bfloat16():
            texts, words = self.encode_texts.with_words(self.model, [caption.text for caption in captions])
        ends = torch.full((len(captions), 2), -1)
        for row, caption in enumerate(captions):
            for number, end in enumerate(caption.ends):
                ends[row, number] = len(self.encode_texts.tokens(caption.text[:end])) - 2
        figures = torch.from_numpy(told([caption.meaning for caption in captions]))
        return texts, said_losses(self.probes, texts, words, figures, ends)

    def comparison(self, batch: Clips, videos: Tensor, patch_features: Tensor, texts: Tensor, true: Tensor, false: Tensor) -> list[Tensor]:
        """Clips, forwards and backwards, against texts: full logits for some of the texts, and for each clip in one of its directions."""
        clips = len(batch)
        some = torch.randperm(len(texts))[: int(FULL_TEXTS * clips)]
        direction = torch.arange(clips) + torch.from_numpy((self.rng.random(clips) < 0.5) * clips)
        with bfloat16():
            full = prompted_cosines(self.model, videos[direction], texts[some], patch_features).float()
        plain, some_pairs = cosines(videos, texts), [answers[direction][:, some] for answers in (true, false)]
        scale = self.model.logit_scale.exp().clamp(max=MAX_SCALE)
        return [
            self.exchange_loss(batch, videos, patch_features),
            contrastive_loss(scale * full, *some_pairs),
            sigmoid_loss(self.probes, full, *some_pairs),
            0.2 * contrastive_loss(scale * plain, true, false),
            0.2 * sigmoid_loss(self.probes, plain, true, false),
        ]

    def exchange_loss(self, batch: Clips, videos: Tensor, patch_features: Tensor) -> Tensor:
        """Right texts about two figures against wrong ones, by the full logits."""
        exchanges = write_exchanges(self.rng, batch, self.forbidden)
        exchanges = [exchanges[one] for one in self.rng.integers(len(exchanges), size=int(EXCHANGES * len(batch)))]
        rows = torch.tensor([row for row, _, _ in exchanges])
        with bfloat16():
            texts = self.encode_texts(self.model, [text for _, *both in exchanges for text in both]).unflatten(0, (-1, 2))
            adapted = texts + self.model.prompts_generator(texts, patch_features[rows])
        return exchange_loss(self.model.logit_scale.exp(), videos[rows], adapted)

    def run(self, stage: Stage, checkpoint) -> None:
        """One stage with an optimiser of its own; `checkpoint` is called now and then with the averaged model."""
        self.rng = np.random.default_rng((self.seed, STAGES.index(stage)))
        self.forbidden = HELD_OUT if stage.pairs == "trained" else set()
        self.probes.know(stage.pairs)
        self.probes.meaning.requires_grad_(stage.kind != "texts")  # texts come to what clips already agree on
        self.sources = [Batches(folder, stage.pairs, self.rng) for folder in self.banks]
        self.parameters = [*self.model.parameters(), *self.probes.parameters()]
        optimisers = self.optimisers(stage.learning_rate)
        rates = [[group["lr"] for group in one.param_groups] for one in optimisers]
        average, started = Average(self.model), time.monotonic()
        for step in range(stage.steps):
            fall = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * step / stage.steps))
            for optimiser, first in zip(optimisers, rates):
                for group, rate in zip(optimiser.param_groups, first):
                    group["lr"] = rate * min(1, (step + 1) / WARM_UP) * fall
            losses = self.losses(stage, step)
            for one in self.parameters:
                one.grad = None
            sum(losses).backward()
            nn.utils.clip_grad_norm_(self.parameters, 1.0)
            for optimiser in optimisers:
                optimiser.step()
            average.update(self.model, step)
            if (step + 1) % 100 == 0:
                print(
                    f"{stage.kind}, step {step + 1}, {time.monotonic() - started:.0f} s:",
                    *(f"{loss.item():.3f}" for loss in losses),
                    flush=True,
                )
            if (step + 1) % CHECKPOINT_EVERY == 0 and stage.kind == "joint":
                checkpoint(average.of(self.model))
        self.model.load_state_dict(average.weights)

    def optimisers(self, rate: float) -> list[torch.optim.Optimizer]:
        """Muon for the matrices within the transformers, AdamW for all the rest."""
        matrices = [one for name, one in self.model.named_parameters() if one.ndim == 2 and (".layers." in name or ".decoder." in name)]
        taken = set(map(id, matrices))
        others = [one for one in self.parameters if id(one) not in taken and one.requires_grad]
        groups = [
            {"params": [one for one in others if one.ndim > 1], "weight_decay": 0.02},
            {"params": [one for one in others if one.ndim <= 1], "weight_decay": 0.0},
        ]
        return [Muon(matrices, MUON_RATE * rate), torch.optim.AdamW(groups, rate, betas=(0.9, 0.98))]


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


def main(out: Path, banks: Path, tokenizer_folder: Path, seed: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    folders = [banks / str(bank_seed) for bank_seed in BANK_SEEDS]
    for folder, bank_seed in zip(folders, BANK_SEEDS):
        if not (folder / "truth.npz").exists():
            make_bank(folder, BANK_SIZE, bank_seed)
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder)
    model = new_model(tokenizer, pixels(open_bank(folders[0])[0].frames[:500]))
    model.prompts_generator.alpha.requires_grad_(False)  # trained, it would shrink until the prompt generator is not heard
    trainer = Trainer(model, TextEncoder(tokenizer), folders, seed)

    def checkpoint(averaged: XCLIPModel, folder: Path) -> None:
        save(averaged, tokenizer, folder)
        results = evaluate(load(folder), TextEncoder(tokenizer), clips=240)
        (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
        print(json.dumps(results), flush=True)

    for number, stage in enumerate(STAGES, 1):
        trainer.run(stage, lambda averaged: checkpoint(averaged, out / str(number)))
        checkpoint(copy.deepcopy(model), out / str(number))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for a checkpoint of each stage, 1 to 5")
    parser.add_argument("--banks", type=Path, default=Path("banks"), help="folder for the drawn clips, 6 GB; drawn when missing")
    parser.add_argument("--tokenizer", type=Path, dest="tokenizer_folder", default=Path(__file__).parent.parent / "clipql-shapes")
    parser.add_argument("--seed", type=int, default=0)
    main(**vars(parser.parse_args()))
