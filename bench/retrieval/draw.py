"""Draw clips and texts of the bundled model's world: python draw.py FOLDER [--clips 10000] [--texts 500]

Writes `frames.bin`, uint8 [clips, 8, 64, 64, 3], and `texts.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "training"))

from bank import draw_clip  # noqa: E402
from captions import describe, unrelated  # noqa: E402
from world import Figure  # noqa: E402


def main(folder: Path, clips: int, texts: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng, words = np.random.default_rng(9100), np.random.default_rng(9200)
    written: list[str] = []
    with open(folder / "frames.bin", "wb") as file:
        for _ in range(clips):
            frames, figures, _, footage = draw_clip(rng)
            file.write(np.ascontiguousarray(frames).tobytes())
            shown = [Figure(*map(int, figure)) for figure in figures if figure[0] >= 0]
            if shown and not footage and len(written) < texts * 9 // 10:
                written.append(describe(words, shown).text)
    written += [unrelated(words).text for _ in range(texts - len(written))]
    (folder / "texts.json").write_text(json.dumps(written))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--texts", type=int, default=500)
    main(**vars(parser.parse_args()))
