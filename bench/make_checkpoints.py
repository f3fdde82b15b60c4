"""Makes checkpoints of real size with random weights, by the reference, the same for the same seed.

    python make_checkpoints.py FOLDER

B/32 with 8 frames and B/16 with 32 frames, as the published ones; the tokenizer is that of the bundled model.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import XCLIPConfig, XCLIPModel

BUNDLED = Path(__file__).parent.parent / "models" / "clipql-shapes"
SIZES = {"b32-8": dict(patch_size=32, num_frames=8), "b16-32": dict(patch_size=16, num_frames=32)}
PREPROCESSOR = {
    "size": {"shortest_edge": 224},
    "crop_size": {"height": 224, "width": 224},
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}


def randomise(model: XCLIPModel) -> None:
    """Activations that keep their size from layer to layer, and attention that is neither flat nor on one place."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name == "logit_scale":
                parameter.fill_(4.6)
            elif name.endswith("alpha"):
                parameter.copy_(0.1 + 0.02 * noise)
            elif "norm" in name or "_ln" in name:
                parameter.copy_((1.0 if name.endswith("weight") else 0.0) + 0.1 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif "embedding" in name and parameter.ndim < 4:
                parameter.copy_(0.5 * noise)
            else:
                fan_in = parameter.shape[0] if name == "prompts_visual_projection" else parameter[0].numel()
                parameter.copy_(noise / fan_in**0.5)


def make(folder: Path, size: dict) -> None:
    model = XCLIPModel(XCLIPConfig(vision_config=size)).eval()
    randomise(model)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(BUNDLED / name, folder)


for name, size in SIZES.items():
    folder = Path(sys.argv[1]) / name
    if not folder.exists():
        half_done = folder.with_name(f"{name}.part")
        make(half_done, size)
        half_done.rename(folder)
