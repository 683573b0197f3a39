"""Small real checkpoints: a two-layer BERT that a test trains and saves."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

FIVE = ["BOO", "ARRGH", "OK", "AHA", "WOW"]
SAID = {
    "BOO": ["kapok jangan beli penipu", "penipu kapok"],
    "ARRGH": ["kecewa lambat error", "lambat kecewa"],
    "OK": ["tanya cara daftar", "cara daftar gimana"],
    "AHA": ["bagus cepat puas", "puas bagus"],
    "WOW": ["terbaik wajib coba", "wajib terbaik"],
}


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a word tokenizer of the few words used here."""
    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(
        [text for texts in SAID.values() for text in texts],
        trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"], show_progress=False),
    )
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")


def save(folder: Path, labels: list[str], *, steps: int = 60) -> Path:
    """Train a two-layer BERT on the sentences of each label for some steps and save it; return the folder."""
    torch.manual_seed(1)
    words = tokenizer()
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    rows = [(text, place) for place, texts in enumerate(list(SAID.values())[: len(labels)]) for text in texts]
    inputs = words([text for text, _ in rows], padding=True, return_tensors="pt", return_token_type_ids=False)
    truth = torch.tensor([place for _, place in rows])
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        model(**inputs, labels=truth).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    words.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder
