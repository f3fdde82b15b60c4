"""Write drawn clips as H.264 files: an evaluation set with its truth, the samples that come with ClipQL, stories of several
scenes, or folders named by what their clips show.

python make_clips.py evaluation FOLDER [--scale 1.0] [--seed 5000]
python make_clips.py samples FOLDER
python make_clips.py stories FOLDER [--count 300] [--seed 7000]
python make_clips.py labelled FOLDER [--count 240] [--seed 9000]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import av
import numpy as np

from bank import FOOTAGE
from captions import DOING, with_article
from world import COLOURS, MOTIONS, REVERSED, SHAPES, Figure, Scene, random_figures, random_scene, render

#: Width and height of the files: wide, narrow, square, odd.
SIZES = [(320, 240), (320, 180), (240, 320), (256, 256), (426, 240), (180, 320), (352, 288)]
FRAME_RATES = [8, 10, 12, 15, 24, 25, 30]
#: Name, number of clips, figures in each or FOOTAGE, which pairs, borders (None: sometimes).
SETS = [
    ("unseen", 330, 1, "all", False),
    ("held-out", 132, 1, "held-out", False),
    ("borders", 132, 1, "all", True),
    ("two", 160, 2, "all", False),
    ("empty", 12, 0, "all", None),
    ("footage", 24, FOOTAGE, "all", None),
]


def write_video(path: Path, frames: np.ndarray, rate: int, crf: int = 26) -> None:
    """Encode RGB frames [N, height, width, 3] as H.264 in the container that the file name asks for."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "veryfast"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt, stream.thread_count = "yuv420p", 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())


def film(scene: Scene, width: int, height: int, rate: int, seconds: float) -> np.ndarray:
    """The whole scene, uint8 [frames, height, width, 3]."""
    count = max(2, round(rate * seconds))
    return render(scene, height, width, (np.arange(count) + 0.5) / count)


# --- evaluation ------------------------------------------------------------------------------------------------------------------


def make_evaluation(folder: Path, scale: float, seed: int) -> None:
    """All sets, and each directed clip of the first also backwards; the truth goes to `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    truth: list[dict] = []

    def add(name: str, figures: list[Figure], frames: np.ndarray, rate: int, crf: int) -> None:
        file = f"{name}-{len(truth):04}.{rng.choice(['mp4', 'mp4', 'mkv', 'mov'])}"
        write_video(folder / file, frames, rate, crf)
        truth.append({"file": file, "set": name, "figures": [_attributes(figure) for figure in figures]})

    for name, count, kind, pairs, borders in SETS:
        for index in range(round(count * scale)):
            figures = random_figures(rng, 0 if kind == FOOTAGE else kind, pairs)
            if kind == 1:
                figures = [_with_motion(rng, figures[0], index % len(MOTIONS), pairs)]
            scene = random_scene(rng, figures, footage=kind == FOOTAGE, borders=borders)
            width, height = SIZES[rng.integers(len(SIZES))]
            rate, crf, seconds = int(rng.choice(FRAME_RATES)), int(rng.choice([20, 24, 28, 32])), rng.uniform(2, 8)
            frames = film(scene, width, height, rate, seconds)
            add(name, figures, frames, rate, crf)
            if name == "unseen" and REVERSED[figures[0].motion] != figures[0].motion:
                backwards = figures[0]._replace(motion=REVERSED[figures[0].motion])
                add("reversed", [backwards], frames[::-1], rate, crf)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


def _attributes(figure: Figure) -> dict[str, str]:
    return {"colour": COLOURS[figure.colour], "shape": SHAPES[figure.shape], "motion": MOTIONS[figure.motion]}


def _with_motion(rng: np.random.Generator, figure: Figure, motion: int, pairs: str) -> Figure:
    """The figure with this motion; another figure where the motion could not be seen."""
    while MOTIONS[motion] == "spinning" and SHAPES[figure.shape] in ("circle", "ring"):
        figure = random_figures(rng, 1, pairs)[0]
    return figure._replace(motion=motion)


# --- samples ---------------------------------------------------------------------------------------------------------------------

#: What each sample shows: a scene of 3 to 6 seconds, or several of 10 seconds; a scene is its figures, in words.
SAMPLES = [
    ["red circle left"],
    ["blue square right"],
    ["green triangle growing"],
    ["yellow star spinning"],
    ["purple ring shrinking"],
    ["orange cross bouncing"],
    ["white circle up"],
    ["black square down"],
    ["red star blinking"],
    ["blue ring circling"],
    ["green cross still"],
    ["yellow triangle left"],
    ["purple square spinning"],
    ["orange circle growing"],
    ["white star right"],
    ["black triangle bouncing"],
    ["red ring up"],
    ["blue circle down"],
    ["red circle left, blue square still"],
    ["green star spinning, yellow ring up"],
    ["purple triangle growing, orange circle right"],
    ["white cross down, black star blinking"],
    [""],
    ["red square growing", "blue star spinning"],
    ["green circle left", "yellow cross bouncing"],
    ["purple star right", "", "orange triangle circling"],
    ["black ring up", "white square shrinking", "red triangle spinning"],
]
SAMPLE_SIZES = [(320, 240), (320, 180), (240, 240), (180, 320), (426, 240)]
SAMPLE_FRAME_RATES = [12, 15, 24, 25, 10]


def make_samples(folder: Path, seed: int) -> None:
    """Short clips with speaking names; those of several scenes show something else every 10 seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, scenes in enumerate(SAMPLES):
        rng = np.random.default_rng([seed, number])
        width, height = SAMPLE_SIZES[number % len(SAMPLE_SIZES)]
        rate = SAMPLE_FRAME_RATES[number % len(SAMPLE_FRAME_RATES)]
        seconds = 10 if len(scenes) > 1 else 3 + number % 4
        shown = [[_figure(words) for words in scene.split(", ") if words] for scene in scenes]
        films = []
        for figures in shown:
            scene = random_scene(rng, figures, borders=False)
            scene.noise = 0.0  # it costs bytes
            films.append(film(scene, width, height, rate, seconds))
        title = ", then ".join(" and ".join(_say(figure) for figure in figures) or "nothing" for figures in shown)
        write_video(folder / f"{title}.mp4", np.concatenate(films), rate)


# --- stories ---------------------------------------------------------------------------------------------------------------------


def make_stories(folder: Path, count: int, seed: int) -> None:
    """Videos of one to four scenes of 10 seconds with one or two figures each; the truth goes to `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    truth = []
    for number in range(count):
        width, height = SIZES[rng.integers(len(SIZES))]
        rate = int(rng.choice(FRAME_RATES))
        scenes = [random_figures(rng, int(rng.integers(1, 3)), "all") for _ in range(rng.integers(1, 5))]
        films = [film(random_scene(rng, figures, borders=False), width, height, rate, 10) for figures in scenes]
        file = f"story-{number:04}.mp4"
        write_video(folder / file, np.concatenate(films), rate)
        truth.append({"file": file, "scenes": [[_attributes(figure) for figure in figures] for figures in scenes]})
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


# --- labelled folders ------------------------------------------------------------------------------------------------------------


def make_labelled(folder: Path, count: int, seed: int) -> None:
    """Clips of one figure in folders named by its colour and shape, as `clipql evaluate` reads them."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        [figure] = random_figures(rng, 1, "all")
        scene = random_scene(rng, [figure], footage=False, borders=False)
        width, height = SIZES[rng.integers(len(SIZES))]
        rate = int(rng.choice(FRAME_RATES))
        label = folder / f"{COLOURS[figure.colour]}_{SHAPES[figure.shape]}"
        label.mkdir(parents=True, exist_ok=True)
        write_video(label / f"{number:03}.mp4", film(scene, width, height, rate, rng.uniform(2, 5)), rate)


def _figure(words: str) -> Figure:
    colour, shape, motion = words.split()
    return Figure(COLOURS.index(colour), SHAPES.index(shape), MOTIONS.index(motion))


def _say(figure: Figure) -> str:
    words = with_article(f"{COLOURS[figure.colour]} {SHAPES[figure.shape]}")
    return f"{words} {DOING[MOTIONS[figure.motion]][0]}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    makers = (
        ("evaluation", make_evaluation, 5000),
        ("samples", make_samples, 2),
        ("stories", make_stories, 7000),
        ("labelled", make_labelled, 9000),
    )
    for command, make, first_seed in makers:
        command_parser = commands.add_parser(command, help=make.__doc__)
        command_parser.set_defaults(make=make)
        command_parser.add_argument("folder", type=Path)
        command_parser.add_argument("--seed", type=int, default=first_seed)
        if make is make_evaluation:
            command_parser.add_argument("--scale", type=float, default=1.0, help="1 makes about 970 files")
        if make is make_stories:
            command_parser.add_argument("--count", type=int, default=300)
        if make is make_labelled:
            command_parser.add_argument("--count", type=int, default=240)
    arguments = vars(parser.parse_args())
    arguments.pop("make")(**arguments)
