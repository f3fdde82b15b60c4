"""Choose the background texts of a model and fit its relevance; writes `clipql.json` into the model's folder.

The logit of a text says little by itself: how high it is depends on the clip. Relevance compares it with the log-sum-exp of the
clip's logits for a few fixed background texts: `sigmoid(a * (logit - background) + b)`, centred so that 0.5 is the threshold. All candidates are
tried on the first half of freshly drawn clips and texts; the one that separates best is fitted there and reported on the other half.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import CLIPTokenizer, XCLIPModel

from bank import Clips, draw_clips
from captions import COUNTS, DOING, EVERYDAY, NOTHING, altered, describe, describe_two, swapped, truth, unrelated, with_article
from evaluate import Encoded
from evaluate_product import NONSENSE
from model import TextEncoder, load
from world import COLOURS, MOTIONS, SHAPES, Figure

CLIPS, NONSENSE_TEXTS = 800, 150
#: The threshold keeps this share of the true pairs.
KEPT = 0.97

_NEUTRAL = ["a video", "something", "a shape", "an object", "a thing", "a clip of something", "footage", "a scene"]
_WORLD = [f"something {colour}" for colour in COLOURS] + [with_article(shape) for shape in SHAPES]
_WORLD += [f"something {DOING[motion][0]}" for motion in MOTIONS]
_STATES = [words[0] for words in COUNTS.values()] + [NOTHING[0]]
_EVERYDAY = [
    f"{with_article(EVERYDAY[(7 * index) % len(EVERYDAY)])} and {EVERYDAY[(13 * index + 5) % len(EVERYDAY)]}" for index in range(32)
]
_REAL = ["real footage", "a photograph", "a landscape", "a person", "an animal", "a street", "a room", "a forest", "food"]
BACKGROUNDS = {
    "neutral": _NEUTRAL,
    "everyday": _EVERYDAY,
    "world": _WORLD,
    "neutral and states": _NEUTRAL + _STATES,
    "neutral and real": _NEUTRAL + _REAL,
    "neutral and everyday": _NEUTRAL + _EVERYDAY,
    "neutral, states and real": _NEUTRAL + _STATES + _REAL,
    "world, neutral and everyday": _WORLD + _NEUTRAL + _EVERYDAY,
}


@dataclass
class Scores:
    """Logits less background of true pairs, of false pairs, and of nonsense texts [clips, texts]."""

    true: np.ndarray
    false: np.ndarray
    nonsense: np.ndarray

    def rates(self, threshold: float) -> dict[str, float]:
        return {
            "true pairs kept": round(float((self.true >= threshold).mean()), 4),
            "false pairs kept": round(float((self.false >= threshold).mean()), 4),
            "nonsense pairs kept": round(float((self.nonsense >= threshold).mean()), 5),
            "nonsense texts that find nothing": round(float((self.nonsense.max(0) < threshold).mean()), 4),
        }


class Sheet:
    """Logits of clips and texts, with their truth."""

    def __init__(self, model: XCLIPModel, encode_texts: TextEncoder, clips: Clips, rng: np.random.Generator) -> None:
        encoded, scale = Encoded(model, clips.frames), model.logit_scale.exp()
        self.logits = lambda texts: (scale * encoded.full(encode_texts(model, texts))).numpy()
        captions = _write(clips, rng)
        self.true = truth([caption.meaning for caption in captions], clips.figures, clips.footage)
        self.written = self.logits([caption.text for caption in captions])
        self.nonsense = self.logits(NONSENSE + [unrelated(rng).text for _ in range(NONSENSE_TEXTS)])

    def against(self, background: list[str]) -> Scores:
        base = np.logaddexp.reduce(self.logits(background), axis=1, keepdims=True)
        written = self.written - base
        return Scores(written[self.true], written[~self.true], self.nonsense - base)


def _write(clips: Clips, rng: np.random.Generator) -> list:
    """Texts that are true of some of the clips, and texts that are nearly true."""
    captions = []
    for figures in clips.figures[~clips.footage][: CLIPS // 4]:
        shown = [Figure(*map(int, figure)) for figure in figures if figure[0] >= 0]
        captions.append(describe(rng, shown))
        if shown:
            captions.append(describe(rng, altered(rng, shown), whole=True))
        if len(shown) == 2:
            captions.append(describe_two(rng, swapped(rng, shown), whole=False))
    return captions


def fit(scores: Scores) -> float:
    """The slope of a logistic regression of true against false and nonsense pairs, both sides of equal weight."""
    values = np.concatenate([scores.true, scores.false, scores.nonsense.ravel()])
    answers = np.arange(len(values)) < len(scores.true)
    weights = np.where(answers, 0.5 / answers.sum(), 0.5 / (~answers).sum())
    with torch.inference_mode(False), torch.enable_grad():
        inputs, targets, weights = (torch.tensor(array, dtype=torch.float64) for array in (values, answers, weights))
        line = torch.tensor([0.5, 0.0], dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.LBFGS([line], max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimiser.zero_grad()
            value = F.binary_cross_entropy_with_logits(line[0] * inputs + line[1], targets, weights, reduction="sum")
            value.backward()
            return value

        optimiser.step(loss)
    return line[0].item()


@torch.inference_mode()
def main(folder: Path, seed: int) -> None:
    torch.set_num_threads(1)
    model, encode_texts = load(folder), TextEncoder(CLIPTokenizer.from_pretrained(folder))
    chosen_on, reported_on = (
        Sheet(model, encode_texts, draw_clips(CLIPS, seed + half), np.random.default_rng(seed + half)) for half in (0, 1)
    )

    def badness(name: str) -> float:
        scores = chosen_on.against(BACKGROUNDS[name])
        rates = scores.rates(np.quantile(scores.true, 1 - KEPT))
        print(name, rates, flush=True)
        return rates["false pairs kept"] + 1 - rates["nonsense texts that find nothing"]

    best = min(BACKGROUNDS, key=badness)
    scores = chosen_on.against(BACKGROUNDS[best])
    a, threshold = fit(scores), float(np.quantile(scores.true, 1 - KEPT))
    # Centred there: more likely than not means at least as likely as nearly all true pairs are.
    relevance = {"a": round(a, 4), "b": round(-a * threshold, 4), "minRelevance": 0.5}
    print("chosen:", best, relevance, "\non other clips and texts:", json.dumps(reported_on.against(BACKGROUNDS[best]).rates(threshold)))
    card = {"name": "clipql-shapes", "version": 1, "license": "MIT", "background": BACKGROUNDS[best], "relevance": relevance}
    (folder / "clipql.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=31)
    main(**vars(parser.parse_args()))
