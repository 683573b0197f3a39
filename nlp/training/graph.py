"""The reader as an ONNX graph with ONNX Runtime's fused operators, written out node by node.

Written rather than exported: the exporters split attention and GELU into dozens of nodes that the runtime's optimiser
does not find again, and here the queries, keys and values of a layer are one matrix.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper
from transformers import BertConfig

Array = npt.NDArray[np.float32]

FUSED = "com.microsoft"


class Graph:
    """Nodes and constants under way; each method adds one operation and returns the name of its result."""

    def __init__(self, state: Mapping[str, Array], config: BertConfig) -> None:
        """Start empty, with the encoder's weights as transformers names them."""
        self.state, self.config = state, config
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, name: str, *, turned: bool = False) -> str:
        """Add one of the encoder's weights, turned from (out, in) to (in, out) where a MatMul takes it."""
        values = self.state[name]
        return self.constant(name, values.T if turned else values)

    def add(self, kind: str, *inputs: str, out: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one result and return its name."""
        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, domain=domain, **attributes))
        return out


def build(state: Mapping[str, Array], heads: tuple[Array, Array], config: BertConfig) -> ModelProto:
    """Return the float32 model: inputs ``ids`` and ``mask`` (texts, tokens), output ``logits`` (texts, outputs).

    ``state`` is the encoder's as transformers names it; ``heads`` are the last layer's weight (outputs, hidden) and
    bias (outputs).
    """
    graph = Graph(state, config)
    states = _embeddings(graph)
    graph.add("Cast", "mask", out="mask32", to=TensorProto.INT32)
    for layer in range(config.num_hidden_layers):
        states = _layer(graph, f"encoder.layer.{layer}.", states)
    _head(graph, states, heads)
    texts = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "mask")]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", heads[0].shape[0]])
    body = helper.make_graph(graph.nodes, "reader", texts, [logits], graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="simak")
    checker.check_model(model)
    return model


def _embeddings(graph: Graph) -> str:
    """Add words (kept in int8, one scale a row) and positions, normalised."""
    words = graph.state["embeddings.word_embeddings.weight"]
    scale = np.maximum(np.abs(words).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
    graph.constant("words", np.rint(words / scale).astype(np.int8))
    graph.constant("words.scale", scale)
    # The token type is always the first, so its vector is part of every position.
    types = graph.state["embeddings.token_type_embeddings.weight"][0]
    graph.constant("positions", graph.state["embeddings.position_embeddings.weight"] + types)
    graph.add("Gather", "words", "ids", out="word.int8")
    graph.add("Gather", "words.scale", "ids", out="word.scale")
    graph.add("Cast", "word.int8", out="word.float", to=TensorProto.FLOAT)
    graph.add("Mul", "word.float", "word.scale", out="word")
    graph.add("Shape", "ids", out="tokens", start=1, end=2)
    graph.add("Slice", "positions", graph.constant("zero", [0]), "tokens", out="position")
    graph.add("Add", "word", "position", out="embedded")
    norm = [graph.weight(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
    return graph.add("LayerNormalization", "embedded", *norm, out="states", epsilon=graph.config.layer_norm_eps)


def _layer(graph: Graph, prefix: str, states: str) -> str:
    """Add one encoder layer and return its states."""
    attended = _attention(graph, f"{prefix}attention.self.", states)
    states = _dense_norm(graph, f"{prefix}attention.output.", attended, states)
    inner = f"{prefix}intermediate.dense."
    graph.add("MatMul", states, graph.weight(f"{inner}weight", turned=True), out=f"{inner}out")
    graph.add("BiasGelu", f"{inner}out", graph.weight(f"{inner}bias"), out=f"{inner}gelu", domain=FUSED)
    return _dense_norm(graph, f"{prefix}output.", f"{inner}gelu", states)


def _attention(graph: Graph, prefix: str, states: str) -> str:
    """Add attention with queries, keys and values from one product."""
    names = [f"{prefix}{name}" for name in ("query", "key", "value")]
    weight = np.concatenate([graph.state[f"{name}.weight"] for name in names]).T
    bias = np.concatenate([graph.state[f"{name}.bias"] for name in names])
    graph.add("MatMul", states, graph.constant(f"{prefix}weight", weight), out=f"{prefix}product")
    graph.nodes.append(helper.make_node("Split", [f"{prefix}product"], names, axis=2))
    inputs = (*names, graph.constant(f"{prefix}bias", bias), "mask32")
    heads = graph.config.num_attention_heads
    return graph.add("MultiHeadAttention", *inputs, out=f"{prefix}attended", domain=FUSED, num_heads=heads)


def _dense_norm(graph: Graph, prefix: str, source: str, skip: str) -> str:
    """Add a dense layer, the residual and the layer's normalisation."""
    graph.add("MatMul", source, graph.weight(f"{prefix}dense.weight", turned=True), out=f"{prefix}out")
    inputs = [f"{prefix}out", skip]
    inputs += [graph.weight(f"{prefix}{name}") for name in ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")]
    epsilon = graph.config.layer_norm_eps
    return graph.add("SkipLayerNormalization", *inputs, out=f"{prefix}states", domain=FUSED, epsilon=epsilon)


def _head(graph: Graph, states: str, heads: tuple[Array, Array]) -> None:
    """Add mean pooling over the tokens that are there, and the last layer."""
    graph.add("Cast", "mask", out="mask.float", to=TensorProto.FLOAT)
    graph.add("Unsqueeze", "mask.float", graph.constant("one", [2]), out="weight")
    graph.add("Mul", states, "weight", out="weighted")
    axis = graph.constant("axis", [1])
    graph.add("ReduceSum", "weighted", axis, out="summed", keepdims=0)
    graph.add("ReduceSum", "mask.float", axis, out="count", keepdims=1)
    graph.add("Div", "summed", "count", out="pooled")
    graph.constant("head.weight", heads[0])
    graph.constant("head.bias", heads[1])
    graph.add("Gemm", "pooled", "head.weight", "head.bias", out="logits", transB=1)
