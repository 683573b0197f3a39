"""ONNX Runtime over batches of texts that are about equally long."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from nlp.artefact import MODEL, TOKENIZER
from nlp.decode import Array
from nlp.tokens import Tokens, padded

# A batch grows until this many tokens, padding counted: more does not run faster, and memory stays small.
BATCH_TOKENS = 1_024
# Texts sorted together: enough for batches without padding, few enough to hold whatever comes.
POOL = 2_048


class Engine:
    """The exported network and its tokenizer, loaded once and safe to call from several threads."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Load from ``folder``; ``threads`` 0 means one for each core."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Spinning threads win nothing at this size and take the core that the dashboard needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(folder / MODEL, options, providers=["CPUExecutionProvider"])
        self._tokens = Tokens(Tokenizer.from_file(str(folder / TOKENIZER)))

    def logits(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Array]]:
        """Yield numbers of texts with their logits, shape (numbers, outputs), until every text has had its turn."""
        for start in range(0, len(texts), POOL):
            rows = self._tokens.ids(texts[start : start + POOL])
            for batch in _batches([len(row) for row in rows]):
                ids, mask = padded([rows[row] for row in batch])
                (logits,) = self._session.run(["logits"], {"ids": ids, "mask": mask})
                yield [start + row for row in batch], logits

    def all_logits(self, texts: Sequence[str]) -> Array:
        """Return the logits of all texts in order, shape (texts, outputs)."""
        parts = list(self.logits(texts))
        order = np.argsort([number for numbers, _ in parts for number in numbers])
        return np.asarray(np.concatenate([logits for _, logits in parts])[order], np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield row numbers, shortest first, in batches of at most ``BATCH_TOKENS`` padded tokens."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
