"""What a user would take instead of the shipped reader, each with weights drawn at random: they do not change the time.

A maker takes a number of threads and returns a function from texts to anything; what it needs is imported when its turn
comes, because that import is part of its start.
"""

# ruff: noqa: PLC0415 - see above
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOKENIZER = ROOT / "nlp/model/tokenizer.json"
OUTPUTS = 26
WORDS = (
    "aplikasi kopi paket kurir sinyal admin promo harga cabang kasir barang pesanan internet saldo kamar bagus jelek "
    "cepat lama mahal murah enak lemot error ramah kecewa puas mantap parah banget sekali dong min kok udah belum gak "
    "bisa sampai dari tadi pagi kemarin tolong diperbaiki terima kasih recommended kapok login refund ongkir antri"
)
EMOJI = ["😡", "😂", "👍", "🙏", "😭", "😍", "🤬", "🥺"]
Read = Callable[[Sequence[str]], object]
# Width, heads, width of the inner layer; all have twelve layers.
OURS, BASE = (384, 12, 1_536), (768, 12, 3_072)


def made_up(count: int, seed: int = 7) -> list[str]:
    """Return texts of 4 to 60 words, mostly short, one in three with an emoji."""
    dice = random.Random(seed)
    lengths = (min(60, 4 + int(dice.expovariate(1 / 18))) for _ in range(count))
    return [
        " ".join(dice.choices(WORDS.split(), k=length)) + (" " + dice.choice(EMOJI) if dice.random() < 1 / 3 else "")
        for length in lengths
    ]


def shipped(threads: int) -> Read:
    """Return the bundled reader."""
    from nlp.bundled import BundledReader

    return BundledReader(threads=threads).read


def pipeline(threads: int, shape: tuple[int, int, int], batch: int) -> Read:
    """Return the transformers pipeline in float32."""
    import torch
    from transformers import BertForSequenceClassification
    from transformers import pipeline as make

    torch.set_num_threads(threads)
    model: Any = BertForSequenceClassification(_config(shape))
    pipe = make("text-classification", model=model.eval(), tokenizer=_tokenizer(), batch_size=batch, truncation=True)
    return lambda texts: pipe(list(texts))


def eager(threads: int) -> Read:
    """Return torch in float32 on our shape, over the batches that the shipped reader makes."""
    import torch

    torch.set_num_threads(threads)
    model = _encoder(OURS)

    def read(texts: Sequence[str]) -> None:
        with torch.inference_mode():
            for ids, mask in _batches(texts):
                model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))

    return read


def onnx_float32(threads: int) -> Read:
    """Return ONNX Runtime in float32 on our shape and graph, over the batches that the shipped reader makes."""
    import numpy as np
    import onnxruntime as ort

    from nlp.engine import session_options
    from nlp.training.graph import build

    model = _encoder(OURS)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    heads = (np.zeros((OUTPUTS, OURS[0]), np.float32), np.zeros(OUTPUTS, np.float32))
    options = session_options()
    options.intra_op_num_threads = threads
    written = build(state, heads, model.config).SerializeToString()
    session = ort.InferenceSession(written, options, providers=["CPUExecutionProvider"])
    return lambda texts: [session.run(["logits"], {"ids": ids, "mask": mask}) for ids, mask in _batches(texts)]


def ctranslate2_int8(threads: int) -> Read:
    """Return CTranslate2 in int8 on our shape, over the batches that the shipped reader makes."""
    ctranslate2: Any = import_module("ctranslate2")
    with tempfile.TemporaryDirectory() as folder:
        _encoder(OURS).save_pretrained(f"{folder}/torch")
        _tokenizer().save_pretrained(f"{folder}/torch")
        converter = ctranslate2.converters.TransformersConverter(f"{folder}/torch")
        converter.convert(f"{folder}/int8", quantization="int8")
        encoder = ctranslate2.Encoder(f"{folder}/int8", compute_type="int8", intra_threads=threads)

    def read(texts: Sequence[str]) -> None:
        for ids, mask in _batches(texts):
            encoder.forward_batch([row[:size].tolist() for row, size in zip(ids, mask.sum(1), strict=True)])

    return read


def linear(_threads: int) -> Read:
    """Return TF-IDF and logistic regression, fitted to made-up texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = made_up(2_000, seed=1)
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model: Any = make_pipeline(features, LogisticRegression(max_iter=50))
    read: Read = model.fit(texts, [len(text) % 5 for text in texts]).predict_proba
    return read


def _config(shape: tuple[int, int, int]) -> Any:
    """Return the configuration of a BERT of this shape over our vocabulary."""
    from transformers import BertConfig

    width, heads, inner = shape
    sizes: dict[str, Any] = {"hidden_size": width, "num_attention_heads": heads, "intermediate_size": inner}
    kinds: dict[str, Any] = {"position_embedding_type": "absolute", "pad_token_id": 1, "num_labels": 5}
    return BertConfig(vocab_size=len(_tokenizer()), **sizes, **kinds)


def _encoder(shape: tuple[int, int, int]) -> Any:
    """Return an encoder of this shape."""
    from transformers import BertModel

    model: Any = BertModel(_config(shape), add_pooling_layer=False)
    return model.eval()


@cache
def _tokenizer() -> Any:
    """Return our tokenizer as transformers takes it."""
    import transformers

    marks = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    make: Any = transformers.PreTrainedTokenizerFast
    return make(tokenizer_file=str(TOKENIZER), model_max_length=96, **marks)


def _batches(texts: Sequence[str]) -> Iterator[tuple[Any, Any]]:
    """Yield ids and mask of length-sorted batches, as the shipped reader makes them."""
    from tokenizers import Tokenizer

    from nlp.engine import sorted_batches
    from nlp.tokens import Tokens, padded

    rows = Tokens(Tokenizer.from_file(str(TOKENIZER))).ids(texts)
    return (padded([rows[row] for row in batch]) for batch in sorted_batches([len(row) for row in rows]))


SHIPPED, REFERENCE = "shipped reader", ("pipeline, BERT-base, batch 1", "pipeline, BERT-base, batch 32")
PEERS: dict[str, Callable[[int], Read]] = {
    SHIPPED: shipped,
    REFERENCE[0]: partial(pipeline, shape=BASE, batch=1),
    REFERENCE[1]: partial(pipeline, shape=BASE, batch=32),
    "pipeline, our shape, batch 32": partial(pipeline, shape=OURS, batch=32),
    "torch, our shape": eager,
    "ONNX Runtime float32, our shape": onnx_float32,
    "CTranslate2 int8, our shape": ctranslate2_int8,
    "TF-IDF + regression": linear,
}
