"""ONNX Runtime over batches of texts that are about equally long."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from nlp.artefact import MODEL, TOKENIZER
from nlp.decode import Array, Layer
from nlp.tokens import Tokens, padded

# A batch grows until this many tokens, padding counted: what more of them hold between two layers leaves the cache.
BATCH_TOKENS = 512
# Texts sorted together: enough for batches without padding, few enough to hold whatever comes.
POOL = 2_048
MOST_THREADS = 8


def session_options() -> ort.SessionOptions:
    """Return how a model of ours is run: each call on one thread, for batches side by side wait for no other."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # The graph is written as it should run: higher levels fuse it into operators that are slower here.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return options


class Engine:
    """The exported network and its tokenizer, loaded once and safe to call from several threads."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Load from ``folder``; ``threads`` batches run at a time, 0 meaning one for each core."""
        self._session = ort.InferenceSession(folder / MODEL, session_options(), providers=["CPUExecutionProvider"])
        self._threads = threads or min(os.cpu_count() or 1, MOST_THREADS)
        self._tokens = Tokens(Tokenizer.from_file(str(folder / TOKENIZER)))

    def logits(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Array]]:
        """Yield numbers of texts with their logits, shape (numbers, outputs), until every text has had its turn."""
        return ((numbers, logits) for numbers, (logits,) in self._run(texts, "logits"))

    def states(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Array, Array]]:
        """Yield what ``logits`` yields and, beside it, the pooled states before the last layer (numbers, hidden)."""
        return ((numbers, logits, pooled) for numbers, (logits, pooled) in self._run(texts, "logits", "pooled"))

    def all_logits(self, texts: Sequence[str]) -> Array:
        """Return the logits of all texts in order, shape (texts, outputs)."""
        return self.all_states(texts)[0]

    def all_states(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """Return logits (texts, outputs) and pooled states (texts, hidden) of all texts, in order; at least one."""
        numbers, logits, pooled = zip(*self.states(texts), strict=True)
        order = np.argsort(np.concatenate(numbers))
        return np.concatenate(logits)[order], np.concatenate(pooled)[order]

    def layer(self) -> Layer:
        """Return the last layer, which makes logits of pooled states."""
        ids, mask = padded(self._tokens.ids([""]))
        return Layer(*self._session.run(["weight", "bias"], {"ids": ids, "mask": mask}))

    def _run(self, texts: Sequence[str], *outputs: str) -> Iterator[tuple[list[int], list[Array]]]:
        """Yield numbers of texts with the outputs asked for."""

        def run(rows: list[list[int]]) -> list[Array]:
            ids, mask = padded(rows)
            return list(self._session.run(outputs, {"ids": ids, "mask": mask}))

        with ThreadPoolExecutor(self._threads) as workers:
            for start in range(0, len(texts), POOL):
                rows = self._tokens.ids(texts[start : start + POOL])
                batches = list(sorted_batches([len(row) for row in rows]))
                found = workers.map(run, ([rows[row] for row in batch] for batch in batches))
                for batch, arrays in zip(batches, found, strict=True):
                    yield [start + row for row in batch], arrays


def sorted_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield row numbers, shortest first, in batches of at most ``BATCH_TOKENS`` padded tokens."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
