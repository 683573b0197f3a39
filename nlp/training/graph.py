"""The reader as an ONNX graph, written out node by node in float32 or, where scales are known, in int8.

Written rather than exported, for three things that decide the speed on a processor. States lie token by token, shape
(tokens, texts, hidden), so that attention's products read queries, keys and values where they are, without turning
them first. Normalisation stays apart from the residual: the runtime's fused operator for both has no vector code.
And every product adds its own bias.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper
from transformers import BertConfig

Array = npt.NDArray[np.float32]

FUSED = "com.microsoft"
# Added to the scores of padding: its share after softmax is then exactly nought.
HIDDEN = 1e4


@dataclass(frozen=True)
class Int8:
    """How the products of one source are made in int8.

    A state ``x`` (tokens, inputs) becomes ``x * smooth / scale + zero`` in eight bits, and ``weight`` (inputs, outputs)
    stands for ``weight * steps``; ``smooth`` is by input, None where nothing is smoothed, ``steps`` by output.
    """

    smooth: Array | None
    scale: float
    zero: int
    weight: npt.NDArray[np.int8]
    steps: Array


class Graph:
    """Nodes and constants under way; each method adds one operation and returns the name of its result."""

    def __init__(self, state: Mapping[str, Array], config: BertConfig, int8: Mapping[str, Int8]) -> None:
        """Start empty, with the encoder's weights as transformers names them and the sources in int8 by name."""
        self.state, self.config, self.int8 = state, config, int8
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, *inputs: str, out: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one result and return its name."""
        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, domain=domain, **attributes))
        return out

    def norm(self, source: str, prefix: str, out: str) -> str:
        """Add a normalisation."""
        parts = [self.constant(f"{prefix}{part}", self.state[f"{prefix}{part}"]) for part in ("weight", "bias")]
        return self.add("LayerNormalization", source, *parts, out=out, epsilon=self.config.layer_norm_eps)

    def dense(self, source: str, *prefixes: str) -> list[str]:
        """Add dense layers that take the same source, and return their results."""
        biases = [self.constant(f"{prefix}bias", self.state[f"{prefix}bias"]) for prefix in prefixes]
        if source in self.int8:
            return self._dense_int8(source, self.int8[source], dict(zip(prefixes, biases, strict=True)))
        for prefix, bias in zip(prefixes, biases, strict=True):
            weight = self.constant(f"{prefix}weight", self.state[f"{prefix}weight"].T)
            self.add("MatMul", source, weight, out=f"{prefix}product")
            self.add("Add", f"{prefix}product", bias, out=f"{prefix}out")
        return [f"{prefix}out" for prefix in prefixes]

    def _dense_int8(self, source: str, int8: Int8, biases: Mapping[str, str]) -> list[str]:
        """Quantise the source once, then multiply it by each layer's part of the weights."""
        scale = self.constant(f"{source}.scale", np.float32(int8.scale))
        zero = self.constant(f"{source}.zero", np.uint8(int8.zero))
        smoothed = source
        if int8.smooth is not None:
            smoothed = self.add("Mul", source, self.constant(f"{source}.smooth", int8.smooth), out=f"{source}.smoothed")
        states = self.add("QuantizeLinear", smoothed, scale, zero, out=f"{source}.int8")
        ends = np.cumsum([len(self.state[f"{prefix}bias"]) for prefix in biases])[:-1]
        parts = zip(np.split(int8.weight, ends, axis=1), np.split(int8.steps, ends), strict=True)
        for (prefix, bias), (weight, steps) in zip(biases.items(), parts, strict=True):
            levels = self.constant(f"{prefix}weight", weight)
            sizes = self.constant(f"{prefix}steps", steps)
            zeros = self.constant(f"{prefix}zeros", np.zeros(len(steps), np.int8))
            inputs = (states, levels, scale, sizes, zero, zeros, bias)
            self.add("MatMulIntegerToFloat", *inputs, out=f"{prefix}out", domain=FUSED)
        return [f"{prefix}out" for prefix in biases]


def build(
    state: Mapping[str, Array],
    heads: tuple[Array, Array],
    config: BertConfig,
    int8: Mapping[str, Int8] | None = None,
) -> ModelProto:
    """Return the model: inputs ``ids`` and ``mask`` (texts, tokens).

    Outputs are ``logits`` (texts, outputs), ``pooled`` (texts, hidden), what the last layer makes them of, and that
    layer itself: ``weight`` (outputs, hidden) and ``bias`` (outputs). ``state`` is the encoder's as transformers names
    it; ``heads`` are the last layer's weight and bias; ``int8`` holds, by name, the sources that are quantised.
    """
    graph = Graph(state, config, int8 or {})
    states = _embeddings(graph)
    _mask(graph)
    for layer in range(config.num_hidden_layers):
        states = _layer(graph, f"encoder.layer.{layer}.", states)
    _head(graph, states, heads)
    outputs, hidden = heads[0].shape
    shapes = {
        "logits": ["texts", outputs],
        "pooled": ["texts", hidden],
        "weight": [outputs, hidden],
        "bias": [outputs],
    }
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    texts = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "mask")]
    body = helper.make_graph(graph.nodes, "reader", texts, results, graph.constants)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="simak")
    checker.check_model(model)
    return model


def _embeddings(graph: Graph) -> str:
    """Add words (kept in int8, one scale a row) and positions, normalised, shape (tokens, texts, hidden)."""
    words = graph.state["embeddings.word_embeddings.weight"]
    scale = np.maximum(np.abs(words).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
    graph.constant("words", np.rint(words / scale).astype(np.int8))
    graph.constant("words.scale", scale)
    # The token type is always the first, so its vector is part of every position.
    types = graph.state["embeddings.token_type_embeddings.weight"][0]
    positions = graph.state["embeddings.position_embeddings.weight"] + types
    graph.constant("positions", positions[:, None])
    graph.add("Transpose", "ids", out="turned", perm=[1, 0])
    graph.add("Gather", "words", "turned", out="word.int8")
    graph.add("Gather", "words.scale", "turned", out="word.scale")
    graph.add("Cast", "word.int8", out="word.float", to=TensorProto.FLOAT)
    graph.add("Mul", "word.float", "word.scale", out="word")
    graph.add("Shape", "turned", out="tokens", start=0, end=1)
    graph.add("Slice", "positions", graph.constant("zero", [0]), "tokens", out="position")
    graph.add("Add", "word", "position", out="embedded")
    return graph.norm("embedded", "embeddings.LayerNorm.", "states")


def _mask(graph: Graph) -> None:
    """Add what hides padding from attention, shape (texts, 1, 1, tokens), and the shapes of states in heads and not."""
    graph.add("Cast", "mask", out="mask.float", to=TensorProto.FLOAT)
    graph.add("Sub", "mask.float", graph.constant("present", np.float32(1)), out="mask.absent")
    graph.add("Mul", "mask.absent", graph.constant("mask.weight", np.float32(HIDDEN)), out="mask.added")
    graph.add("Unsqueeze", "mask.added", graph.constant("mask.axes", [1, 2]), out="hidden")
    heads, width = graph.config.num_attention_heads, graph.config.hidden_size
    graph.constant("apart", [0, 0, heads, width // heads])
    graph.constant("together", [0, 0, width])


def _layer(graph: Graph, prefix: str, states: str) -> str:
    """Add one encoder layer and return its states."""
    attended = _attention(graph, f"{prefix}attention.self.", states)
    states = _residual(graph, f"{prefix}attention.output.", attended, states)
    inner = f"{prefix}intermediate.dense."
    (product,) = graph.dense(states, inner)
    return _residual(graph, f"{prefix}output.", graph.add("Gelu", product, out=f"{inner}gelu"), states)


def _attention(graph: Graph, prefix: str, states: str) -> str:
    """Add attention over the tokens of each text."""
    products = graph.dense(states, *(f"{prefix}{name}." for name in ("query", "key", "value")))
    query, key, value = (graph.add("Reshape", product, "apart", out=f"{product}.apart") for product in products)
    # The products take the first dimension for the rows and read past the others.
    first, width = {"transBatchA": 1, "transBatchB": 1, "transB": 1}, graph.config.hidden_size
    alpha = float((width // graph.config.num_attention_heads) ** -0.5)
    graph.add("FusedMatMul", query, key, out=f"{prefix}scores", domain=FUSED, alpha=alpha, **first)
    graph.add("Add", f"{prefix}scores", "hidden", out=f"{prefix}masked")
    graph.add("Softmax", f"{prefix}masked", out=f"{prefix}shares", axis=-1)
    graph.add("FusedMatMul", f"{prefix}shares", value, out=f"{prefix}mixed", domain=FUSED, transBatchB=1)
    graph.add("Transpose", f"{prefix}mixed", out=f"{prefix}turned", perm=[2, 0, 1, 3])
    return graph.add("Reshape", f"{prefix}turned", "together", out=f"{prefix}attended")


def _residual(graph: Graph, prefix: str, source: str, skip: str) -> str:
    """Add a dense layer, the residual and the normalisation."""
    (product,) = graph.dense(source, f"{prefix}dense.")
    graph.add("Add", product, skip, out=f"{prefix}sum")
    return graph.norm(f"{prefix}sum", f"{prefix}LayerNorm.", f"{prefix}states")


def _head(graph: Graph, states: str, heads: tuple[Array, Array]) -> None:
    """Add mean pooling over the tokens that are there, and the last layer."""
    graph.add("Transpose", "mask.float", out="mask.turned", perm=[1, 0])
    graph.add("Unsqueeze", "mask.turned", graph.constant("last", [2]), out="mask.weights")
    graph.add("Mul", states, "mask.weights", out="weighted")
    graph.add("ReduceSum", "weighted", "zero", out="summed", keepdims=0)
    graph.add("ReduceSum", "mask.weights", "zero", out="count", keepdims=0)
    graph.add("Div", "summed", "count", out="pooled")
    graph.constant("weight", heads[0])
    graph.constant("bias", heads[1])
    graph.add("Gemm", "pooled", "weight", "bias", out="logits", transB=1)


def products(model: ModelProto) -> dict[str, Array]:
    """Return, by source, the weights (inputs, outputs) of a float32 model's dense layers, side by side."""
    constants = {constant.name: constant for constant in model.graph.initializer}
    found: dict[str, list[Array]] = {}
    for node in model.graph.node:
        if node.op_type == "MatMul":
            found.setdefault(node.input[0], []).append(numpy_helper.to_array(constants[node.input[1]]))
    return {source: np.concatenate(weights, axis=1) for source, weights in found.items()}
