"""A small byte-level CLIP tokenizer: every text can be encoded, and the words of the drawn world are short.

    python tokenizer.py FOLDER

The tokenizer in `../clipql-shapes` was made in this way from an earlier set of captions; a training uses it as it is.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

import numpy as np
from transformers import CLIPTokenizer

import captions
from world import random_figures

MERGES = 450


def _byte_letters() -> list[str]:
    """The printable letter that CLIP's vocabulary uses for each of the 256 bytes."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _word_counts(seed: int) -> Counter:
    """How often words occur in random captions; everyday words count a little too."""
    rng = np.random.default_rng(seed)
    counts: Counter = Counter(dict.fromkeys(captions.EVERYDAY, 2))
    for index in range(6000):
        figures = random_figures(rng, int(rng.integers(3)))
        counts.update(re.findall(r"[a-z]+", captions.describe(rng, figures, whole=index % 4 == 0).text.lower()))
    return Counter({word: min(count, 200) for word, count in counts.items()})


def _learn_merges(counts: Counter, letters: list[str]) -> list[tuple[str, str]]:
    """Byte-pair encoding: again and again join the most frequent neighbours; the first in the alphabet among equals."""
    spelled = {word: [*(letters[byte] for byte in word[:-1].encode()), letters[ord(word[-1])] + "</w>"] for word in counts}
    merges: list[tuple[str, str]] = []
    for _ in range(MERGES):
        neighbours: Counter = Counter()
        for word, symbols in spelled.items():
            for pair in zip(symbols, symbols[1:]):
                neighbours[pair] += counts[word]
        merges.append(min(neighbours, key=lambda pair: (-neighbours[pair], pair)))
        spelled = {word: _join(symbols, merges[-1]) for word, symbols in spelled.items()}
    return merges


def _join(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for symbol in symbols:
        if joined and (joined[-1], symbol) == pair:
            joined[-1] += symbol
        else:
            joined.append(symbol)
    return joined


def make_tokenizer(seed: int = 7) -> CLIPTokenizer:
    """The tokenizer; the end-of-text token has the largest id, as X-CLIP's pooling needs."""
    letters = _byte_letters()
    merges = _learn_merges(_word_counts(seed), letters)
    tokens = [*sorted(letters), *(letter + "</w>" for letter in sorted(letters))]
    tokens += dict.fromkeys(first + second for first, second in merges)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={token: index for index, token in enumerate(tokens)}, merges=merges, model_max_length=77)


if __name__ == "__main__":
    make_tokenizer().save_pretrained(sys.argv[1])
