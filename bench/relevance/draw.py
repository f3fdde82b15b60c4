"""Draw clips and texts of known truth, and score them with a checkpoint: what experiment.py weighs.

    python draw.py MODEL FILE.npz [--clips 3200]

Writes, for clips and texts: `cosine` and `logit` [clips, texts], `true` [clips, texts], the kind of each text, and the logits of the
card's background texts. The clips of the bank are of other seeds.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "training"))

from bank import draw_clips  # noqa: E402
from captions import ANY, DOING, NEVER, Caption, Meaning, describe, truth, unrelated, with_article  # noqa: E402
from evaluate import Encoded  # noqa: E402
from evaluate_product import NONSENSE  # noqa: E402
from model import TextEncoder, load  # noqa: E402
from world import COLOURS, MOTIONS, SHAPES, Figure  # noqa: E402

#: Subjects of everyday videos, none of them in the drawn world.
SUBJECTS = "a football match,people dancing at a party,a cat on a sofa,cooking dinner,a lecture about history,a dog on a beach,\
city traffic at night,a birthday cake,playing the piano,a news anchor in a studio,a mountain lake,a surgeon at work,children painting,\
a boat in a storm,repairing a car,a wedding,a concert crowd,a soldier saluting,feeding ducks,an interview in the street".split(",")


def texts(rng: np.random.Generator, figures: np.ndarray) -> list[tuple[str, Caption]]:
    """Texts with their kinds: of the world, of other subjects, and without sense."""
    found = [("colour", _plain(f"something {name}", colour=i)) for i, name in enumerate(COLOURS)]
    found += [("shape", _plain(with_article(name), shape=i)) for i, name in enumerate(SHAPES)]
    found += [("motion", _plain(f"something {DOING[name][0]}", motion=i)) for i, name in enumerate(MOTIONS)]
    found += [
        ("colour + shape", _plain(with_article(f"{colour} {shape}"), i, j))
        for i, colour in enumerate(COLOURS)
        for j, shape in enumerate(SHAPES)
    ]
    shown = [[Figure(*map(int, figure)) for figure in clip if figure[0] >= 0] for clip in figures]
    for clip in [clip for clip in shown if clip][:120]:
        i, j, k = clip[0]
        found.append(("whole", _plain(f"{with_article(f'{COLOURS[i]} {SHAPES[j]}')} {DOING[MOTIONS[k]][0]}", i, j, k)))
        found.append(("free", describe(rng, clip)))
    found += [("other subject", Caption(text, NEVER)) for text in [*SUBJECTS, *(text for text in NONSENSE if " " in text)]]
    found += [("other subject", _sentence(rng)) for _ in range(100)]
    found += [("nonsense", Caption("".join(rng.choice(list(string.ascii_lowercase + " "), rng.integers(3, 15))), NEVER)) for _ in range(60)]
    found += [("nonsense", Caption(text, NEVER)) for text in [text for text in NONSENSE if " " not in text]]
    found += [("nonsense", Caption("".join(rng.choice(list("!?.,;:-_#*@%&"), rng.integers(1, 6))), NEVER)) for _ in range(20)]
    return found


def _plain(text: str, colour: int | None = None, shape: int | None = None, motion: int | None = None) -> Caption:
    required = [every if index is None else 1 << index for index, every in zip((colour, shape, motion), ANY)]
    return Caption(text, Meaning("figures", (tuple(required),)))


def _sentence(rng: np.random.Generator) -> Caption:
    while " " not in (caption := unrelated(rng)).text.strip():
        pass
    return caption


@torch.inference_mode()
def main(folder: Path, file: Path, clips: int) -> None:
    torch.set_num_threads(1)
    model, encode = load(folder), TextEncoder(CLIPTokenizer.from_pretrained(folder))
    drawn = draw_clips(clips, 4100)
    asked = texts(np.random.default_rng(4200), drawn.figures)
    background = json.loads((folder / "clipql.json").read_text())["background"]
    words = encode(model, [caption.text for _, caption in asked] + background)
    scale = float(model.logit_scale.exp())
    tables = {}
    for name, some in (("library", drawn), ("bank", draw_clips(256, 4300))):
        encoded = Encoded(model, some.frames)
        full = (scale * encoded.full(words)).numpy()
        tables[f"{name}_logit"], tables[f"{name}_background"] = full[:, : len(asked)], full[:, len(asked) :]
        tables[f"{name}_cosine"] = encoded.plain(words).numpy()[:, : len(asked)]
    true = truth([caption.meaning for _, caption in asked], drawn.figures, drawn.footage)
    kinds, written = np.array([kind for kind, _ in asked]), np.array([caption.text for _, caption in asked])
    np.savez_compressed(file, **tables, true=true, kinds=kinds, texts=written, figures=drawn.figures, scale=scale)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--clips", type=int, default=3200)
    main(**vars(parser.parse_args()))
