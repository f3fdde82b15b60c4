"""Measure a checkpoint on freshly drawn clips of seeds that no training uses; prints JSON.

Every figure is a share of right answers, for the full logits and for the plain cosine. Clips are drawn straight to the model's size;
`make_clips.py` and `evaluate_product.py` measure real files through the whole product.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTokenizer, XCLIPModel

from bank import Clips, draw_clips
from captions import COLOUR_WORDS, DOING, SHAPE_WORDS, with_article
from model import TextEncoder, cosines, encode_frames, load, pixels, prompted_cosines
from world import COLOURS, MOTIONS, REVERSED, SHAPES

#: Name, seed, figures per clip, which pairs, borders.
SETS = [
    ("unseen", 11, 1, "all", False),
    ("borders", 12, 1, "all", True),
    ("held-out pairs", 13, 1, "held-out", False),
    ("two figures", 14, 2, "all", False),
]
#: Texts for each attribute; the first is right for index 0 of the truth, and so on.
LABELS = {
    "colour": [f"a {colour} object" for colour in COLOURS],
    "shape": [with_article(shape) for shape in SHAPES],
    "motion": [f"something {DOING[motion][0]}" for motion in MOTIONS],
    "colour+shape": [with_article(f"{colour} {shape}") for colour in COLOURS for shape in SHAPES],
    "whole": [with_article(f"{colour} {shape} {DOING[motion][0]}") for colour in COLOURS for shape in SHAPES for motion in MOTIONS],
    "colour, synonym": [f"something {COLOUR_WORDS[colour][1]}" for colour in COLOURS],
    "shape, synonym": [with_article(SHAPE_WORDS[shape][1]) for shape in SHAPES],
    "motion, paraphrase": [f"an object {DOING[motion][2]}" for motion in MOTIONS],
}


def right_answers(name: str, figures: np.ndarray) -> np.ndarray:
    """For figures [N, 3], which of the LABELS of this name is right."""
    colour, shape, motion = figures.T
    pair = colour * len(SHAPES) + shape
    answers = {"colour": colour, "shape": shape, "motion": motion, "colour+shape": pair, "whole": pair * len(MOTIONS) + motion}
    return answers[name.split(",")[0]]


class Encoded:
    """Clips as the model sees them."""

    def __init__(self, model: XCLIPModel, frames: np.ndarray) -> None:
        self.model = model
        parts = [encode_frames(model, pixels(frames[start : start + 32])) for start in range(0, len(frames), 32)]
        self.videos = torch.cat([model.mit(frame_features).pooler_output for _, frame_features, _, _ in parts])
        self.patch_features = torch.cat([patch_features for _, _, patch_features, _ in parts])

    def full(self, texts: Tensor) -> Tensor:
        rows = [slice(start, start + 40) for start in range(0, len(self.videos), 40)]
        return torch.cat([prompted_cosines(self.model, self.videos[some], texts, self.patch_features[some]) for some in rows])

    def plain(self, texts: Tensor) -> Tensor:
        return cosines(self.videos, texts)


def accuracy(encoded: Encoded, texts: Tensor, answers: np.ndarray) -> dict[str, float]:
    scores = {"full": encoded.full(texts), "cosine": encoded.plain(texts)}
    return {name: share(table.argmax(1).numpy() == answers) for name, table in scores.items()}


def share(right) -> float:
    return round(float(np.mean(right)), 4)


def say(figure: np.ndarray, motion: bool) -> str:
    words = with_article(f"{COLOURS[figure[0]]} {SHAPES[figure[1]]}")
    return f"{words} {DOING[MOTIONS[figure[2]]][0]}" if motion else words


def binding(model: XCLIPModel, encode_texts: TextEncoder, clips: Clips, part: int) -> dict[str, float]:
    """How often the true text beats the one with an attribute exchanged between the two figures."""
    encoded = Encoded(model, clips.frames)
    different = [row for row, (one, two) in enumerate(clips.figures) if (one != two).all()]
    pairs = []
    for one, two in clips.figures[different]:
        other_one, other_two = one.copy(), two.copy()
        other_one[part], other_two[part] = two[part], one[part]
        pairs += [f"{say(first, part == 2)} and {say(second, part == 2)}" for first, second in ((one, two), (other_one, other_two))]
    texts, result = encode_texts(model, pairs), {}
    for name, score in (("full", encoded.full), ("cosine", encoded.plain)):
        table = score(texts)
        result[name] = share([float(table[row, 2 * i]) > float(table[row, 2 * i + 1]) for i, row in enumerate(different)])
    return {**result, "clips": len(different)}


@torch.inference_mode()
def evaluate(model: XCLIPModel, encode_texts: TextEncoder, clips: int) -> dict:
    """All measurements, each on this many clips."""
    texts = {name: encode_texts(model, labels) for name, labels in LABELS.items()}
    results: dict[str, dict] = {}
    for name, seed, kind, pairs, borders in SETS:
        drawn = draw_clips(clips, seed, pairs, kind, borders)
        if kind == 2:
            results[name] = {
                f"{word} exchanged": binding(model, encode_texts, drawn, part) for part, word in enumerate(("colour", "shape", "motion"))
            }
            continue
        figures, encoded = drawn.figures[:, 0], Encoded(model, drawn.frames)
        results[name] = {attribute: accuracy(encoded, texts[attribute], right_answers(attribute, figures)) for attribute in LABELS}
        if name == "unseen":
            directed = np.array(REVERSED)[figures[:, 2]] != figures[:, 2]
            backwards = Encoded(model, drawn.frames[directed][:, ::-1])
            results["reversed"] = {"motion": accuracy(backwards, texts["motion"], np.array(REVERSED)[figures[directed, 2]])}
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clips", type=int, default=1000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(
        json.dumps(evaluate(load(arguments.model), TextEncoder(CLIPTokenizer.from_pretrained(arguments.model)), arguments.clips), indent=2)
    )
