"""What can be said about a clip of the drawn world, and whether it is true.

A caption is a text with its meaning: what a clip must show for the text to be true of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from world import COLOURS, HELD_OUT, MOTIONS, REVERSED, SHAPES, Figure

COLOUR_WORDS = {
    "red": ["red", "scarlet", "crimson", "ruby"],
    "orange": ["orange", "tangerine", "amber"],
    "yellow": ["yellow", "golden", "lemon"],
    "green": ["green", "emerald", "lime"],
    "blue": ["blue", "azure", "navy"],
    "purple": ["purple", "violet", "lilac"],
    "white": ["white", "snow white", "ivory"],
    "black": ["black", "jet black", "ebony"],
}
SHAPE_WORDS = {
    "circle": ["circle", "disc", "disk", "ball", "dot", "round shape"],
    "square": ["square", "box", "block", "cube", "rectangle"],
    "triangle": ["triangle", "pyramid", "three-sided shape"],
    "star": ["star", "starlet", "five-pointed star"],
    "cross": ["cross", "plus sign", "plus"],
    "ring": ["ring", "hoop", "donut", "loop"],
}
#: How each motion is said: after "is" ("is moving left") and after "that" ("that moves left").
DOING = {
    "still": ["standing still", "not moving", "staying still", "motionless", "stationary", "at rest", "staying in place"],
    "left": [
        "moving left",
        "moving to the left",
        "going left",
        "sliding left",
        "drifting left",
        "heading left",
        "moving leftward",
        "travelling to the left",
        "moving from right to left",
    ],
    "right": [
        "moving right",
        "moving to the right",
        "going right",
        "sliding right",
        "drifting right",
        "heading right",
        "moving rightward",
        "travelling to the right",
        "moving from left to right",
    ],
    "up": [
        "moving up",
        "moving upwards",
        "going up",
        "rising",
        "ascending",
        "climbing",
        "floating up",
        "moving upward",
        "moving from bottom to top",
    ],
    "down": [
        "moving down",
        "moving downwards",
        "going down",
        "falling",
        "descending",
        "sinking",
        "dropping",
        "moving downward",
        "moving from top to bottom",
    ],
    "growing": ["growing", "getting bigger", "getting larger", "expanding", "becoming larger", "coming closer", "increasing in size"],
    "shrinking": ["shrinking", "getting smaller", "becoming smaller", "contracting", "moving away", "decreasing in size"],
    "spinning": ["spinning", "rotating", "turning around", "spinning around", "twirling", "turning"],
    "circling": ["circling", "moving in a circle", "going around in circles", "orbiting", "going round and round", "circling around"],
    "bouncing": ["bouncing", "bouncing up and down", "jumping up and down", "hopping", "jumping"],
    "blinking": ["blinking", "flashing", "flickering", "appearing and disappearing", "blinking on and off"],
}
DOES = {
    "still": ["stands still", "does not move", "stays still", "stays in place"],
    "left": ["moves left", "moves to the left", "goes left", "slides to the left", "moves leftward", "drifts left"],
    "right": ["moves right", "moves to the right", "goes right", "slides to the right", "moves rightward", "drifts right"],
    "up": ["moves up", "moves upwards", "goes up", "rises", "ascends", "climbs"],
    "down": ["moves down", "moves downwards", "goes down", "falls", "descends", "sinks"],
    "growing": ["grows", "gets bigger", "gets larger", "expands"],
    "shrinking": ["shrinks", "gets smaller", "becomes smaller", "contracts"],
    "spinning": ["spins", "rotates", "turns around", "twirls"],
    "circling": ["circles", "moves in a circle", "goes around in circles", "orbits"],
    "bouncing": ["bounces", "bounces up and down", "jumps up and down", "hops"],
    "blinking": ["blinks", "flashes", "flickers", "appears and disappears"],
}
#: Motions said before the noun: "a spinning star".
BEFORE_NOUN = {
    "still": ["still", "motionless", "stationary"],
    "up": ["rising"],
    "down": ["falling"],
    "growing": ["growing", "expanding"],
    "shrinking": ["shrinking"],
    "spinning": ["spinning", "rotating"],
    "circling": ["circling", "orbiting"],
    "bouncing": ["bouncing", "hopping"],
    "blinking": ["blinking", "flashing", "flickering"],
}
#: Words for several motions at once.
KINDS_OF_MOTION = [
    (["moving sideways", "moving horizontally"], ["left", "right"]),
    (["moving vertically"], ["up", "down"]),
    (["changing size"], ["growing", "shrinking"]),
    (["moving", "in motion"], ["left", "right", "up", "down", "circling", "bouncing"]),
]
NOUNS = ["object", "shape", "thing", "figure"]
OPENINGS = ["a video of ", "video of ", "videos about ", "a clip of ", "a clip showing ", "footage of ", "there is ", "this shows "]
NOTHING = ["nothing", "an empty scene", "an empty background", "there is nothing here", "no objects", "a blank screen"]
COUNTS = {
    1: ["one object", "a single shape", "only one thing", "one shape", "a single object"],
    2: ["two objects", "two shapes", "two things", "a pair of shapes"],
}
NO_MOTION = ["nothing is moving", "nothing moves", "a still scene", "a static scene", "no motion", "everything stands still"]
REAL = ["real footage", "a real video", "a photograph", "natural footage", "a real scene", "a landscape", "a natural scene"]

#: Everyday words of which texts are made that are true of no clip.
EVERYDAY = """time person year way day man world life hand child eye woman place work week company problem dog cat horse cow bird fish car
truck bus train plane boat ship bike road street city house home garden park tree flower river sea beach lake mountain forest rain snow wind fire
water food bread cake pizza pasta spaghetti apple coffee tea milk cheese kitchen cook chef table chair bed door window phone computer screen
book paper pen music guitar piano drum song dance dancer singer crowd people boy girl baby mother father friend team player football soccer
tennis basketball golf swimming running walking jogging cycling skiing skating surfing climbing driving riding eating drinking cooking
cutting washing painting drawing writing reading playing singing dancing talking speaking laughing crying sleeping sitting standing jumping
throwing catching kicking hitting fighting boxing hugging kissing waving clapping shopping building fixing cleaning opening closing pushing
pulling lifting holding big small old young happy sad fast slow hot cold new good bad funny beautiful quiet loud empty full wooden metal
plastic glass bright dark night morning evening summer winter spring autumn school teacher student doctor nurse hospital office shop market
bank church bridge tower airport station hotel restaurant wedding party birthday concert news weather sport game movie show cartoon robot
animal rabbit mouse sheep pig chicken duck lion tiger bear elephant monkey snake frog insect butterfly bee spider hair face smile shoes
shirt hat dress bag money silver king queen soldier police fireman farmer pilot driver programming course lecture interview tutorial
lesson trailer documentary race match goal court pool kitchen recipe violin volcano laptop planet engine camera microphone""".split()
SENTENCES = [
    "a {0} {1}",
    "{0} {1}",
    "{0}",
    "a {0} is {1} a {2}",
    "{0} {1} {2}",
    "a video of {0}",
    "the {0} in the {1}",
    "a {0} on the {1}",
    "{0} and {1}",
    "someone {0} the {1}",
    "a person {0}",
    "footage of {0} {1}",
    "{0} with a {1}",
    "{0} a {1}",
    "videos about {0} {1}",
]
FILLERS = ["", "a", "the", "video", "a video of", "is", "of", "and", "something else", "hello", "test", "?"]

ANY = (2 ** len(COLOURS) - 1, 2 ** len(SHAPES) - 1, 2 ** len(MOTIONS) - 1)


class Meaning(NamedTuple):
    """What a clip must show. `figures` holds up to two triples of bit sets (colours, shapes, motions that will do)."""

    kind: str  # "figures", "count", "still", "real" or "never"
    figures: tuple = ()
    count: int = 0


NEVER = Meaning("never")


@dataclass
class Caption:
    text: str
    meaning: Meaning
    #: Where in the text the words about each figure end.
    ends: tuple[int, ...] = ()


def _choose(rng: np.random.Generator, words: list[str]) -> str:
    """The first, plain word about half of the time."""
    return words[0] if rng.random() < 0.5 else words[rng.integers(len(words))]


def with_article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def _noun(rng: np.random.Generator, colour: int | None, shape: int | None, article: bool = True) -> str:
    if shape is None:
        noun = NOUNS[rng.integers(len(NOUNS))]
        if colour is None:
            return ("something" if rng.random() < 0.5 else with_article(noun)) if article else noun
        word = _choose(rng, COLOUR_WORDS[COLOURS[colour]])
        if article and rng.random() < 0.45:
            return f"something {word}"
        noun = f"{word} {noun}"
    else:
        noun = _choose(rng, SHAPE_WORDS[SHAPES[shape]])
        if colour is not None:
            noun = f"{_choose(rng, COLOUR_WORDS[COLOURS[colour]])} {noun}"
    if not article:
        return noun
    return [with_article(noun), with_article(noun), with_article(noun), noun, f"the {noun}"][rng.integers(5)]


def _phrase(rng: np.random.Generator, colour: int | None, shape: int | None, motion: int | tuple | None) -> str:
    """A figure in words; `motion` is an index, None, or a (words, motions) kind of motion."""
    if motion is None:
        return _noun(rng, colour, shape)
    known = colour is not None or shape is not None
    if isinstance(motion, tuple):
        words = _choose(rng, motion[0])
        return f"{_noun(rng, colour, shape)}{' is ' if rng.random() < 0.5 else ' '}{words}" if known or rng.random() < 0.6 else words
    name = MOTIONS[motion]
    doing = _choose(rng, DOING[name])
    style = rng.random()
    if not known and style < 0.4:
        return doing
    if style < 0.2:
        return f"{_noun(rng, colour, shape)} that {_choose(rng, DOES[name])}"
    if style < 0.35:
        return f"{_noun(rng, colour, shape)} {_choose(rng, DOES[name])}"
    if style < 0.5 and name in BEFORE_NOUN and known:
        return with_article(f"{_choose(rng, BEFORE_NOUN[name])} {_noun(rng, colour, shape, article=False)}")
    if style < 0.56 and colour is not None and shape is not None:
        noun = with_article(_choose(rng, SHAPE_WORDS[SHAPES[shape]]))
        return f"{noun} that is {_choose(rng, COLOUR_WORDS[COLOURS[colour]])} and {_choose(rng, DOES[name])}"
    return f"{_noun(rng, colour, shape)}{' is ' if style < 0.78 else ' '}{doing}"


def _required(colour: int | None, shape: int | None, motion: int | tuple | None) -> tuple[int, int, int]:
    """The same as bit sets; what is not said may be anything."""
    motions = (
        ANY[2] if motion is None else sum(1 << MOTIONS.index(name) for name in motion[1]) if isinstance(motion, tuple) else 1 << motion
    )
    return (ANY[0] if colour is None else 1 << colour, ANY[1] if shape is None else 1 << shape, motions)


def _open(rng: np.random.Generator, text: str) -> str:
    """Perhaps with an opening."""
    plain = text.split()[0] in ("something", "nothing", "no", "there", "everything", "only")
    return text if rng.random() < (0.8 if plain else 0.55) else OPENINGS[rng.integers(len(OPENINGS))] + text


def describe_one(rng: np.random.Generator, figure: Figure, whole: bool) -> Caption:
    """All of a figure, or some of it."""
    colour, shape, motion = figure
    if not whole:
        kinds = [kind for kind in KINDS_OF_MOTION if MOTIONS[motion] in kind[1]]
        if kinds and rng.random() < 0.07:
            motion = kinds[rng.integers(len(kinds))]
        keep = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1), (1, 1, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)][rng.integers(9)]
        colour, shape, motion = (part if kept else None for part, kept in zip((colour, shape, motion), keep))
    text = _open(rng, _phrase(rng, colour, shape, motion))
    return Caption(text, Meaning("figures", (_required(colour, shape, motion),)), (len(text),))


def describe_two(rng: np.random.Generator, figures: list[Figure], whole: bool) -> Caption:
    """Both figures; when not whole, the same attributes are left out of both."""
    order = rng.permutation(2)
    style = rng.random()
    if whole or style < 0.2:
        keep = (1, 1, 1)
    else:
        keep = [(1, 1, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1)][rng.integers(4)]
    parts, required = [], []
    for index in order:
        colour, shape, motion = (part if kept else None for part, kept in zip(figures[index], keep))
        parts.append(_phrase(rng, colour, shape, motion))
        required.append(_required(colour, shape, motion))
    joint = [" and ", " and ", " and ", ", ", " with ", " next to "][rng.integers(6)]
    text = _open(rng, parts[0] + joint + parts[1])
    return Caption(text, Meaning("figures", tuple(required)), (len(text) - len(joint + parts[1]), len(text)))


def describe(rng: np.random.Generator, figures: list[Figure], footage: bool = False, whole: bool = False) -> Caption:
    """A true caption of a clip."""
    if footage:
        return Caption(REAL[rng.integers(len(REAL))], Meaning("real"))
    if not figures:
        return Caption(NOTHING[rng.integers(len(NOTHING))], Meaning("count", count=0))
    if not whole:
        style = rng.random()
        if style < 0.03:
            words = COUNTS[len(figures)]
            return Caption(_open(rng, words[rng.integers(len(words))]), Meaning("count", count=len(figures)))
        if style < 0.08 and all(MOTIONS[figure.motion] == "still" for figure in figures):
            return Caption(NO_MOTION[rng.integers(len(NO_MOTION))], Meaning("still"))
    if len(figures) == 2 and (whole or rng.random() < 0.6):
        return describe_two(rng, figures, whole)
    return describe_one(rng, figures[rng.integers(len(figures))], whole)


def swapped(rng: np.random.Generator, figures: list[Figure], shares: tuple[float, float, float] | None = None) -> list[Figure]:
    """Two figures with one attribute exchanged; `shares` says how often which."""
    part = rng.choice(3, p=shares)
    one, two = (list(figure) for figure in figures)
    one[part], two[part] = two[part], one[part]
    return [Figure(*one), Figure(*two)]


def altered(rng: np.random.Generator, figures: list[Figure]) -> list[Figure]:
    """The figures with one attribute of one of them changed; a directed motion is often turned around."""
    changed = [list(figure) for figure in figures]
    figure, part = changed[rng.integers(len(changed))], rng.choice(3)
    if part == 2 and REVERSED[figure[2]] != figure[2] and rng.random() < 0.5:
        figure[2] = REVERSED[figure[2]]
    else:
        figure[part] = int(rng.integers((len(COLOURS), len(SHAPES), len(MOTIONS))[part]))
    return [Figure(*figure) for figure in changed]


def unrelated(rng: np.random.Generator) -> Caption:
    """A text about anything but this world, or no text at all: true of no clip."""
    style = rng.random()
    words = [EVERYDAY[index] for index in rng.integers(len(EVERYDAY), size=3)]
    if style < 0.6:
        text = SENTENCES[rng.integers(len(SENTENCES))].format(*words)
    elif style < 0.75:
        text = " ".join("".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), rng.integers(2, 9))) for _ in range(rng.integers(1, 4)))
    elif style < 0.82:
        text = "".join(rng.choice(list("!?.,;:-_#*@%&/()[]+=~"), rng.integers(1, 6)))
    elif style < 0.88:
        text = str(rng.integers(10 ** rng.integers(1, 7)))
    elif style < 0.93:
        text = "".join(
            chr(rng.choice([rng.integers(0xA1, 0x250), rng.integers(0x370, 0x600), rng.integers(0x3040, 0x9FFF)]))
            for _ in range(rng.integers(1, 7))
        )
    else:
        text = FILLERS[rng.integers(len(FILLERS))]
    return Caption(text, NEVER)


def told(meanings: list[Meaning]) -> np.ndarray:
    """The attributes that texts tell, as indices: int [texts, 2, 3], -1 where none or more than one would do."""
    figures = np.full((len(meanings), 2, 3), -1)
    for row, meaning in enumerate(meanings):
        for number, required in enumerate(meaning.figures):
            figures[row, number] = [bits.bit_length() - 1 if bits & (bits - 1) == 0 else -1 for bits in required]
    return figures


def truth(meanings: list[Meaning], figures: np.ndarray, footage: np.ndarray) -> np.ndarray:
    """Which texts are true of which clips: bool [clips, texts].

    `figures` [clips, 2, 3] holds indices, -1 where there is no figure; `footage` [clips] says which clips are footage.
    """
    return _truth(meanings, _bits(figures), footage)


def undecided(meanings: list[Meaning], figures: np.ndarray, footage: np.ndarray) -> np.ndarray:
    """Texts that would be true if the colour or the shape of a figure were another one with which it is a held-out pair.

    Where no clip may show such a pair, nothing may be learned from its absence either.
    """
    found = np.zeros((len(figures), len(meanings)), bool)
    for given, other in ((0, 1), (1, 0)):
        bits, more = _bits(figures), np.zeros(max(len(COLOURS), len(SHAPES)), int)
        for pair in HELD_OUT:
            more[pair[given]] |= 1 << pair[other]
        bits[..., other] |= np.where(figures[..., given] >= 0, more[figures[..., given]], 0)
        found |= _truth(meanings, bits, footage)
    return found & ~truth(meanings, figures, footage)


def _bits(figures: np.ndarray) -> np.ndarray:
    return np.where(figures >= 0, 1 << np.maximum(figures, 0), 0)  # no figure has no bits


def _truth(meanings: list[Meaning], bits: np.ndarray, footage: np.ndarray) -> np.ndarray:
    present = bits[:, :, 0] > 0
    count = present.sum(1)
    true = np.zeros((len(bits), len(meanings)), bool)
    for column, meaning in enumerate(meanings):
        if meaning.kind == "count":
            true[:, column] = (count == meaning.count) & ~footage
        elif meaning.kind == "still":
            true[:, column] = (count > 0) & ((bits[:, :, 2] & ~1) == 0).all(1)
        elif meaning.kind == "real":
            true[:, column] = footage
        elif meaning.kind == "figures":
            fits = [((bits & np.array(required)) != 0).all(2) for required in meaning.figures]
            if len(fits) == 1:
                true[:, column] = fits[0].any(1)
            else:
                true[:, column] = (fits[0][:, 0] & fits[1][:, 1]) | (fits[0][:, 1] & fits[1][:, 0])
    return true
