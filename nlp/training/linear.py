"""Train the linear reader that speaks beside the encoder, on the same rows.

``python -m nlp.training.linear --shared ../shared --work build/reader``
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlp.artefact import NGRAMS
from nlp.decode import IMPRESSIONS, JOURNEYS, POINTS, STAGES
from nlp.ngrams import grams
from nlp.training.data import impressions
from nlp.training.work import Run, arguments

STRENGTH = 4.0
SEEN = 4


def weights(features: csr_matrix, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (features, outputs) and biases of logistic regressions for all heads, in the heads' order."""
    points = [rows["touchpoints"].map(lambda held, point=point: point in held).to_numpy() for point in POINTS]
    parts = [
        _many(features, rows["impression"], list(IMPRESSIONS)),
        _one(features, rows["complaint"].to_numpy(bool)),
        _many(features, rows["stage"], list(STAGES)),
        *(_one(features, answers) for answers in points),
        _many(features, rows["journey"], list(JOURNEYS)),
        _one(features, rows["use_gap"].to_numpy(bool)),
    ]
    return np.concatenate([part[0] for part in parts], axis=1), np.concatenate([part[1] for part in parts])


def _many(features: csr_matrix, labels: pd.Series, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return one column of weights a class."""
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(features, labels.map(names.index))
    return model.coef_.T, model.intercept_


def _one(features: csr_matrix, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the single column of weights of a yes."""
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(features, answers)
    return model.coef_.T, model.intercept_


def write(rows: pd.DataFrame, file: Path) -> int:
    """Train on the rows, write the weights in int8, and return how many n-grams there are."""
    vectorizer = TfidfVectorizer(analyzer=grams, min_df=SEEN, sublinear_tf=True)
    matrix, bias = weights(vectorizer.fit_transform(rows["clean"]), rows)
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
    split, out = impressions(options.shared), options.work / "artefact"
    out.mkdir(exist_ok=True)
    fitted = write(split.fit, options.work / NGRAMS)
    shipped = write(pd.concat([split.fit, split.held], ignore_index=True), out / NGRAMS)
    run.note(rows=len(split.fit) + len(split.held), features=[fitted, shipped], bytes=(out / NGRAMS).stat().st_size)


if __name__ == "__main__":
    main()
