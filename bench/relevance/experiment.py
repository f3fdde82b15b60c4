"""Weigh ways to tell what is relevant, with one threshold for all texts: python experiment.py FILE.npz

Each way gives a number for a text and a clip of a library. Its threshold is chosen on half of the texts and clips, so that it keeps
a given share of the true pairs, and judged on the other half, in libraries of 100, 400 and 1,600 clips.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

#: Of the true pairs, on the half where the threshold is chosen.
KEPT = 0.96
#: Neighbours that CSLS averages over (arXiv 1710.04087).
NEIGHBOURS = 10
LIBRARIES = [100, 400, 1600]
SEEDS = 4


def log_sum_exp(table: np.ndarray, axis: int) -> np.ndarray:
    largest = table.max(axis, keepdims=True)
    return largest + np.log(np.exp(table - largest).sum(axis, keepdims=True))


class Library:
    """Some clips and some texts: logits and cosines [clips, texts], what is true of what, and what the ways measure against."""

    def __init__(self, data: dict, clips: np.ndarray, texts: np.ndarray):
        self.cosine = data["library_cosine"][np.ix_(clips, texts)].astype(float)
        self.logit = data["library_logit"][np.ix_(clips, texts)].astype(float)
        self.true = data["true"][np.ix_(clips, texts)]
        self.kinds = data["kinds"][texts]
        #: Of each clip with the background texts; of each text with the bank's clips, and of those with the background texts.
        self.background = data["library_background"][clips].astype(float)
        self.bank = data["bank_logit"][:, texts].astype(float)
        self.bank_cosine = data["bank_cosine"][:, texts].astype(float)
        self.bank_background = data["bank_background"].astype(float)


def nearest(table: np.ndarray, axis: int) -> np.ndarray:
    """The mean of the largest numbers."""
    count = min(NEIGHBOURS, table.shape[axis])
    return np.sort(table, axis).take(range(table.shape[axis] - count, table.shape[axis]), axis).mean(axis, keepdims=True)


def above_background(library: Library) -> np.ndarray:
    return library.logit - log_sum_exp(library.background, 1)


def bank_background(library: Library) -> np.ndarray:
    """The bank's clips, each less its own background: [clips of the bank, texts]."""
    return library.bank - log_sum_exp(library.bank_background, 1)


def z_of_text(library: Library) -> np.ndarray:
    return (library.logit - library.bank.mean(0)) / library.bank.std(0)


def both(library: Library) -> np.ndarray:
    """The logit above the clip's background, less what the text has on average above that of the bank's clips."""
    return above_background(library) - bank_background(library).mean(0)


def both_nearest(weight: float) -> Callable[[Library], np.ndarray]:
    return lambda library: above_background(library) - weight * nearest(bank_background(library), 0)


def own_library(library: Library) -> np.ndarray:
    """As `both`, with the library for a bank: no model needs clips of its own."""
    above = above_background(library)
    return above - above.mean(0)


WAYS: dict[str, Callable[[Library], np.ndarray]] = {
    "cosine": lambda library: library.cosine,
    "logit": lambda library: library.logit,
    "softmax over the library's clips": lambda library: library.logit - log_sum_exp(library.logit, 0),
    "dual softmax (2109.04290)": lambda library: 2 * library.logit - log_sum_exp(library.logit, 0) - log_sum_exp(library.background, 1),
    "query bank (2112.12777): logit above background texts": above_background,
    "background clips: logit above the bank's": lambda library: library.logit - log_sum_exp(library.bank, 0),
    "CSLS (1710.04087)": lambda library: 2 * library.logit - nearest(library.bank, 0) - nearest(library.background, 1),
    "z-score of the text over the bank": z_of_text,
    "both, mean of the bank": both,
    "both, half of the bank's nearest": both_nearest(0.5),
    "both, a quarter of the bank's nearest": both_nearest(0.25),
    "both, mean of the library itself": own_library,
}


#: The one in use: src/search/relevance.ts.
CHOSEN = "query bank (2112.12777): logit above background texts"


class Half:
    """Clips and texts that the other half does not hold."""

    def __init__(self, data: dict, clips: np.ndarray, texts: np.ndarray):
        self.data, self.clips, self.texts = data, clips, texts

    def library(self, size: int) -> Library:
        return Library(self.data, self.clips[:size], self.texts)

    def lacking(self, size: int, text: int) -> Library:
        """A library without any clip that a text is true of, for that text alone."""
        clips = self.clips[~self.data["true"][self.clips, text]][:size]
        return Library(self.data, clips, np.array([text]))

    def skewed(self, size: int) -> Library:
        """Nine clips in ten show something red."""
        red = (self.data["figures"][self.clips][:, :, 0] == 0).any(1)
        return Library(self.data, np.concatenate([self.clips[red][: size * 9 // 10], self.clips[~red][: size // 10]]), self.texts)


def halves(data: dict, seed: int) -> tuple[Half, Half]:
    rng = np.random.default_rng(seed)
    count, asked = data["true"].shape
    clips, texts = rng.permutation(count), rng.permutation(asked)
    return Half(data, clips[: count // 2], texts[: asked // 2]), Half(data, clips[count // 2 :], texts[asked // 2 :])


def judge(way: Callable[[Library], np.ndarray], halves: tuple[Half, Half], size: int) -> dict[str, float]:
    chosen_on, judged_on = (half.library(size) for half in halves)
    threshold = np.quantile(way(chosen_on)[chosen_on.true], 1 - KEPT)
    found = way(judged_on) >= threshold
    nothing = ~found.any(0)
    world = ~np.isin(judged_on.kinds, ("other subject", "nonsense"))
    absent = [(way(halves[1].lacking(size, text)) >= threshold).sum() for text in halves[1].texts[world]]
    skewed = halves[1].skewed(100)
    red = (skewed.true.mean(0) > 0.5) & (skewed.kinds == "colour")
    kept_red = (way(skewed) >= threshold)[:, red][skewed.true[:, red]]
    return {
        "true kept": found[judged_on.true].mean(),
        "found ones true": judged_on.true[found].mean(),
        "nonsense finds nothing": nothing[judged_on.kinds == "nonsense"].mean(),
        "other subjects find nothing": nothing[judged_on.kinds == "other subject"].mean(),
        "lacking ones find nothing": (np.array(absent) == 0).mean(),
        "clips found then": np.mean(absent),
        "red kept where 90 % is red": kept_red.mean() if kept_red.size else np.nan,
    }


def table(rows: dict[str, dict[str, float]]) -> str:
    keys = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    for name, row in rows.items():
        shown = f"**{name}**" if name == CHOSEN else name
        lines.append(f"| {shown} | " + " | ".join(f"{row[key]:.3f}" for key in keys) + " |")
    return "\n".join(lines)


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.nanmean([row[key] for row in rows])) for key in rows[0]}


def curve(data: dict, size: int) -> dict[str, dict[str, float]]:
    """What each threshold in use would do, by the card's relevance."""
    card = json.loads(Path(__file__).parents[2].joinpath("models/clipql-shapes/clipql.json").read_text())["relevance"]
    rows = {}
    for cut in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        of_seeds = []
        for seed in range(SEEDS):
            library = halves(data, seed)[1].library(size)
            found = 1 / (1 + np.exp(-(card["a"] * above_background(library) + card["b"]))) >= cut
            nothing = ~found.any(0)
            of_seeds.append({
                "true kept": found[library.true].mean(),
                "found ones true": library.true[found].mean(),
                "nonsense finds nothing": nothing[library.kinds == "nonsense"].mean(),
                "other subjects find nothing": nothing[library.kinds == "other subject"].mean(),
            })
        rows[f"{cut}"] = mean(of_seeds)
    return rows


def kinds(data: dict, size: int) -> dict[str, dict[str, float]]:
    """At the threshold in use, for each kind of text."""
    rows = {}
    for kind in ("colour", "shape", "motion", "colour + shape", "whole", "free"):
        of_seeds = []
        for seed in range(SEEDS):
            chosen_on, judged_on = (half.library(size) for half in halves(data, seed))
            threshold = np.quantile(above_background(chosen_on)[chosen_on.true], 1 - KEPT)
            texts = judged_on.kinds == kind
            found, true = (above_background(judged_on) >= threshold)[:, texts], judged_on.true[:, texts]
            of_seeds.append({"true kept": found[true].mean(), "found ones true": true[found].mean()})
        rows[kind] = mean(of_seeds)
    return rows


def main(file: Path) -> None:
    data = dict(np.load(file))
    asked = {str(kind): int((data["kinds"] == kind).sum()) for kind in dict.fromkeys(data["kinds"])}
    print(f"{len(data['true'])} clips; texts: " + ", ".join(f"{count} {kind}" for kind, count in asked.items()))
    for size in LIBRARIES:
        rows = {name: mean([judge(way, halves(data, seed), size) for seed in range(SEEDS)]) for name, way in WAYS.items()}
        print(f"\n### A library of {size} clips\n\n{table(rows)}")
    print(f"\n### Thresholds, 400 clips\n\n{table(curve(data, 400))}")
    print(f"\n### Kinds of texts, 400 clips\n\n{table(kinds(data, 400))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    main(**vars(parser.parse_args()))
