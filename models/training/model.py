"""The X-CLIP that is trained here: its size, its start, its forward pass in the parts that training needs, its files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import CLIPTokenizer, XCLIPConfig, XCLIPModel

from bank import FRAMES, SIZE

PATCH = 16
VISION_WIDTH, WIDTH = 96, 128  # of the vision tower, and of all that follows
MAX_TOKENS = 77
GRID = SIZE // PATCH
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def new_model(tokenizer: CLIPTokenizer, frames: Tensor) -> XCLIPModel:
    """A small X-CLIP with random weights but for the patch embedding, which starts from what patches of some frames look like."""
    end = tokenizer.eos_token_id
    config = XCLIPConfig(
        text_config=dict(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=MAX_TOKENS,
            bos_token_id=end - 1,
            eos_token_id=end,
            pad_token_id=end,
        ),
        vision_config=dict(
            hidden_size=VISION_WIDTH,
            intermediate_size=4 * VISION_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            image_size=SIZE,
            patch_size=PATCH,
            num_frames=FRAMES,
            mit_hidden_size=WIDTH,
            mit_intermediate_size=4 * WIDTH,
            mit_num_attention_heads=4,
            mit_num_hidden_layers=2,
        ),
        projection_dim=WIDTH,
        prompt_num_attention_heads=4,
        prompt_layers=2,
        prompt_alpha=1.0,
        logit_scale_init_value=2.3,
    )
    model = XCLIPModel._from_config(config, attn_implementation="eager")
    _start(model, frames)
    return model


@torch.no_grad()
def _start(model: XCLIPModel, frames: Tensor) -> None:
    """Better first weights: the library's are meant for a far longer training."""
    vision = model.vision_model.embeddings
    steps = torch.arange(GRID).float() * 8 / GRID
    down, across = torch.meshgrid(steps, steps, indexing="ij")
    vision.position_embedding.weight[1:] = 0.5 * torch.cat([_waves(axis.flatten(), VISION_WIDTH // 2, 30) for axis in (down, across)], 1)
    vision.patch_embedding.weight.copy_(_main_components(frames))
    for layer in model.prompts_generator.decoder:
        for last in (layer.cross_attn.proj, layer.mlp[-1]):
            nn.init.zeros_(last.weight)
    model.mit.position_embedding[0] = _waves(torch.arange(FRAMES).float(), WIDTH, 10)
    model.text_model.embeddings.token_embedding.weight.mul_(5)
    model.text_model.embeddings.position_embedding.weight.copy_(0.15 * _waves(torch.arange(MAX_TOKENS).float(), WIDTH, 100))


def _main_components(frames: Tensor) -> Tensor:
    """The main components of the patches of frames, each brought to the same variance, as a kernel [W, 3, P, P]."""
    patches = F.unfold(frames, PATCH, stride=PATCH).transpose(1, 2).flatten(0, 1)
    variances, components = torch.linalg.eigh(patches.T.cov())
    variances, components = variances.flip(0)[:VISION_WIDTH], components.flip(1).T[:VISION_WIDTH]
    return (components * variances[:, None] ** -0.5).view(VISION_WIDTH, 3, PATCH, PATCH)


def _waves(positions: Tensor, width: int, base: float) -> Tensor:
    angles = positions[:, None] / base ** (torch.arange(width // 2) / (width // 2))
    return torch.cat([angles.sin(), angles.cos()], 1)


def pixels(frames: np.ndarray, rng: np.random.Generator | None = None) -> Tensor:
    """uint8 [N, T, S, S, 3] to normalised [N * T, 3, S, S]; with `rng` each clip in slightly other light."""
    values = torch.from_numpy(np.ascontiguousarray(frames)).float().permute(0, 1, 4, 2, 3) / 255
    if rng is not None:
        gain = 1 + 0.05 * rng.standard_normal((len(values), 1, 3, 1, 1)).astype(np.float32)
        offset = 0.02 * rng.standard_normal((len(values), 1, 1, 1, 1)).astype(np.float32)
        values = (values * torch.from_numpy(gain) + torch.from_numpy(offset)).clamp(0, 1)
    per_channel = [torch.tensor(numbers)[:, None, None] for numbers in (MEAN, STD)]
    return ((values - per_channel[0]) / per_channel[1]).flatten(0, 1)


def encode_frames(model: XCLIPModel, frames: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of normalised frames [N * T, 3, S, S]: class tokens [N * T, W], frame features [N, T, D], patch features [N, P, D]
    (mean over the frames of a clip, what video-specific prompting sees) and the patches themselves [N * T, P, W]."""
    output = model.vision_model(pixel_values=frames)
    patches = output.last_hidden_state[:, 1:]
    frame_features = model.visual_projection(output.pooler_output).view(-1, FRAMES, model.config.projection_dim)
    mean_patches = model.prompts_visual_layernorm(patches).unflatten(0, (-1, FRAMES)).mean(1)
    return output.pooler_output, frame_features, mean_patches @ model.prompts_visual_projection, patches


class TextEncoder:
    """Texts to text embeddings [K, D], not normalised; remembers token ids."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def __call__(self, model: XCLIPModel, texts: list[str]) -> Tensor:
        return self.with_words(model, texts)[0]

    def with_words(self, model: XCLIPModel, texts: list[str]) -> tuple[Tensor, Tensor]:
        """Also what stands at each token [K, L, W] before the last layer, which gathers it."""
        sequences = [self.tokens(text) for text in texts]
        ids = torch.full((len(texts), max(map(len, sequences))), self.tokenizer.eos_token_id)
        mask = torch.zeros_like(ids)
        for row, sequence in enumerate(sequences):
            ids[row, : len(sequence)] = torch.tensor(sequence)
            mask[row, : len(sequence)] = 1
        output = model.text_model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        return model.text_projection(output.pooler_output), output.hidden_states[-2]

    def tokens(self, text: str) -> list[int]:
        if text not in self.known:
            ids = self.tokenizer(text)["input_ids"]
            self.known[text] = ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], self.tokenizer.eos_token_id]
        return self.known[text]


def cosines(videos: Tensor, texts: Tensor) -> Tensor:
    """Cosine of every video embedding with every text embedding, [N, K]: what the first stage of a search ranks by."""
    return F.normalize(videos.float(), dim=-1) @ F.normalize(texts.float(), dim=-1).T


def prompted_cosines(model: XCLIPModel, videos: Tensor, texts: Tensor, patch_features: Tensor) -> Tensor:
    """The same with the texts adapted to each video, [N, K]: times `exp(logit_scale)` these are the model's logits."""
    adapted = texts[None].expand(len(videos), -1, -1)
    adapted = adapted + model.prompts_generator(adapted, patch_features)
    return torch.einsum("nd,nkd->nk", F.normalize(videos.float(), dim=-1), F.normalize(adapted.float(), dim=-1))


def save(model: XCLIPModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Write a checkpoint in the hub's layout, weights in half precision. The model in memory becomes half precision too."""
    model.half().save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(folder)
    settings = {
        "image_processor_type": "VideoMAEImageProcessor",
        "processor_class": "XCLIPProcessor",
        "do_resize": True,
        "size": {"shortest_edge": SIZE},
        "resample": 2,
        "do_center_crop": True,
        "crop_size": {"height": SIZE, "width": SIZE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": STD,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def load(folder: Path) -> XCLIPModel:
    """A checkpoint, for measuring."""
    return XCLIPModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval().requires_grad_(False)
