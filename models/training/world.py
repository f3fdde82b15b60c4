"""The drawn world: which clips exist and how they look.

A clip shows none, one or two *figures*. A figure has a colour, a shape and a motion, and moves for the whole length of its clip.
Clips that show nothing of this world are *footage*: photos, landscapes and clutter under a moving camera.

Positions and sizes are in units of the *stage*: its shorter side spans -1 to 1, its centre is (0, 0), y points down. Time runs from
0 to 1 over the clip. Everything random comes from a `numpy.random.Generator`, so that a seed gives the same clip everywhere.
"""

from __future__ import annotations

import colorsys
import functools
import math
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "white", "black"]
SHAPES = ["circle", "square", "triangle", "star", "cross", "ring"]
MOTIONS = ["still", "left", "right", "up", "down", "growing", "shrinking", "spinning", "circling", "bouncing", "blinking"]

#: The motion that a clip shows when it is played backwards, and when it is mirrored left to right.
REVERSED = [0, 2, 1, 4, 3, 6, 5, 7, 8, 9, 10]
MIRRORED = [0, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10]

#: The (colour, shape) pairs that the held-out run never sees.
HELD_OUT = {(colour, (5 * colour + 2) % len(SHAPES)) for colour in range(len(COLOURS))}

#: Hue, saturation and value ranges of the colours that have a hue (hue in degrees).
_HSV = [
    ((-8, 8), (0.78, 1.0), (0.65, 1.0)),
    ((22, 34), (0.82, 1.0), (0.85, 1.0)),
    ((50, 60), (0.75, 1.0), (0.85, 1.0)),
    ((98, 145), (0.6, 1.0), (0.45, 0.9)),
    ((210, 238), (0.7, 1.0), (0.55, 1.0)),
    ((270, 295), (0.55, 0.95), (0.5, 0.9)),
]


class Figure(NamedTuple):
    """What can be said about one drawn thing, as indices into COLOURS, SHAPES and MOTIONS."""

    colour: int
    shape: int
    motion: int


@dataclass
class Path:
    """Where a figure is at each moment, and how large."""

    start: tuple[float, float, float]  # x, y, radius
    end: tuple[float, float, float]
    angle: float = 0.0
    turn: float = 0.0  # radians over the clip
    pace: float = 1.0  # 1 is even; above it starts slowly
    orbit: float = 0.0  # radius of a circular path
    orbit_turn: float = 0.0
    orbit_phase: float = 0.0
    hop: float = 0.0  # height of a bounce
    hops: float = 0.0
    hop_phase: float = 0.0
    blinks: float = 0.0
    blink_phase: float = 0.0

    def at(self, times: np.ndarray) -> np.ndarray:
        """[T, 5]: x, y, radius, angle and 1 or 0 for visible or not."""
        eased = times**self.pace
        x = self.start[0] + (self.end[0] - self.start[0]) * eased
        y = self.start[1] + (self.end[1] - self.start[1]) * eased
        radius = self.start[2] * (self.end[2] / self.start[2]) ** eased
        orbit_angle = self.orbit_phase + self.orbit_turn * times
        x = x + self.orbit * np.cos(orbit_angle)
        y = y + self.orbit * np.sin(orbit_angle) - self.hop * np.abs(np.sin(math.pi * (self.hop_phase + self.hops * times)))
        visible = np.ones_like(times) if not self.blinks else ((self.blink_phase + self.blinks * times) % 1 < 0.5).astype(float)
        return np.stack([x, y, radius, self.angle + self.turn * times, visible], axis=1)


@dataclass
class Backdrop:
    """An image behind the figures, and the part of it in view at the start and at the end (x, y, size; 0 to 1)."""

    image: Image.Image
    view_start: tuple[float, float, float] = (0.5, 0.5, 1.0)
    view_end: tuple[float, float, float] = (0.5, 0.5, 1.0)
    shake: float = 0.0

    @property
    def moves(self) -> bool:
        return self.view_start != self.view_end or self.shake > 0

    def at(self, time: float, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
        """The backdrop at one moment, [height, width, 3] in 0 to 1."""
        x, y, size = (a + (b - a) * time for a, b in zip(self.view_start, self.view_end))
        x, y = x + self.shake * rng.normal(), y + self.shake * rng.normal()
        across, down = self.image.size
        scale = size * min(across / width, down / height)
        view_width, view_height = scale * width, scale * height
        left = max(min(x * across - view_width / 2, across - view_width), 0)
        top = max(min(y * down - view_height / 2, down - view_height), 0)
        view = self.image.resize(
            (width, height), Image.BILINEAR, box=(left, top, min(left + view_width, across), min(top + view_height, down)), reducing_gap=2
        )
        return np.asarray(view, np.float32) / 255


@dataclass
class Scene:
    """One clip, ready to be drawn at any size and frame rate."""

    figures: list[Figure]
    paths: list[Path]
    paints: list[np.ndarray]
    backdrops: list[Backdrop]  # more than one: a cut between them
    footage: bool = False
    clutter: list[tuple] = field(default_factory=list)
    stage: tuple[float, float] = (1.0, 1.0)  # share of the frame's width and height between the borders
    border: np.ndarray = field(default_factory=lambda: np.zeros(3, np.float32))
    gain: float = 1.0
    noise: float = 0.0
    soften: int = 1  # drawn this many times smaller, then enlarged
    seed: int = 0


def paint(rng: np.random.Generator, colour: int) -> np.ndarray:
    """A shade of a colour, RGB in 0 to 1."""
    if COLOURS[colour] == "white":
        return rng.uniform(0.92, 1.0) - rng.uniform(0, 0.03, 3)
    if COLOURS[colour] == "black":
        return rng.uniform(0, 0.07, 3)
    hue, saturation, value = (rng.uniform(*bounds) for bounds in _HSV[colour])
    return np.array(colorsys.hsv_to_rgb(hue / 360 % 1, saturation, value))


def random_figures(rng: np.random.Generator, count: int, pairs: str = "all") -> list[Figure]:
    """`count` different figures; `pairs` is "all", "trained" (without the held-out pairs) or "held-out" (nothing else)."""
    figures: list[Figure] = []
    while len(figures) < count:
        figure = Figure(int(rng.integers(len(COLOURS))), int(rng.integers(len(SHAPES))), int(rng.integers(len(MOTIONS))))
        if pairs != "all" and (figure[:2] in HELD_OUT) != (pairs == "held-out"):
            continue
        if MOTIONS[figure.motion] == "spinning" and SHAPES[figure.shape] in ("circle", "ring"):
            continue  # nobody could see it
        if any(figure[:2] == other[:2] for other in figures):
            continue
        figures.append(figure)
    return figures


def random_path(rng: np.random.Generator, motion: int, crowded: bool) -> Path:
    """A path that shows the motion; smaller when the figure has to share the stage."""
    radius = rng.uniform(0.16, 0.31) if crowded else rng.uniform(0.18, 0.42)
    x, y = rng.uniform(-0.55, 0.55, 2)
    path = Path((x, y, radius), (x, y, radius), angle=rng.uniform(-0.25, 0.25), pace=rng.uniform(0.85, 1.2))
    name = MOTIONS[motion]
    if name in ("left", "right", "up", "down"):
        travel = rng.uniform(0.55, 1.5)
        low = rng.uniform(max(-0.9, -0.6 - travel / 2), max(min(0.9 - travel, 0.6 - travel / 2), -0.75))
        first, last = (low, low + travel) if name in ("right", "down") else (low + travel, low)
        drift = rng.uniform(-0.1, 0.1)
        if name in ("left", "right"):
            path.start, path.end = (first, y, radius), (last, y + drift, radius)
        else:
            path.start, path.end = (x, first, radius), (x + drift, last, radius)
    elif name in ("growing", "shrinking"):
        small = rng.uniform(0.1, 0.2)
        large = small * rng.uniform(2, 3.2)
        first, last = (small, large) if name == "growing" else (large, small)
        path.start, path.end = (0.7 * x, 0.7 * y, first), (0.7 * x, 0.7 * y, last)
    elif name == "spinning":
        path.turn = rng.choice([-1, 1]) * rng.uniform(0.3, 1.2) * 2 * math.pi
    elif name == "circling":
        path.orbit, path.orbit_phase = rng.uniform(0.25, 0.5), rng.uniform(0, 2 * math.pi)
        path.orbit_turn = rng.choice([-1, 1]) * rng.uniform(0.8, 1.6) * 2 * math.pi
        path.start = path.end = (0.6 * x, 0.6 * y, radius)
    elif name == "bouncing":
        path.hop, path.hops, path.hop_phase = rng.uniform(0.5, 0.95), rng.uniform(1.5, 3.2), rng.uniform(0, 1)
        floor = rng.uniform(0.25, 0.7)
        path.start = path.end = (x, floor, radius)
    elif name == "blinking":
        path.blinks, path.blink_phase = rng.uniform(1.2, 3.9), rng.uniform(0, 1)
    return path


def random_paths(rng: np.random.Generator, figures: list[Figure]) -> list[Path]:
    """Paths on which the figures do not cover each other."""
    times = np.linspace(0, 1, 9)
    for _ in range(40):
        paths = [random_path(rng, figure.motion, crowded=len(figures) > 1) for figure in figures]
        if len(paths) < 2:
            break
        one, two = (path.at(times) for path in paths)
        distance = np.hypot(one[:, 0] - two[:, 0], one[:, 1] - two[:, 1])
        if (distance > 0.9 * (one[:, 2] + two[:, 2]) + 0.05).all():
            break
    return paths


# --- backdrops ---------------------------------------------------------------------------------------------------------------


@functools.cache
def photos() -> list[Image.Image]:
    """Freely licensed photos that come with scikit-image and scikit-learn, at most 256 pixels on the shorter side."""
    names = ["astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png"]
    names += ["hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "page.png", "rocket.jpg", "text.png"]
    folder = lambda package: PurePath(find_spec(package).submodule_search_locations[0])  # noqa: E731
    files = [folder("skimage") / "data" / name for name in names]
    files += [folder("sklearn") / "datasets" / "images" / name for name in ("china.jpg", "flower.jpg")]
    found = []
    for file in files:
        image = Image.open(file).convert("RGB")
        scale = 256 / min(image.size)
        found.append(image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS))
    return found


def _random_colour(rng: np.random.Generator, saturation: float) -> np.ndarray:
    value = rng.choice([rng.uniform(0.05, 0.35), rng.uniform(0.3, 0.75), rng.uniform(0.7, 1)])
    return np.array(colorsys.hsv_to_rgb(rng.uniform(), saturation * rng.uniform(), value))


def landscape(rng: np.random.Generator, saturation: float, size: int = 128) -> Image.Image:
    """Many octaves of noise, coloured by a small random palette: clouds, water, leaves, walls."""
    height = np.zeros((size, size), np.float32)
    roughness = rng.uniform(0.35, 0.75)
    stretch = rng.choice([1, 1, 2, 4])
    for octave in range(1, 6):
        cells = rng.normal(size=(2**octave + 1, max(2, 2**octave // stretch + 1))).astype(np.float32)
        height += roughness**octave * np.asarray(Image.fromarray(cells).resize((size, size), Image.BICUBIC))
    height = (height - height.min()) / (np.ptp(height) + 1e-6)
    palette = np.stack([_random_colour(rng, saturation) for _ in range(rng.integers(2, 5))])
    stops = np.linspace(0, 1, len(palette))
    image = np.stack([np.interp(height, stops, palette[:, channel]) for channel in range(3)], axis=-1)
    return Image.fromarray((255 * image).astype(np.uint8))


def photo(rng: np.random.Generator) -> Image.Image:
    """One of the photos: a random part, perhaps mirrored, with other colours."""
    image = photos()[rng.integers(len(photos()))]
    side = int(min(image.size) * rng.uniform(0.4, 1))
    left, top = rng.integers(image.width - side + 1), rng.integers(image.height - side + 1)
    image = image.crop((left, top, left + side, top + side))
    if rng.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    pixels = np.asarray(image, np.float32)
    if rng.random() < 0.5:
        pixels = pixels[..., rng.permutation(3)]
    pixels = pixels * rng.uniform(0.7, 1.2, 3).astype(np.float32) * rng.uniform(0.6, 1.2)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _calm(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Less contrast, so that a figure in front of it can be seen."""
    base = Image.new("RGB", image.size, tuple(int(255 * part) for part in _random_colour(rng, 0.4)))
    return Image.blend(image, base, rng.uniform(0.35, 0.75))


def plain_backdrop(rng: np.random.Generator) -> Backdrop:
    """One colour, a gradient or soft blotches."""
    first = _random_colour(rng, 0.45 * rng.choice([0, 1, 1]))
    second = np.clip(first + rng.normal(0, 0.1, 3) + rng.normal(0, 0.08), 0, 1)
    angle = rng.uniform(0, 2 * math.pi)
    grid = np.linspace(-1, 1, 96, dtype=np.float32)
    mix = np.clip((grid[None] * math.cos(angle) + grid[:, None] * math.sin(angle)) / 2.4 + 0.5, 0, 1)[..., None]
    if rng.random() < 0.3:
        mix = mix * 0
    image = first * (1 - mix) + second * mix
    blotches = rng.choice([0, 0, 0.03, 0.06])
    if blotches:
        cells = rng.normal(0, blotches, (7, 7, 3)).astype(np.float32)
        layers = [np.asarray(Image.fromarray(cells[..., channel]).resize((96, 96), Image.BICUBIC)) for channel in range(3)]
        image = image + np.stack(layers, axis=-1)
    return Backdrop(Image.fromarray((255 * np.clip(image, 0, 1)).astype(np.uint8)))


def _random_view(rng: np.random.Generator) -> tuple[float, float, float]:
    return (rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7), rng.uniform(0.5, 0.95))


def natural_backdrop(rng: np.random.Generator, calm: bool) -> Backdrop:
    """A photo or a landscape, often under a moving camera."""
    image = photo(rng) if rng.random() < 0.5 else landscape(rng, saturation=0.9)
    if calm:
        image = _calm(rng, image)
    start = _random_view(rng)
    moving = rng.random() < (0.25 if calm else 0.75)
    shake = rng.uniform(0, 0.02) if moving and rng.random() < 0.4 else 0.0
    return Backdrop(image, start, _random_view(rng) if moving else start, shake)


def _can_be_seen(backdrop: Backdrop, paints: list[np.ndarray]) -> bool:
    small = np.asarray(backdrop.image.resize((8, 8), Image.BOX), np.float32) / 255
    return all((np.abs(small - colour).max(axis=-1) > 0.27).mean() > 0.9 for colour in paints)


def _random_clutter(rng: np.random.Generator) -> list[tuple]:
    """Irregular many-coloured patches that drift about: none of the six shapes."""
    patches = []
    for _ in range(rng.integers(2, 12)):
        corners = rng.integers(3, 9)
        angles = np.sort(rng.uniform(0, 2 * math.pi, corners))
        reach = rng.uniform(0.3, 1.0, corners) * rng.uniform(0.1, 0.9)
        stretch = rng.uniform(0.25, 1.0)
        outline = np.stack([reach * np.cos(angles), stretch * reach * np.sin(angles)], axis=1)
        start = rng.uniform(-1, 1, 2)
        patches.append((outline, start, start + rng.normal(0, 0.4, 2), _random_colour(rng, 1.0)))
    return patches


def random_scene(rng: np.random.Generator, figures: list[Figure], footage: bool = False, borders: bool | None = None) -> Scene:
    """A scene that shows the figures, or footage that shows none; `borders` forces letterbox bars or their absence."""
    paints = [paint(rng, figure.colour) for figure in figures]
    if footage:
        backdrops = [natural_backdrop(rng, calm=False) for _ in range(1 if rng.random() < 0.8 else 2)]
    else:
        for _ in range(60):
            backdrop = plain_backdrop(rng) if rng.random() < 0.75 else natural_backdrop(rng, calm=True)
            if _can_be_seen(backdrop, paints):
                break
        backdrops = [backdrop]
    scene = Scene(figures, random_paths(rng, figures), paints, backdrops, footage=footage)
    if footage and rng.random() < 0.4:
        scene.clutter = _random_clutter(rng)
    if borders or (borders is None and rng.random() < 0.25):
        across, down = rng.uniform(0.56, 0.95), rng.uniform(0.56, 0.95)
        scene.stage = [(1.0, down), (across, 1.0), (across, down)][rng.choice(3, p=[0.45, 0.35, 0.2])]
        scene.border = rng.choice([np.zeros(3), np.full(3, rng.uniform(0, 1)), _random_colour(rng, 0.3)], p=[0.7, 0.2, 0.1])
    scene.gain = rng.uniform(0.85, 1.1)
    scene.noise = rng.choice([0, 0, 0.01, 0.03])
    scene.soften = int(rng.choice([1, 1, 1, 2]))
    scene.seed = int(rng.integers(1 << 30))
    return scene


# --- drawing -----------------------------------------------------------------------------------------------------------------


def shape_distance(shape: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed distance (negative inside) to the outline of a shape of about radius 1 around the origin."""
    name = SHAPES[shape]
    if name == "circle":
        return np.hypot(x, y) - 0.92
    if name == "square":
        return np.maximum(np.abs(x), np.abs(y)) - 0.82
    if name == "triangle":
        lowered = y - 0.12
        slope = math.sqrt(3) / 2 * np.abs(x) - 0.5 * lowered
        return np.maximum(lowered, slope) - 0.55
    if name == "star":
        fifth = 2 * math.pi / 5
        angle = np.abs((np.arctan2(x, -y) + fifth / 2) % fifth - fifth / 2)
        reach = np.hypot(x, y)
        tip, notch = 1.08, (0.45 * math.cos(fifth / 2), 0.45 * math.sin(fifth / 2))
        edge = (notch[0] - tip, notch[1])
        return ((reach * np.cos(angle) - tip) * edge[1] - reach * np.sin(angle) * edge[0]) / math.hypot(*edge)
    if name == "cross":
        across, down = np.abs(x), np.abs(y)
        return np.minimum(np.maximum(across - 0.98, down - 0.32), np.maximum(across - 0.32, down - 0.98))
    return np.abs(np.hypot(x, y) - 0.74) - 0.21


def _draw_figure(canvas: np.ndarray, shape: int, colour: np.ndarray, state: np.ndarray) -> None:
    """Paint one figure onto a canvas [height, width, 3] in place."""
    x, y, radius, angle, visible = state
    if not visible:
        return
    height, width = canvas.shape[:2]
    unit = min(height, width) / 2  # pixels per stage unit
    centre_x, centre_y, reach = width / 2 + x * unit, height / 2 + y * unit, 1.5 * radius * unit + 2
    rows = slice(max(0, int(centre_y - reach)), max(0, min(height, int(centre_y + reach) + 1)))
    columns = slice(max(0, int(centre_x - reach)), max(0, min(width, int(centre_x + reach) + 1)))
    down = (np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - centre_y) / (radius * unit)
    across = (np.arange(columns.start, columns.stop, dtype=np.float32)[None] + 0.5 - centre_x) / (radius * unit)
    cos, sin = math.cos(angle), math.sin(angle)
    distance = shape_distance(shape, across * cos + down * sin, down * cos - across * sin) * radius * unit
    opacity = np.clip(0.5 - distance, 0, 1)
    region = canvas[rows, columns]
    region += opacity[..., None] * (colour.astype(np.float32) - region)


def _draw_clutter(canvas: np.ndarray, patches: list[tuple], time: float) -> np.ndarray:
    height, width = canvas.shape[:2]
    unit = min(height, width) / 2
    image = Image.fromarray((255 * np.clip(canvas, 0, 1)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for outline, start, end, colour in patches:
        points = (outline + start + (end - start) * time) * unit + (width / 2, height / 2)
        pen.polygon([tuple(point) for point in points], fill=tuple(int(255 * part) for part in colour))
    return np.asarray(image, np.float32) / 255


def render(scene: Scene, height: int, width: int, times: np.ndarray) -> np.ndarray:
    """Draw the scene at the given moments: uint8 [T, height, width, 3]."""
    rng = np.random.default_rng(scene.seed)
    times = np.asarray(times, np.float64)
    stage_height, stage_width = max(8, round(height * scene.stage[1])), max(8, round(width * scene.stage[0]))
    top, left = (height - stage_height) // 2, (width - stage_width) // 2
    states = [path.at(times) for path in scene.paths]
    frames = np.empty((len(times), height, width, 3), np.uint8)
    still = None
    for index, time in enumerate(times):
        backdrop = scene.backdrops[min(int(time * len(scene.backdrops)), len(scene.backdrops) - 1)]
        if still is None or backdrop.moves or len(scene.backdrops) > 1:
            still = backdrop.at(time, stage_height, stage_width, rng)
        canvas = _draw_clutter(still, scene.clutter, time) if scene.clutter else still.copy()
        for number, (figure, colour) in enumerate(zip(scene.figures, scene.paints)):
            _draw_figure(canvas, figure.shape, colour, states[number][index])
        if scene.soften > 1:
            canvas = _soften(canvas)
        frame = np.empty((height, width, 3), np.float32)
        frame[:] = scene.border
        frame[top : top + stage_height, left : left + stage_width] = canvas
        frame *= scene.gain
        if scene.noise:
            frame += rng.standard_normal(frame.shape, np.float32) * np.float32(scene.noise)
        frames[index] = (np.clip(frame, 0, 1) * 255 + 0.5).astype(np.uint8)
    return frames


def _soften(canvas: np.ndarray) -> np.ndarray:
    """A blur of about one pixel in 64."""
    reach = max(1, min(canvas.shape[:2]) // 64)
    padded = np.pad(canvas, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    rows = padded[: -2 * reach] + 2 * padded[reach:-reach] + padded[2 * reach :]
    return (rows[:, : -2 * reach] + 2 * rows[:, reach:-reach] + rows[:, 2 * reach :]) / 16


def frame_times(rng: np.random.Generator, count: int = 8) -> np.ndarray:
    """The middle of each of `count` equal parts of the clip, with a little jitter."""
    offset = rng.uniform(-0.25, 0.25)
    return np.clip((np.arange(count) + 0.5 + offset + rng.uniform(-0.1, 0.1, count)) / count, 0.001, 0.999)
