"""Measure a checkpoint on clips of seeds that no training uses; prints JSON.

    python evaluate.py MODEL                  # clips drawn straight to the model's size
    python evaluate.py MODEL --files FOLDER   # H.264 files that make_clips.py wrote

Every number is a share of right answers, for the full logits and for the plain cosine. `evaluate_product.py` measures files through
the whole product.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers import CLIPTokenizer, XCLIPModel

from bank import FRAMES, SIZE, Clips, draw_clips
from captions import COLOUR_WORDS, DOING, SHAPE_WORDS, with_article
from model import TextEncoder, cosines, encode_frames, load, pixels, prompted_cosines
from world import COLOURS, MOTIONS, REVERSED, SHAPES

#: Name, seed, figures per clip, which pairs, borders.
SETS = [
    ("unseen", 11, 1, "all", False),
    ("borders", 12, 1, "all", True),
    ("held-out", 13, 1, "held-out", False),
    ("two", 14, 2, "all", False),
]
#: Texts for each attribute; the first is right for index 0 of the truth, and so on.
LABELS = {
    "colour": [with_article(f"{colour} object") for colour in COLOURS],
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
def evaluate(model: XCLIPModel, encode_texts: TextEncoder, clips: int = 0, files: Path | None = None) -> dict:
    """All measurements: each on this many fresh clips, or on the files of a folder."""
    texts = {name: encode_texts(model, labels) for name, labels in LABELS.items()}
    results: dict[str, dict] = {}
    for name, drawn in read_files(files) if files else draw_sets(clips):
        if name == "two":
            exchanges = {word: binding(model, encode_texts, drawn, part) for part, word in enumerate(("colour", "shape", "motion"))}
            results[name] = {f"{word} exchanged": result for word, result in exchanges.items()}
            continue
        figures, encoded = drawn.figures[:, 0], Encoded(model, drawn.frames)
        attributes = ["motion"] if name == "reversed" else LABELS
        results[name] = {attribute: accuracy(encoded, texts[attribute], right_answers(attribute, figures)) for attribute in attributes}
        results[name]["clips"] = len(figures)
    return results


def draw_sets(count: int) -> Iterator[tuple[str, Clips]]:
    """Fresh clips, and those of the first set that look different backwards, reversed."""
    for name, seed, kind, pairs, borders in SETS:
        drawn = draw_clips(count, seed, pairs, kind, borders)
        yield name, drawn
        if name == "unseen":
            backwards = np.array(REVERSED)[drawn.figures[..., 2]]
            directed = backwards[:, 0] != drawn.figures[:, 0, 2]
            turned = drawn[directed]
            turned.frames, turned.figures[..., 2] = turned.frames[:, ::-1], backwards[directed]
            yield "reversed", turned


def read_files(folder: Path) -> Iterator[tuple[str, Clips]]:
    """The files of `truth.json` by set, sampled and cropped as ClipQL does it."""
    listed = json.loads((folder / "truth.json").read_text())
    for name in dict.fromkeys(one["set"] for one in listed if one["figures"]):
        chosen = [one for one in listed if one["set"] == name]
        frames = np.stack([read_video(folder / one["file"]) for one in chosen])
        figures = np.array([[_indices(figure) for figure in one["figures"]] for one in chosen])
        yield name, Clips(frames, figures, np.empty((len(chosen), 0)), np.zeros(len(chosen), bool))


def _indices(figure: dict[str, str]) -> tuple[int, int, int]:
    return COLOURS.index(figure["colour"]), SHAPES.index(figure["shape"]), MOTIONS.index(figure["motion"])


def read_video(path: Path) -> np.ndarray:
    """A file as one clip: the frames in the middle of equal parts, shortest edge resized, centre cropped."""
    with av.open(str(path)) as container:
        shown = [(float(frame.time), frame.to_image()) for frame in container.decode(video=0)]
    times = np.array([time for time, _ in shown]) - shown[0][0]
    wanted = (np.arange(FRAMES) + 0.5) / FRAMES * (times[-1] + np.median(np.diff(times)))
    picked = np.minimum(np.searchsorted(times, wanted), len(shown) - 1)
    return np.stack([_square(shown[index][1]) for index in picked])


def _square(image: Image.Image) -> np.ndarray:
    shorter = min(image.size)
    image = image.resize((SIZE * image.width // shorter, SIZE * image.height // shorter), Image.BILINEAR)
    left, top = (image.width - SIZE) // 2, (image.height - SIZE) // 2
    return np.asarray(image.crop((left, top, left + SIZE, top + SIZE)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clips", type=int, default=1000, help="how many to draw for each set")
    parser.add_argument("--files", type=Path, help="measure these files instead")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    encoder = TextEncoder(CLIPTokenizer.from_pretrained(arguments.model))
    print(json.dumps(evaluate(load(arguments.model), encoder, arguments.clips, arguments.files), indent=2))
