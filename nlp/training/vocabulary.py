"""Prune the vocabulary to what Indonesian mentions use, and add the emoji that are newer than the base.

``python -m nlp.training.vocabulary --shared ../shared --work build/reader``
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from nlp.training.base import packaged
from nlp.training.data import corpus
from nlp.training.work import Run, arguments

# ASCII pieces below this rank stay although no text used them: they spell the words of tomorrow.
RANK = 28_000
# A piece counts in the text as written, in lower case and in title case; once or twice in all is a typing slip.
SEEN = 5
SPECIAL = 4
# Each newer emoji starts from the embedding of one the base knows and people use alike.
NEWER = {
    "🤬": "😡",
    "🤮": "😖",
    "🤢": "😖",
    "🥺": "😢",
    "🥹": "😢",
    "🥲": "😅",
    "🥳": "🎉",
    "🤯": "😱",
    "💩": "👎",
    "🫶": "❤",
    "🤍": "❤",
    "🤎": "❤",
    "🩷": "❤",
    "🩵": "❤",
    "🩶": "❤",
    "🧡": "❤",
    "🫰": "❤",
    "🥰": "😍",
    "🤩": "😍",
    "🫠": "😅",
    "🫡": "👍",
    "🥴": "😵",
    "🗿": "😐",
    "🫣": "🙈",
    "🥱": "😴",
    "🫵": "👉",
    "🤏": "👌",
    "🤌": "👌",
    "🥵": "😓",
    "🥶": "😰",
    "🤧": "😷",
    "👹": "😡",
    "👺": "😡",
    "🤡": "😜",
    "🖕": "👎",
    "💀": "😱",
    "☠": "😱",
    "😤": "😡",
    "🤦": "😩",
    "🤷": "😕",
    "🙄": "😒",
    "💯": "👍",
    "🏅": "🏆",
    "🥇": "🏆",
    "🫂": "❤",
    "🤑": "💰",
    "🤥": "😒",
    "🤨": "😕",
    "🧐": "🤔",
    "🤫": "😶",
    "🤭": "😂",
    "😮": "😱",
    "🚫": "❌",
}


def _single(piece: str) -> bool:
    """Whether a piece is one Latin letter, digit, punctuation mark or symbol (emoji), with or without a space."""
    mark = piece.removeprefix("▁")
    if len(mark) != 1:
        return not mark
    return unicodedata.category(mark)[0] in "NPS" or "LATIN" in unicodedata.name(mark, "")


def keep(tokenizer: Tokenizer, texts: Iterable[str]) -> list[int]:
    """Return the ids to keep, in rank order: seen in the texts in any case, single marks, and frequent ASCII."""
    texts = list(texts)
    counts: Counter[int] = Counter()
    for form in (texts, [text.lower() for text in texts], [text.title() for text in texts]):
        for encoding in tokenizer.encode_batch(form, add_special_tokens=False):
            counts.update(encoding.ids)
    seen = {*range(SPECIAL), *(rank for rank, count in counts.items() if count >= SEEN)}
    for piece, rank in tokenizer.get_vocab().items():
        if _single(piece) or (rank < RANK and piece.removeprefix("▁").isascii()):
            seen.add(rank)
    return sorted(seen - {tokenizer.token_to_id("<mask>")})


def prune(tokenizer: Tokenizer, ids: list[int]) -> tuple[Tokenizer, list[int]]:
    """Return the small tokenizer and, for each of its pieces, the base's row to start from."""
    spec = json.loads(tokenizer.to_str())
    vocab = spec["model"]["vocab"]
    rank = {piece: number for number, (piece, _) in enumerate(vocab)}
    new = [(emoji, rank.get(old, rank.get("▁" + old))) for emoji, old in NEWER.items() if emoji not in rank]
    added = [(emoji, row) for emoji, row in new if row is not None]
    # An emoji of its own scores like the rarest piece kept, which still beats "unknown" by far.
    floor = min(vocab[number][1] for number in ids)
    spec["model"]["vocab"] = [vocab[number] for number in ids] + [[emoji, floor] for emoji, _ in added]
    spec["added_tokens"] = [token for token in spec["added_tokens"] if token["content"] != "<mask>"]
    return Tokenizer.from_str(json.dumps(spec, ensure_ascii=False)), ids + [row for _, row in added]


def shrink(model: BertModel, rows: list[int]) -> BertModel:
    """Return the model with only the given rows of its word embeddings, in that order."""
    words = model.embeddings.word_embeddings.weight.data[torch.tensor(rows)].clone()
    model.embeddings.word_embeddings = nn.Embedding(len(words), words.shape[1], padding_idx=1, _weight=words)
    model.config.vocab_size = len(rows)
    return model


def main() -> None:
    """Prune tokenizer and embeddings and save both under ``WORK/pruned``."""
    options = arguments(__doc__)
    run = Run(options.work, "vocabulary")
    source = packaged("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json")
    base = Tokenizer.from_file(str(source))
    small, rows = prune(base, keep(base, corpus(options.shared)))
    out = options.work / "pruned"
    shrink(BertModel.from_pretrained(options.work / "base", add_pooling_layer=False), rows).save_pretrained(out)
    small.save(str(out / "tokenizer.json"), pretty=False)
    run.note(
        source=source.name,
        sha256=run.sha256(source),
        tokens=len(rows),
        tokenizer_bytes=(out / "tokenizer.json").stat().st_size,
    )


if __name__ == "__main__":
    main()
