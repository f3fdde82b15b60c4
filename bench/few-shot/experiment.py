"""How many examples help how much: python experiment.py FILE.npz

Accuracy of labels over clips of unseen seeds, by the blend of src/search/classify/few-shot.ts, against the text alone.
"""

from __future__ import annotations

import sys

import numpy as np

SHOTS, SEEDS, JUDGED, ANY = [0, 1, 2, 4, 8, 16], 10, 600, 200
COLOURS, SHAPES, MOTIONS, INVENTED = range(8), range(8, 14), range(14, 25), range(25, 37)
#: Motions (world.py) by what they have in common: staying (still, blinking), sideways, up and down (also bouncing), in size, round.
KINDS = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 2, 0])
CASES = {
    "colours, invented names": (0, None, list(INVENTED)[:8]),
    "shapes, invented names": (1, None, list(INVENTED)[:6]),
    "motions, invented names": (2, None, list(INVENTED)[:11]),
    "kinds of motion, invented names": (2, KINDS, list(INVENTED)[:5]),
    "shapes, every other name invented": (1, None, [25, 9, 26, 11, 27, 13]),
    "the same, examples of these only": (1, None, [25, 9, 26, 11, 27, 13]),
    "colours, true names": (0, None, list(COLOURS)),
    "shapes, true names": (1, None, list(SHAPES)),
    "motions, true names": (2, None, list(MOTIONS)),
}


def accuracy(data: dict, name: str, shots: int, seed: int) -> float:
    attribute, kinds, texts = CASES[name]
    truth = data["figures"][:, attribute]
    truth = truth if kinds is None else kinds[truth]
    order = np.random.default_rng(seed).permutation(len(truth))
    judged, some, pool = order[:JUDGED], order[JUDGED : JUDGED + ANY], order[JUDGED + ANY :]
    near = np.exp(data["embedding"][judged] @ data["embedding"].T - 1)
    a, b = data["relevance"]
    relevance = 1 / (1 + np.exp(-(a * (data["logit"] - data["background"][:, None]) + b)))
    undecided = data["background"][judged] - b / a
    scores = data["logit"][np.ix_(judged, texts)].copy()
    for label, text in enumerate(texts):
        if shots == 0 or ("only" in name and text not in INVENTED):
            continue
        examples = pool[truth[pool] == label][:shots]
        weight = relevance[examples, text].mean()
        cache = near[:, examples].mean(1) - near[:, some].mean(1)
        scores[:, label] = weight * scores[:, label] + (1 - weight) * undecided + data["scale"] * cache
    return (scores.argmax(1) == truth[judged]).mean()


def main(file: str) -> None:
    data = {name: table.astype(float) if table.dtype == np.float32 else table for name, table in np.load(file).items()}
    print("| | " + " | ".join("text alone" if shots == 0 else str(shots) for shots in SHOTS) + " |")
    print("|---" * (len(SHOTS) + 1) + "|")
    for name in CASES:
        runs = [[accuracy(data, name, shots, seed) for seed in range(SEEDS)] for shots in SHOTS]
        print(f"| {name} | " + " | ".join(f"{np.mean(run):.3f} ± {np.std(run):.3f}" for run in runs) + " |")


if __name__ == "__main__":
    main(sys.argv[1])
