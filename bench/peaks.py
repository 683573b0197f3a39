"""How much this machine can multiply in a second, measured, and how much the reader has to."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from peers import OURS, TOKENIZER
from tokenizers import Tokenizer

from nlp.tokens import Tokens

LAYERS = 12
SIDE = 2_048
TRIES = 5


def operations(texts: Sequence[str]) -> float:
    """Return the operations of reading texts once, a multiplication and an addition being two."""
    width, _, inner = OURS
    lengths = np.array([len(row) for row in Tokens(Tokenizer.from_file(str(TOKENIZER))).ids(texts)])
    dense = 4 * width * width + 2 * width * inner
    return float(LAYERS * 2 * (lengths * dense + 2 * lengths**2 * width).sum())


def sgemm_peak(threads: int) -> float:
    """Return operations a second of a large product in float32."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    matrix = torch.rand(SIDE, SIDE)
    reached = _best(lambda: matrix @ matrix)
    torch.set_num_threads(before)
    return reached


def int8_peak(threads: int) -> float:
    """Return operations a second of a large product of eight bits by seven, as the reader has them."""
    rng = np.random.default_rng(1)
    weight = numpy_helper.from_array(rng.integers(-63, 64, (SIDE, SIDE)).astype(np.int8), "weight")
    node = helper.make_node("MatMulInteger", ["states", "weight"], ["product"])
    states = helper.make_tensor_value_info("states", TensorProto.UINT8, [SIDE, SIDE])
    product = helper.make_tensor_value_info("product", TensorProto.INT32, [SIDE, SIDE])
    graph = helper.make_graph([node], "peak", [states], [product], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {"states": rng.integers(0, 256, (SIDE, SIDE)).astype(np.uint8)}
    return _best(lambda: session.run(None, given))


def _best(product: Callable[[], object]) -> float:
    """Return the operations a second of the best of a few tries."""
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        product()
        times.append(time.perf_counter() - started)
    return 2 * SIDE**3 / min(times)
