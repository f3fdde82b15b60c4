"""A bank of drawn clips in files: drawn once, picked from many times."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from world import HELD_OUT, frame_times, random_figures, random_scene, render

SIZE, FRAMES = 64, 8
#: What a clip can show: this many figures, or footage.
FOOTAGE = 3
#: Shares of clips with no figure, one, two, and of footage.
SHARES = [0.04, 0.42, 0.42, 0.12]
#: From this radius on a single figure is easy to see.
EASY_RADIUS = 0.27


@dataclass
class Clips:
    """Clips with the truth about them."""

    frames: np.ndarray  # uint8 [N, T, S, S, 3]
    figures: np.ndarray  # int [N, 2, 3]: colour, shape, motion; -1 where there is no figure
    states: np.ndarray  # float32 [N, 2, T, 4]: x, y, radius in units of half the frame; 1 or 0 for visible or not
    footage: np.ndarray  # bool [N]

    def __len__(self) -> int:
        return len(self.footage)

    def __getitem__(self, rows: np.ndarray) -> Clips:
        return Clips(self.frames[rows], self.figures[rows], self.states[rows], self.footage[rows])


def draw_clip(rng: np.random.Generator, pairs: str = "all", kind: int | None = None, borders: bool | None = None) -> tuple:
    """One clip as the four fields of Clips. `kind` is the number of figures or FOOTAGE; without one the shares decide."""
    kind = int(rng.choice(4, p=SHARES)) if kind is None else kind
    figures = random_figures(rng, 0 if kind == FOOTAGE else kind, pairs)
    scene = random_scene(rng, figures, footage=kind == FOOTAGE, borders=borders)
    times = frame_times(rng, FRAMES)
    table = np.full((2, 3), -1)
    states = np.zeros((2, FRAMES, 4), np.float32)
    for number, figure in enumerate(figures):
        table[number] = figure
        path = scene.paths[number].at(times)
        states[number, :, :3] = path[:, :3] * min(scene.stage)
        states[number, :, 3] = path[:, 4]
    return render(scene, SIZE, SIZE, times), table, states, kind == FOOTAGE


def draw_clips(count: int, seed: int, pairs: str = "all", kind: int | None = None, borders: bool | None = None) -> Clips:
    """`count` clips in memory."""
    rng = np.random.default_rng(seed)
    fields = zip(*(draw_clip(rng, pairs, kind, borders) for _ in range(count)))
    return Clips(*(np.stack(field) for field in fields))


def make_bank(folder: Path, count: int, seed: int) -> None:
    """Draw `count` clips into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    frames = np.lib.format.open_memmap(folder / "frames.npy", "w+", np.uint8, (count, FRAMES, SIZE, SIZE, 3))
    figures = np.empty((count, 2, 3), np.int8)
    states = np.empty((count, 2, FRAMES, 4), np.float32)
    footage = np.empty(count, bool)
    for index in range(count):
        frames[index], figures[index], states[index], footage[index] = draw_clip(rng)
    np.savez(folder / "truth.npz", figures=figures, states=states, footage=footage)


def open_bank(folder: Path, pairs: str = "all") -> tuple[Clips, np.ndarray]:
    """The clips of a bank, frames left on disk, and the rows that may be used: with `pairs` "trained" none with a held-out pair."""
    truth = np.load(folder / "truth.npz")
    clips = Clips(np.load(folder / "frames.npy", mmap_mode="r"), truth["figures"].astype(int), truth["states"], truth["footage"])
    usable = np.ones(len(clips), bool)
    if pairs == "trained":
        held_out = [any(tuple(figure[:2]) in HELD_OUT for figure in figures) for figures in clips.figures.tolist()]
        usable = ~np.array(held_out)
    return clips, np.flatnonzero(usable)


def easy(clips: Clips, rows: np.ndarray) -> np.ndarray:
    """Those of the rows that show one large figure."""
    single = (clips.figures[rows, :, 0] >= 0).sum(1) == 1
    return rows[single & (clips.states[rows, 0, :, 2].max(1) >= EASY_RADIUS)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, required=True)
    make_bank(**vars(parser.parse_args()))
