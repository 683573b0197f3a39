"""The bundled reader refitted to a workspace's corrections, and taken back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.clock import now
from domain.errors import ConfigError
from nlp.adapt import Cases, adapted, impression_loss
from nlp.artefact import BUNDLED, verified
from nlp.bundled import BundledReader
from nlp.classifier import BUNDLED_NAME
from nlp.decode import IMPRESSIONS, Layer
from nlp.evaluation import accuracy, confusion, f1, macro, quadratic_kappa
from nlp.tuned import Tuning, alone, in_force, packed, promote, roll_back, set_aside
from simak.house import House
from store.queries.corrections import Corrected, corrections

# Fewer labels than this teach nothing that the next ones would not contradict.
LEAST = 60
# Fewer than these judge nothing.
LEAST_HELD = 12
# One correction in five judges the others, chosen by its text so that it judges again next time.
HELD = 5


@dataclass(frozen=True)
class Trial:
    """What a refitting led to: the tuning, and whether it was better on the held-out corrections and is in force."""

    tuning: Tuning
    promoted: bool


@dataclass(frozen=True)
class Return:
    """What a roll-back led to: the version out of force or the unreadable history's new name, and what reads again."""

    rolled_back: str | None
    set_aside: str | None
    reads: str


def adapt(house: House) -> Trial:
    """Refit the last layer to the corrections and put it in force if it reads the held-out ones better.

    "Better" is a smaller loss of the impressions (their negative log-likelihood) with no fewer of them right.
    Raises ConfigError when there are too few corrections or the reader is not the bundled one, and OvertakenError while
    another training is running.
    """
    if house.home.settings.reader.model != BUNDLED_NAME:
        raise ConfigError('Only the bundled reader learns from corrections: set reader.model to "bundled".')
    # Two at once would each be judged against the same reader, and the later one's history would lack the earlier one.
    with alone(house.home.reader_folder):
        return _tried(house, house.home.reader_folder)


def _tried(house: House, folder: Path) -> Trial:
    """Refit, judge against the layer in force, and promote what is better."""
    with house.store.read() as conn:
        corrected = corrections(conn)
    reader = BundledReader(tuned=folder)
    cases, held = _cases(house, reader, corrected)
    # Always from the layer as it was shipped: the corrections are all there, and none should count twice.
    before, after = reader.layer, adapted(reader.shipped_layer, reader.decoder, cases.take(np.flatnonzero(~held)))
    judges = cases.take(np.flatnonzero(held))
    weights = packed(after)
    tuning = Tuning(
        base=reader.base,
        sha256=hashlib.sha256(weights).hexdigest(),
        made_at=now(),
        learnt=int((~held).sum()),
        held=int(held.sum()),
        before=_figures(reader, before, judges),
        after=_figures(reader, after, judges),
    )
    better = _better(tuning)
    if better:
        promote(folder, tuning, weights)
    return Trial(tuning, better)


def _cases(house: House, reader: BundledReader, corrected: Sequence[Corrected]) -> tuple[Cases, np.ndarray]:
    """Return the corrected texts as the reader sees them, and which of them are held out."""
    names = {brand.key: brand.names for brand in house.home.settings.brands}
    found = reader.features([one.text for one in corrected], [names.get(one.brand, ()) for one in corrected])
    labels = [corrected[place].labels for place in found.places]
    held = np.array([_held(corrected[place].text) for place in found.places], bool)
    if len(labels) < LEAST or held.sum() < LEAST_HELD or (~held).sum() < LEAST - LEAST_HELD:
        raise ConfigError(
            f"There are {len(labels)} corrections to learn from; at least {LEAST} of different texts are needed, "
            f"{LEAST_HELD} of them to judge by: correct readings on the Mentions page, then try again."
        )
    return Cases(found.pooled, found.linear, labels), held


def _held(text: str) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % HELD == 0


def _better(tuning: Tuning) -> bool:
    """Tell whether the held-out corrections are likelier and no fewer of them right."""
    before, after = tuning.before, tuning.after
    return (after["loss"] or 0) < (before["loss"] or 0) and (after["accuracy"] or 0) >= (before["accuracy"] or 0)


def _figures(reader: BundledReader, layer: Layer, cases: Cases) -> dict[str, float | None]:
    """Return loss, accuracy, macro-F1 and QWK of the impressions that a layer gives, none where undefined."""
    said = reader.decoder.levels(reader.decoder.calibrated(layer.logits(cases.pooled), cases.linear))
    truth = np.array([IMPRESSIONS.index(one.impression) for one in cases.labels])
    table = confusion(truth, said, len(IMPRESSIONS), np.ones((1, len(truth))))
    found = {
        "loss": impression_loss(layer, reader.decoder, cases),
        "accuracy": accuracy(table).item(),
        "macro-F1": macro(f1(table)).item(),
        "QWK": quadratic_kappa(table).item(),
    }
    return {name: None if np.isnan(value) else value for name, value in found.items()}


def as_text(trial: Trial) -> str:
    """Return what came of it in a few lines."""
    one = trial.tuning
    lines = [f"Learnt from {one.learnt} corrections; judged on {one.held} others:"]
    lines += [f"  {name:<9} {_told(one.before[name])} -> {_told(one.after[name])}" for name in one.before]
    verdict = "In force" if trial.promoted else "Not better, so the present reader stays; it is not"
    return "\n".join([*lines, f"{verdict}: {one.version}."])


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def chosen(*, from_corrections: bool, roll_back: bool) -> None:
    """Raise ConfigError unless exactly one of the two is asked for."""
    if from_corrections == roll_back:
        raise ConfigError("Say which: simak train --from-corrections, or simak train --roll-back.")


def rolled_back(folder: Path) -> Return:
    """Take the layer in force out of force, or an unreadable history out of the way.

    Raises ConfigError when the reader is already as it was shipped, and OvertakenError while a training is running.
    """
    _, base = verified(BUNDLED)
    with alone(folder):
        aside = set_aside(folder)
        gone = roll_back(folder, base)
        tuning = in_force(folder, base)
    if aside is None and gone is None:
        raise ConfigError("The reader as it was shipped is already reading, so there is nothing to roll back.")
    return Return(gone.version if gone else None, str(aside) if aside else None, tuning.version if tuning else base)


def returned(found: Return) -> str:
    """Return what was rolled back in a sentence."""
    if found.set_aside:
        return f"What was learnt could not be read and is now in {found.set_aside}; {found.reads} reads again."
    return f"{found.rolled_back} is out of force; {found.reads} reads again."
