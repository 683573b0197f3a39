"""The network as it is exported: what was trained, near it in int8, and blind to what stands beside a text."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from nlp.artefact import BUNDLED, MODEL, TOKENIZER
from nlp.decode import HEADS
from nlp.engine import Engine
from nlp.tokens import Tokens, padded
from nlp.training.export import batches
from nlp.training.graph import build
from nlp.training.model import Reader
from nlp.training.quantise import int8, quantised, restored

TEXTS = [
    "kapok",
    "mantap 👍",
    "aplikasi error terus, tolong diperbaiki",
    "min, cara daftar paket hematnya gimana ya?",
    "penipu! jangan pernah belanja di sini, kapok",
    "kopi terenak, wajib coba, recommended banget! " * 3,
]


def trained() -> Reader:
    """Return a small network over the real vocabulary, its weights drawn at random."""
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=Tokenizer.from_file(str(BUNDLED / TOKENIZER)).get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.2,
    )
    return Reader(BertModel(config, add_pooling_layer=False), HEADS).eval()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return folders with that network in float32 and in int8, and the tokenizer."""
    reader = trained()
    state = {name: tensor.numpy() for name, tensor in reader.encoder.state_dict().items()}
    heads = (reader.out.weight.detach().numpy(), reader.out.bias.detach().numpy())
    config = reader.encoder.config
    tokens = Tokens(Tokenizer.from_file(str(BUNDLED / TOKENIZER)))
    plain = build(state, heads, config)
    models = {"float32": plain, "int8": build(state, heads, config, int8(plain, batches(TEXTS, tokens)))}
    found = {name: tmp_path_factory.mktemp(name) for name in models}
    for name, model in models.items():
        onnx.save(model, found[name] / MODEL)
        shutil.copyfile(BUNDLED / TOKENIZER, found[name] / TOKENIZER)
    return found


def test_the_written_graph_is_the_trained_network(folders: dict[str, Path]) -> None:
    """The float32 graph gives the logits that torch gives, padding or not."""
    ids, mask = padded(Tokens(Tokenizer.from_file(str(BUNDLED / TOKENIZER))).ids(TEXTS))
    with torch.no_grad():
        heads = trained()(torch.from_numpy(ids), torch.from_numpy(mask))
    assert Engine(folders["float32"]).all_logits(TEXTS) == pytest.approx(
        torch.cat(list(heads.values()), 1).numpy(), abs=2e-3
    )


def test_int8_stays_near_float32(folders: dict[str, Path]) -> None:
    """Quantising moves the logits by less than a twentieth of their spread."""
    plain, rounded = (Engine(folders[name]).all_logits(TEXTS) for name in ("float32", "int8"))
    assert np.sqrt(np.square(plain - rounded).mean()) < 0.05 * plain.std()


@settings(max_examples=40, deadline=None)
@given(order=st.lists(st.sampled_from(range(len(TEXTS))), min_size=1, max_size=12))
def test_logits_do_not_depend_on_neighbours(folders: dict[str, Path], order: list[int]) -> None:
    """In whatever company and order a text is read, in int8 its logits are those that it gets alone, to the bit."""
    engine = Engine(folders["int8"], threads=1)
    together = engine.all_logits([TEXTS[number] for number in order])
    alone = [engine.all_logits([TEXTS[number]])[0] for number in order]
    assert np.array_equal(together, np.stack(alone))


def test_the_last_layer_makes_logits_of_pooled_states(folders: dict[str, Path]) -> None:
    """The layer that the engine tells, applied to the pooled states, gives the logits."""
    engine = Engine(folders["int8"])
    logits, pooled = engine.all_states(TEXTS)
    assert engine.layer().logits(pooled) == pytest.approx(logits, abs=1e-4)


def test_an_input_that_runs_ahead_costs_the_others_little() -> None:
    """One input a hundred times as large as the others leaves the product of the others readable."""
    rng = np.random.default_rng(4)
    states, weight = rng.normal(size=(600, 48)).astype(np.float32), rng.normal(size=(48, 16)).astype(np.float32)
    states[:, 7] *= 100
    others, weight[7] = np.arange(48) != 7, weight[7] / 100
    one = quantised(weight, states)
    assert one.smooth is not None
    error = restored(states, one) - states @ weight
    assert error.std() < 0.03 * (states[:, others] @ weight[others]).std()


def test_weights_keep_seven_bits() -> None:
    """No weight goes beyond 63: two products of it and a state of eight bits fit into sixteen."""
    rng = np.random.default_rng(5)
    one = quantised(rng.normal(size=(32, 8)).astype(np.float32), rng.normal(size=(200, 32)).astype(np.float32))
    assert np.abs(one.weight.astype(int)).max() <= 63
