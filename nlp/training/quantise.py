"""The dense layers in int8, with scales found once on training texts.

Fixed scales, because scales that a batch sets make a reading depend on the texts beside it; and eight bits on both
sides of every product, because that is what processors have an instruction for. What keeps it near float32: an input
that runs far ahead of the others gives part of its range to the weights (SmoothQuant, Xiao et al. 2023, equation 4),
and what rounding one weight loses is made good in the weights not yet rounded (GPTQ, Frantar et al. 2023).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import onnxruntime as ort
from onnx import ModelProto, TensorProto, helper

from nlp.engine import session_options
from nlp.tokens import Ids
from nlp.training.graph import Array, Int8, products

# Weights keep seven bits: a processor without VNNI adds two products in sixteen bits, and eight would overflow.
TOP = 63
LEVELS = 255
# How much of an input's range goes to the weights; nought leaves the product as it is and saves an operation.
POWERS = (0.0, 0.6, 0.8)
# Tokens that a power is chosen on.
SAMPLE = 1_500
DAMPING = 0.01


def int8(model: ModelProto, batches: Iterable[tuple[Ids, Ids]]) -> dict[str, Int8]:
    """Return each dense source of a float32 model in int8, its scales from batches of ``ids`` and ``mask``."""
    weights = products(model)
    states = _states(model, list(weights), batches)
    return {source: quantised(weight, states[source]) for source, weight in weights.items()}


def quantised(weight: Array, states: Array) -> Int8:
    """Return the product of states (tokens, inputs) and a weight (inputs, outputs) in int8."""
    few = states[:: max(1, len(states) // SAMPLE)]
    tried = [_rounded(weight, states, power) for power in POWERS]
    best = min(tried, key=lambda one: float(np.square(restored(few, one) - few @ weight).sum()))
    if best.smooth is not None:
        weight = weight / best.smooth[:, None]
    return replace(best, weight=_compensated(weight, best.steps, _seen(states, best)))


def restored(states: Array, one: Int8) -> Array:
    """Return the product as int8 gives it, in float32."""
    return np.asarray(_seen(states, one) @ (one.weight * one.steps), np.float32)


def _states(model: ModelProto, names: list[str], batches: Iterable[tuple[Ids, Ids]]) -> Mapping[str, Array]:
    """Return the values that the named results take at the tokens of all batches, padding left out."""
    watched = ModelProto.FromString(model.SerializeToString())
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = ort.InferenceSession(watched.SerializeToString(), session_options(), providers=["CPUExecutionProvider"])
    found: dict[str, list[Array]] = {name: [] for name in names}
    for ids, mask in batches:
        for name, values in zip(names, session.run(names, {"ids": ids, "mask": mask}), strict=True):
            found[name].append(values[mask.T == 1])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _rounded(weight: Array, states: Array, power: float) -> Int8:
    """Return a product in int8, each weight rounded by itself."""
    smooth = None
    if power:
        reach, width = (np.maximum(values, 1e-4) for values in (np.abs(states).max(0), np.abs(weight).max(1)))
        smooth = (width ** (1 - power) / reach**power).astype(np.float32)
        states, weight = states * smooth, weight / smooth[:, None]
    lowest, highest = min(float(states.min()), 0.0), max(float(states.max()), 0.0)
    scale = max(highest - lowest, 1e-6) / LEVELS
    steps = np.maximum(np.abs(weight).max(0) / TOP, 1e-12).astype(np.float32)
    return Int8(smooth, scale, round(-lowest / scale), np.rint(weight / steps).astype(np.int8), steps)


def _seen(states: Array, one: Int8) -> Array:
    """Return states as they are after rounding, smoothed."""
    smoothed = states if one.smooth is None else states * one.smooth
    levels = np.clip(np.rint(smoothed / one.scale) + one.zero, 0, LEVELS) - one.zero
    return np.asarray(levels * one.scale, np.float32)


def _compensated(weight: Array, steps: Array, states: Array) -> np.ndarray:
    """Return the weight in int8, the error of each input's row spread over the rows after it as GPTQ does."""
    both = states.T.astype(np.float64) @ states
    both[np.diag_indices_from(both)] += DAMPING * np.diag(both).mean() + 1e-9
    factor = np.linalg.cholesky(np.linalg.inv(both)).T.astype(np.float32)
    left, rounded = weight.copy(), np.empty(weight.shape, np.int8)
    for row in range(len(weight)):
        rounded[row] = np.clip(np.rint(left[row] / steps), -TOP, TOP)
        error = (left[row] - rounded[row] * steps) / factor[row, row]
        left[row + 1 :] -= np.outer(factor[row, row + 1 :], error)
    return rounded
