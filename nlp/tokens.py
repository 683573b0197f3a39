"""Texts to the integer arrays that the encoder takes, the same in training and in reading."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Ids = npt.NDArray[np.int64]

LENGTH = 96
PAD = 1
# Of a longer text the beginning and the end are read: what it is about comes first, the verdict often last.
TAIL = 32


class Tokens:
    """A tokenizer that keeps at most ``LENGTH`` tokens of a text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Take a tokenizer without padding or truncation of its own."""
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text with its two special tokens; a long one keeps its two ends."""
        whole = (encoding.ids for encoding in self._tokenizer.encode_batch(list(texts)))
        return [ids if len(ids) <= LENGTH else [*ids[: LENGTH - TAIL], *ids[-TAIL:]] for ids in whole]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Return ids padded on the right and their mask, both of shape (texts, longest)."""
    longest = max(map(len, rows))
    ids = np.full((len(rows), longest), PAD, np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask
