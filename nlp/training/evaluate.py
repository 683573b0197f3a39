"""Print the figures of a reader on ``valid`` beside the linear floor trained on the same rows.

``python -m nlp.training.evaluate --shared ../shared --work build/reader``
"""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from domain.records import Reading
from nlp.artefact import BUNDLED
from nlp.bundled import BundledReader
from nlp.decode import IMPRESSIONS, JOURNEYS, POINTS, STAGES
from nlp.training import floor
from nlp.training.data import impressions
from nlp.training.metrics import Rows, figures, intervals
from nlp.training.work import SEED, Run, arguments

_CLASSES = {"impression": IMPRESSIONS, "stage": STAGES, "journey": JOURNEYS}
_YES = 0.5


def truth_of(rows: pd.DataFrame) -> Rows:
    """Return the labels of rows as arrays."""
    return {
        **{name: rows[name].map(list(words).index).to_numpy() for name, words in _CLASSES.items()},
        **{name: rows[name].to_numpy(bool) for name in ("complaint", "use_gap")},
        "points": np.array([[point in held for point in POINTS] for held in rows["touchpoints"]]),
    }


def said_by_reader(readings: Sequence[Reading]) -> Rows:
    """Return scored readings as arrays."""
    table = pd.DataFrame([dict(reading) for reading in readings])
    return {
        **{name: table[name].map(list(words).index).to_numpy() for name, words in _CLASSES.items()},
        "probabilities": np.array([[held[word] for word in IMPRESSIONS] for held in table["probabilities"]]),
        "complaint": table["complaint"].to_numpy(float) >= _YES,
        "use_gap": table["use_gap"].to_numpy(bool),
        "points": np.array([[point in held for point in POINTS] for held in table["touchpoints"]]),
    }


def said_by_floor(train: pd.DataFrame, rows: pd.DataFrame) -> Rows:
    """Return what TF-IDF and logistic regression, trained on ``train``, say of the rows."""
    features = floor.Features(train["clean"])
    seen, new = features.of(train["clean"]), features.of(rows["clean"])
    chances = {
        name: floor.probabilities(seen, train[name], new, [str(word) for word in words])
        for name, words in _CLASSES.items()
    }
    yes = {name: floor.probabilities(seen, train[name], new, [False, True])[:, 1] for name in ("complaint", "use_gap")}
    return {
        **{name: held.argmax(1) for name, held in chances.items()},
        **{name: held >= _YES for name, held in yes.items()},
        "probabilities": chances["impression"],
        "points": floor.points(seen, train["touchpoints"], new),
    }


def main() -> None:
    """Evaluate ``nlp/model`` and write ``WORK/evaluation.json``."""
    options = arguments(__doc__)
    run = Run(options.work, "evaluate")
    split = impressions(options.shared)
    reader = BundledReader(BUNDLED)
    readings = reader.read(split.valid["text"].tolist())
    scored = np.array([reading.impression is not None for reading in readings])
    rows = split.valid[scored].reset_index(drop=True)
    said = said_by_reader([reading for reading in readings if reading.impression is not None])
    linear = said_by_floor(pd.concat([split.fit, split.held], ignore_index=True), rows)
    report = {}
    for name, chosen in {"natural": (rows["sample"] == "natural").to_numpy(), "all": np.ones(len(rows), bool)}.items():
        truth, ours, floors = (
            {key: held[chosen] for key, held in side.items()} for side in (truth_of(rows), said, linear)
        )
        edges = intervals(truth, ours, figures, SEED) if name == "natural" else {}
        report[name] = _table(f"{name}: {chosen.sum()} rows", figures(truth, ours), figures(truth, floors), edges)
    (options.work / "evaluation.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    run.note(version=reader.version, valid=len(split.valid), not_scored=int((~scored).sum()))


def _table(
    title: str, ours: dict[str, float], linear: dict[str, float], edges: dict[str, tuple[float, float]]
) -> dict[str, list[float]]:
    """Print one table in Markdown and return its numbers: ours, the floor's, and the interval's ends."""
    print(f"\n{title}\n\n| figure | reader | 95 % interval | linear floor |\n|---|---|---|---|")
    for name, value in ours.items():
        interval = "{:.3f} to {:.3f}".format(*edges[name]) if name in edges else ""
        print(f"| {name} | {value:.3f} | {interval} | {linear[name]:.3f} |")
    return {name: [value, linear[name], *edges.get(name, ())] for name, value in ours.items()}


if __name__ == "__main__":
    main()
