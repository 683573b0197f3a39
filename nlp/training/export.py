"""Write the trained reader as ONNX and quantise its matrices to int8.

``python -m nlp.training.export --work build/reader``
"""

import logging
import re
import shutil
from pathlib import Path

import onnx
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from safetensors.numpy import load_file

from nlp.artefact import MODEL, TOKENIZER
from nlp.training.graph import build
from nlp.training.model import HEADS_FILE, encoder
from nlp.training.work import Run, arguments

BLOCK = 32
_LAST = re.compile(r"encoder\.layer\.\d+\.output\.out")


def quantise(source: Path, target: Path) -> None:
    """Write an int8 copy of a model: each layer's last matrix in blocks, the others with one scale an output column.

    The last matrices take what GELU gives, whose few large values would leave the rest no digits under one scale. The
    others keep seven bits: processors without VNNI add two products in sixteen bits and would overflow on eight.
    """
    model = onnx.load(source)
    others = [node.name for node in model.graph.node if not _LAST.fullmatch(node.name)]
    blocks = DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, bits=8, accuracy_level=4)
    partly = MatMulNBitsQuantizer(model, algo_config=blocks, nodes_to_exclude=others)
    partly.process()
    quantize_dynamic(
        partly.model.model,
        target,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=["logits", "logits_MatMul"],
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def main() -> None:
    """Export ``WORK/reader`` to ``WORK/model.onnx`` and ``WORK/artefact``."""
    options = arguments(__doc__)
    run = Run(options.work, "export")
    logging.getLogger("onnxruntime").setLevel(logging.ERROR)
    source, out = options.work / "reader", options.work / "artefact"
    out.mkdir(exist_ok=True)
    trained, heads = encoder(source), load_file(source / HEADS_FILE)
    state = {name: tensor.numpy() for name, tensor in trained.state_dict().items()}
    onnx.save(build(state, (heads["weight"], heads["bias"]), trained.config), options.work / "model.onnx")
    quantise(options.work / "model.onnx", out / MODEL)
    shutil.copyfile(options.work / "pruned" / TOKENIZER, out / TOKENIZER)
    run.note(bytes={path.name: path.stat().st_size for path in sorted(out.iterdir())}, sha256=run.sha256(out / MODEL))


if __name__ == "__main__":
    main()
