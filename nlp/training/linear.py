"""Train the linear reader that speaks beside the encoder, on the same rows.

Of a text of which only the sentiment is known the encoder, already exported, says which impression of that side it is.

``python -m nlp.training.linear --shared ../shared --work build/reader``
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlp.artefact import NGRAMS
from nlp.decode import IMPRESSIONS, JOURNEYS, POINTS, STAGES, Array, split
from nlp.engine import Engine
from nlp.ngrams import grams
from nlp.training.data import impressions, shown, side
from nlp.training.work import Run, arguments

STRENGTH = 4.0
SEEN = 4
# The impressions of a negative, a neutral and a positive text, by their places.
_SIDES = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]], bool)


def placed(logits: Array, sentiments: np.ndarray) -> list[str]:
    """Return for each row of logits of the five impressions the likeliest on the side of its sentiment, 0 to 2."""
    return [str(IMPRESSIONS[place]) for place in np.where(_SIDES[sentiments], logits, -np.inf).argmax(1)]


def weights(features: csr_matrix, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (features, outputs) and biases of logistic regressions for all heads, in the heads' order."""
    told = rows["touchpoints"].dropna()
    points = [told.map(lambda held, point=point: point in held).reindex(rows.index) for point in POINTS]
    parts = [
        _fitted(features, rows["impression"].map(list(IMPRESSIONS).index)),
        _fitted(features, rows["complaint"]),
        _fitted(features, rows["stage"].map(list(STAGES).index, na_action="ignore")),
        *(_fitted(features, answers) for answers in points),
        _fitted(features, rows["journey"].map(list(JOURNEYS).index, na_action="ignore")),
        *(_fitted(features, rows[name]) for name in ("use_gap", "arousal", "off_topic")),
    ]
    return np.concatenate([part[0] for part in parts], axis=1), np.concatenate([part[1] for part in parts])


def _fitted(features: csr_matrix, labels: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return one column of weights a class, or a single one for a yes, from the rows that have a label."""
    known = labels.notna().to_numpy()
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(features[known], labels[known].astype(int))
    return model.coef_.T, model.intercept_


def _felt(rows: pd.DataFrame, engine: Engine) -> pd.DataFrame:
    """Return the rows of which the sentiment is known, with an impression and no other label."""
    rows = rows[rows["sentiment"] >= 0].assign(brand=None, sample=None)
    logits = split(engine.all_logits(rows["clean"].tolist()))["impression"]
    return rows.assign(impression=placed(logits, rows["sentiment"].to_numpy(int)))


def write(rows: pd.DataFrame, file: Path) -> int:
    """Train on the rows, write the weights in int8, and return how many n-grams there are."""
    texts = [shown(*row)[0] for row in zip(rows["text"], rows["brand"], rows["sample"], strict=True)]
    vectorizer = TfidfVectorizer(analyzer=grams, min_df=SEEN, sublinear_tf=True)
    matrix, bias = weights(vectorizer.fit_transform(texts), rows)
    scale = np.abs(matrix).max(0) / 127
    np.savez_compressed(
        file,
        grams=np.frombuffer("\n".join(vectorizer.get_feature_names_out()).encode(), np.uint8),
        rarity=vectorizer.idf_.astype(np.float16),
        weights=np.rint(matrix / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
    )
    return len(matrix)


def main() -> None:
    """Write ``WORK/ngrams.npz``, which calibration reads, and the one to ship under ``WORK/artefact``.

    The first has not seen the held-out tenth; the second has, for every row teaches it slang.
    """
    options = arguments(__doc__)
    run = Run(options.work, "linear")
    rows, out = impressions(options.shared), options.work / "artefact"
    felt = _felt(side(options.shared, rows), Engine(out))
    fitted = write(pd.concat([rows.fit, felt], ignore_index=True), options.work / NGRAMS)
    shipped = write(pd.concat([rows.fit, rows.held, felt], ignore_index=True), out / NGRAMS)
    size = (out / NGRAMS).stat().st_size
    run.note(rows=len(rows.fit) + len(rows.held), felt=len(felt), features=[fitted, shipped], bytes=size)


if __name__ == "__main__":
    main()
