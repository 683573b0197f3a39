"""Texts a second and seconds to the first answer of the shipped reader beside what a user would take instead.

``python bench/reader.py [--texts 400] [--threads 2]``

The peers are the transformers pipeline on the same encoder un-quantised in torch (weights drawn at random: they do not
change the time) and TF-IDF with logistic regression. Rounds are interleaved, so a busy machine slows all alike; the
texts are made up here.
"""

# ruff: noqa: PLC0415 - a peer is imported when its turn comes: its import is part of its start
import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ROUNDS = 3
WORDS = (
    "aplikasi kopi paket kurir sinyal admin promo harga cabang kasir barang pesanan internet saldo kamar bagus jelek "
    "cepat lama mahal murah enak lemot error ramah kecewa puas mantap parah banget sekali dong min kok udah belum gak "
    "bisa sampai dari tadi pagi kemarin tolong diperbaiki terima kasih recommended kapok login refund ongkir antri"
)
EMOJI = ["😡", "😂", "👍", "🙏", "😭", "😍", "🤬", "🥺"]
Read = Callable[[Sequence[str]], object]


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


def pipeline(threads: int) -> Read:
    """Return the transformers pipeline on an encoder of the same shape, float32, batches of 32."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast
    from transformers import pipeline as make

    torch.set_num_threads(threads)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(ROOT / "nlp/model/tokenizer.json"), pad_token="<pad>", unk_token="<unk>", model_max_length=96
    )
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
        num_labels=5,
        pad_token_id=1,
    )
    model = BertForSequenceClassification(config).eval()
    pipe = make("text-classification", model=model, tokenizer=tokenizer, batch_size=32, truncation=True, top_k=None)
    return lambda texts: pipe(list(texts))


def linear(_threads: int) -> Read:
    """Return TF-IDF and logistic regression, fitted to made-up texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = made_up(2_000, seed=1)
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(features, LogisticRegression(max_iter=50))
    return model.fit(texts, [len(text) % 5 for text in texts]).predict_proba


PEERS = {"shipped reader": shipped, "transformers pipeline": pipeline, "TF-IDF + regression": linear}


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rates(count: int, threads: int) -> dict[str, float]:
    """Return each peer's median texts a second over interleaved rounds."""
    texts = made_up(count)
    readers = {name: make(threads) for name, make in PEERS.items()}
    for read in readers.values():
        read(texts[:32])
    took = [{name: seconds(partial(read, texts)) for name, read in readers.items()} for _ in range(ROUNDS)]
    return {name: count / median(turn[name] for turn in took) for name in PEERS}


def starts(threads: int) -> dict[str, tuple[float, float]]:
    """Return, for each peer in a fresh process, seconds to its first answer (imports counted) and its peak in MB."""
    found = {}
    for name in PEERS:
        command = [sys.executable, __file__, "--first", name, "--threads", str(threads)]
        turns = [json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL)) for _ in range(ROUNDS)]
        found[name] = (median(turn[0] for turn in turns), median(turn[1] for turn in turns))
    return found


def first(name: str, threads: int) -> None:
    """Print seconds to the first answer and the peak memory in MB of this process."""
    took = seconds(lambda: PEERS[name](threads)(["min, aplikasinya error terus dari pagi"]))
    # The kernel's own count: getrusage would tell the peak of the process that this one was forked from.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([took, int(peak.split()[1]) / 1024]))


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--first", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        return first(options.first, options.threads)
    speed, start = rates(options.texts, options.threads), starts(options.threads)
    print(f"{options.texts} texts, {options.threads} threads, median of {ROUNDS} interleaved rounds\n")
    print("| | texts/s | shipped is | first answer, s | shipped is | peak, MB |\n|---|---|---|---|---|---|")
    for name in PEERS:
        faster, sooner = speed["shipped reader"] / speed[name], start[name][0] / start["shipped reader"][0]
        took, peak = start[name]
        print(f"| {name} | {speed[name]:.0f} | {faster:.3g}x | {took:.2f} | {sooner:.3g}x | {peak:.0f} |")
    return None


if __name__ == "__main__":
    main()
