"""Measures the bundled model through the whole product: files in, GraphQL out.

python make_clips.py evaluation CLIPS
MEDIA_DIRS=$PWD/CLIPS DATA_DIR=/tmp/evaluation SAMPLES=off MODEL=bundled npm start
python evaluate_product.py CLIPS --token "$(cat /tmp/evaluation/admin-token)"
"""

from __future__ import annotations

import argparse
import json
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from statistics import mean

from captions import DOING, with_article
from world import COLOURS, MOTIONS, SHAPES

NONSENSE = [
    "asdf qwer",
    "zxcv",
    "lorem ipsum dolor",
    "12345",
    "!!!",
    "???",
    "eating spaghetti",
    "programming course",
    "playing football",
    "playing the violin",
    "a kangaroo on a skateboard",
    "stock market report",
    "a quantum computing lecture",
    "a person riding a horse",
    "cooking pasta",
    "hello world",
    "the president speaks",
    "a cat sleeps on a sofa",
    "traffic at night",
    "a wedding dance",
    "someone opens a door",
    "surfing at the beach",
    "an airplane takes off",
    "a train arrives at the station",
    "fireworks over the city",
    "a man repairs a bicycle",
    "children in a classroom",
    "boxing match highlights",
    "how to knit a sweater",
    "tornado in a field",
    "a laptop on a desk",
    "brushing teeth",
    "snowboarding down a mountain",
    "a chef chops onions",
    "an orchestra rehearsal",
    "weather forecast",
    "a parliament debate",
    "washing dishes",
    "a submarine dives",
    "asparagus soup recipe",
]


class Client:
    """Asks the GraphQL API."""

    def __init__(self, url: str, token: str):
        self.url, self.token = url, token

    def ask(self, query: str, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(self.url, body, headers)) as response:
            answer = json.load(response)
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        return answer["data"]

    def ingest(self, files: list[Path]) -> dict[str, str]:
        """Ingest all files; returns the video id of each file name."""
        jobs = {}
        for file in files:
            data = self.ask("mutation($path: String!) { ingestVideo(input: {path: $path}) { id } }", path=str(file))
            jobs[data["ingestVideo"]["id"]] = file.name
        videos = {}
        while len(videos) < len(jobs):
            for job in jobs.keys() - videos.keys():
                state = self.ask("query($id: ID!) { ingestion(id: $id) { state error { message } video { id } } }", id=job)["ingestion"]
                if state["state"] == "FAILED":
                    raise RuntimeError(f"{jobs[job]}: {state['error']['message']}")
                if state["state"] == "SUCCEEDED":
                    videos[job] = state["video"]["id"]
            time.sleep(1)
        return {jobs[job]: video for job, video in videos.items()}

    def best(self, video: str, labels: list[str]) -> str:
        query = "query($id: ID!, $labels: [String!]) { classifyVideo(id: $id, labels: $labels) { best { label } } }"
        return self.ask(query, id=video, labels=labels)["classifyVideo"]["best"]["label"]

    def search(self, text: str, **options) -> list[str]:
        """Ids of all videos found, best first."""
        query = """query($text: String!, $after: String, $minRelevance: Float) {
          searchVideos(text: $text, first: 100, after: $after, minRelevance: $minRelevance) {
            edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
        found, after = [], None
        while True:
            page = self.ask(query, text=text, after=after, **options)["searchVideos"]
            found += [edge["node"]["id"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found


def say(figure: dict, motion: bool = False) -> str:
    noun = f"{with_article(figure['colour'])} {figure['shape']}"
    return f"{noun} {DOING[figure['motion']][0]}" if motion else noun


LABELS = {
    "colour": ({colour: f"a {colour} object" for colour in COLOURS}, lambda figure: figure["colour"]),
    "shape": ({shape: with_article(shape) for shape in SHAPES}, lambda figure: figure["shape"]),
    "motion": ({motion: f"something {DOING[motion][0]}" for motion in MOTIONS}, lambda figure: figure["motion"]),
    "colour+shape": (
        {(colour, shape): f"{with_article(colour)} {shape}" for colour in COLOURS for shape in SHAPES},
        lambda figure: (figure["colour"], figure["shape"]),
    ),
}


def accuracy(client: Client, clips: list[dict], only: list[str]) -> dict[str, float]:
    result = {}
    for name in only:
        labels, truth = LABELS[name]
        hits = [client.best(clip["id"], list(labels.values())) == labels[truth(clip["figures"][0])] for clip in clips]
        result[name] = round(mean(hits), 4)
    return result


def binding(client: Client, clips: list[dict]) -> dict[str, tuple[float, int]]:
    """How often the true text beats the one with an attribute exchanged between the two objects."""
    result = {}
    for part in ("colour", "shape", "motion"):
        hits = []
        for clip in clips:
            one, two = clip["figures"]
            if any(one[key] == two[key] for key in one):
                continue
            told = lambda a, b: f"{say(a, part == 'motion')} and {say(b, part == 'motion')}"  # noqa: E731
            true = told(one, two)
            hits.append(client.best(clip["id"], [true, told({**one, part: two[part]}, {**two, part: one[part]})]) == true)
        result[part] = (round(mean(hits), 4), len(hits))
    return result


def retrieval(client: Client, clips: list[dict]) -> dict[str, dict]:
    """First hit, first five, mean average precision over the whole ranking, and the cut by the default minRelevance."""
    queries = {
        "colour": [(f"something {colour}", lambda f, c=colour: f["colour"] == c) for colour in COLOURS],
        "shape": [(with_article(shape), lambda f, s=shape: f["shape"] == s) for shape in SHAPES],
        "motion": [(f"something {DOING[motion][0]}", lambda f, m=motion: f["motion"] == m) for motion in MOTIONS],
        "colour+shape": [
            (f"{with_article(colour)} {shape}", lambda f, c=colour, s=shape: (f["colour"], f["shape"]) == (c, s))
            for colour in COLOURS
            for shape in SHAPES
        ],
    }
    result = {}
    for name, group in queries.items():
        scores = defaultdict(list)
        for text, fits in group:
            true = {clip["id"] for clip in clips if any(fits(figure) for figure in clip["figures"])}
            if not true:
                continue
            ranked = client.search(text, minRelevance=0)
            hits = [video in true for video in ranked]
            precision = [sum(hits[: rank + 1]) / (rank + 1) for rank, hit in enumerate(hits) if hit]
            scores["R@1"].append(hits[0])
            scores["R@5"].append(any(hits[:5]))
            scores["mAP"].append(sum(precision) / len(true))
            relevant = client.search(text)
            scores["kept"].append(len(true & set(relevant)) / len(true))
            scores["precision"].append(len(true & set(relevant)) / len(relevant) if relevant else 1.0)
        result[name] = {key: round(mean(values), 4) for key, values in scores.items()} | {"queries": len(scores["R@1"])}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:4000/graphql")
    parser.add_argument("--token", required=True)
    arguments = parser.parse_args()
    client = Client(arguments.url, arguments.token)
    folder = arguments.clips.resolve()
    clips = json.loads((folder / "truth.json").read_text())
    ids = client.ingest([folder / clip["file"] for clip in clips])
    sets = defaultdict(list)
    for clip in clips:
        sets[clip["set"]].append(clip | {"id": ids[clip["file"]]})
    for name in ("unseen", "held-out", "borders"):
        print(name, len(sets[name]), accuracy(client, sets[name], list(LABELS)), flush=True)
    print("reversed", len(sets["reversed"]), accuracy(client, sets["reversed"], ["motion"]), flush=True)
    sideways = [clip for clip in sets["unseen"] + sets["reversed"] if clip["figures"][0]["motion"] in ("left", "right")]
    sides = {side: f"something {DOING[side][0]}" for side in ("left", "right")}
    hits = [client.best(clip["id"], list(sides.values())) == sides[clip["figures"][0]["motion"]] for clip in sideways]
    print("left or right, forwards and backwards", len(hits), round(mean(hits), 4), flush=True)
    print("two objects, exchanged", binding(client, sets["two"]), flush=True)
    everything = [clip for group in sets.values() for clip in group]
    print("retrieval over", len(everything))
    for name, scores in retrieval(client, everything).items():
        print(" ", name, scores, flush=True)
    found = {text: len(client.search(text)) for text in NONSENSE}
    print(
        "nonsense queries that find nothing",
        sum(count == 0 for count in found.values()),
        "of",
        len(found),
        {t: c for t, c in found.items() if c},
    )


if __name__ == "__main__":
    main()
