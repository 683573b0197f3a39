"""What each stage and each part of the labels is worth, told by probes: heads fitted to encoders that stay as they are.

``python -m nlp.training.ablate --shared ../shared --work build/reader``

A probe is a logistic regression on the pooled states of the same labelled rows, judged on the natural sample of
``valid`` (Alain and Bengio, 2016, "Understanding intermediate layers using linear classifier probes"). It takes minutes
where a fine-tuning takes an hour; it tells what an encoder knows, not what fine-tuning it would reach.
"""

import time

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nlp.evaluation import confusion, f1, macro, quadratic_kappa
from nlp.tokens import padded
from nlp.training.data import IMPRESSIONS, impressions, shown
from nlp.training.model import encoder, pooled, tokens
from nlp.training.work import SEED, Run, arguments

ENCODERS = {"pruned": "as published, vocabulary pruned", "weak": "after stars and sentiments"}
STRENGTH = 0.01
_BATCH = 32


@torch.inference_mode()
def states(folder: str, ids: list[list[int]], run: Run) -> np.ndarray:
    """Return the pooled states (texts, hidden) of token ids under the encoder in a folder of the run's work."""
    network = encoder(run.work / folder).eval()  # type: ignore[no-untyped-call]
    order = np.argsort([len(row) for row in ids])
    found = np.zeros((len(ids), network.config.hidden_size), np.float32)
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        inputs = (torch.from_numpy(array) for array in padded([ids[row] for row in rows]))
        found[rows] = pooled(network, *inputs).numpy()
    return found


def probe(seen: np.ndarray, labels: pd.Series, new: np.ndarray, truth: pd.Series) -> dict[str, float]:
    """Return macro-F1 and QWK of the impressions that a probe names."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=500))
    said = model.fit(seen, labels.map(IMPRESSIONS.index)).predict(new)
    table = confusion(truth.map(IMPRESSIONS.index).to_numpy(), said, len(IMPRESSIONS), np.ones((1, len(truth))))
    return {"macro-F1": macro(f1(table)).item(), "QWK": quadratic_kappa(table).item()}


def main() -> None:
    """Print one row of a table for each encoder and each part of the labels."""
    options = arguments(__doc__)
    run, split = Run(options.work, "ablate"), impressions(options.shared)
    natural = split.valid[split.valid["sample"] == "natural"]
    given = split.fit[split.fit["origin"] == "given"]
    parts = {
        "the given labels": given,
        "as many of ours": split.fit[split.fit["origin"] == "ours"].sample(n=len(given), random_state=SEED),
    }
    print("| encoder | probe on | rows | macro-F1 | QWK | minutes |\n|---|---|---|---|---|---|")
    for folder, name in ENCODERS.items():
        started = time.monotonic()
        new = states(folder, _ids(natural, run), run)
        seen = {part: states(folder, _ids(rows, run), run) for part, rows in parts.items()}
        sets = {part: (seen[part], rows["impression"]) for part, rows in parts.items()}
        sets["both"] = (np.concatenate(list(seen.values())), pd.concat(parts.values())["impression"])
        for part, (features, labels) in sets.items():
            figures = probe(features, labels, new, natural["impression"])
            minutes = (time.monotonic() - started) / 60
            run.note(encoder=folder, labels=part, rows=len(labels), **figures)
            cells = f"{figures['macro-F1']:.3f} | {figures['QWK']:.3f} | {minutes:.1f}"
            print(f"| {name} | {part} | {len(labels):,} | {cells} |", flush=True)


def _ids(rows: pd.DataFrame, run: Run) -> list[list[int]]:
    """Return the token ids of texts in the form with the brand marked."""
    forms = [shown(*row)[-1] for row in zip(rows["text"], rows["brand"], rows["sample"], strict=True)]
    return tokens(run.work / "pruned").ids(forms)


if __name__ == "__main__":
    main()
