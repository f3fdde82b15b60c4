"""Draw clips of one figure and encode them with a checkpoint: python draw.py MODEL FILE.npz [--clips 2400]

Writes `embedding` [clips, D] (normalised), `figures` [clips, 3], the `logit` [clips, texts] of the true names of colours, shapes and
motions and of invented names, the `background` [clips] and the card's `relevance` (a, b).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import CLIPTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "training"))

from bank import draw_clips  # noqa: E402
from captions import DOING, with_article  # noqa: E402
from evaluate import Encoded  # noqa: E402
from model import TextEncoder, load  # noqa: E402
from world import COLOURS, MOTIONS, SHAPES  # noqa: E402

NAMES = [f"something {name}" for name in COLOURS] + [with_article(name) for name in SHAPES]
NAMES += [f"something {DOING[name][0]}" for name in MOTIONS]
INVENTED = "blicket,dax,wug,fep,toma,zav,koba,gazzer,modi,pilk,vash,lorp".split(",")


@torch.inference_mode()
def main(folder: Path, file: Path, clips: int) -> None:
    torch.set_num_threads(1)
    model, encode = load(folder), TextEncoder(CLIPTokenizer.from_pretrained(folder))
    drawn = draw_clips(clips, 5100, kind=1)
    encoded = Encoded(model, drawn.frames)
    card = json.loads((folder / "clipql.json").read_text())
    texts = NAMES + [with_article(name) for name in INVENTED]
    scale = float(model.logit_scale.exp())
    embedding = torch.nn.functional.normalize(encoded.videos, dim=-1).numpy()
    logit = (scale * encoded.full(encode(model, texts))).numpy()
    background = np.logaddexp.reduce((scale * encoded.full(encode(model, card["background"]))).numpy(), axis=1)
    relevance = [card["relevance"][name] for name in "ab"]
    np.savez_compressed(
        file, embedding=embedding, figures=drawn.figures[:, 0], logit=logit, background=background, relevance=relevance, scale=scale
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--clips", type=int, default=2400)
    main(**vars(parser.parse_args()))
