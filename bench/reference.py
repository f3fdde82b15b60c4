"""The reference's side of the benchmark: transformers on torch, on the CPU.

    python reference.py float32|bfloat16 THREADS

Reads one JSON request a line and writes one JSON reply a line; times are milliseconds.
"""

import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoTokenizer, XCLIPModel

torch.set_num_threads(int(sys.argv[2]))
torch.set_grad_enabled(False)
DTYPE = getattr(torch, sys.argv[1])


class Side:
    def load(self, folder: str, frames: str):
        config = json.loads((Path(folder) / "preprocessor_config.json").read_text())
        size, count = config["crop_size"]["height"], XCLIPModel.config_class.from_pretrained(folder).vision_config.num_frames
        pixels = torch.frombuffer(bytearray(Path(frames).read_bytes()), dtype=torch.uint8).view(1, count, size, size, 3)
        mean, std = torch.tensor(config["image_mean"]), torch.tensor(config["image_std"])
        self.pixels = ((pixels / 255 - mean) / std).permute(0, 1, 4, 2, 3).contiguous().to(DTYPE)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        start = time.perf_counter()
        self.model = XCLIPModel.from_pretrained(folder, dtype=DTYPE).eval()
        self.video()
        self.text(["a"])
        return milliseconds(start)

    def video(self):
        """The video half of XCLIPModel.forward: the embedding and what the prompt generator looks at."""
        start, m = time.perf_counter(), self.model
        batch, frames = self.pixels.shape[:2]
        seen = m.vision_model(pixel_values=self.pixels.flatten(0, 1))
        embedding = m.mit(m.visual_projection(seen[1]).view(batch, frames, -1))[1]
        features = m.prompts_visual_layernorm(seen[0][:, 1:]) @ m.prompts_visual_projection
        self.features = features.view(batch, frames, -1, features.shape[-1]).mean(dim=1)
        self.embedding = embedding / embedding.norm(dim=-1, keepdim=True)
        return milliseconds(start)

    def text(self, texts: list[str]):
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=77, return_tensors="pt")
        start = time.perf_counter()
        self.texts = self.model.get_text_features(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]).pooler_output
        return milliseconds(start)

    def score(self, clips: int):
        """The texts embedded last and the clip encoded last, that many times: as in XCLIPModel.forward."""
        videos, features = self.embedding.expand(clips, -1), self.features.repeat(clips, 1, 1)
        start, m = time.perf_counter(), self.model
        texts = self.texts.unsqueeze(0).expand(clips, -1, -1)
        texts = texts + m.prompts_generator(texts, features)
        texts = texts / texts.norm(dim=-1, keepdim=True)
        self.logits = torch.einsum("bd,bkd->bk", videos, m.logit_scale.exp() * texts)
        return milliseconds(start)

    def outputs(self):
        """Embedding of the clip, embeddings of the texts, logits, as they were computed last."""
        values = {"embedding": self.embedding[0], "texts": self.texts, "logits": self.logits[0]}
        return {name: value.float().flatten().tolist() for name, value in values.items()}

    def memory(self):
        """Peak resident memory in MB."""
        peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1000


def milliseconds(start: float) -> float:
    return (time.perf_counter() - start) * 1000


side = Side()
print("ready", flush=True)
for line in sys.stdin:
    task, *arguments = json.loads(line)
    print(json.dumps(getattr(side, task)(*arguments)), flush=True)
