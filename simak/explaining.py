"""Shows on a terminal, or as JSON, which words moved a reading."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from domain.vocabulary import Impression
from nlp.explain import Explanation, Pair, Word

_BAR = 30
_COLOURS = {
    Impression.BOO: "red",
    Impression.ARRGH: "yellow",
    Impression.OK: "white",
    Impression.AHA: "green",
    Impression.WOW: "bright_green",
}
# Below a twentieth of a level a word has moved nothing that a person would call a reason.
FAINT = 0.05


def as_json(found: Explanation, version: str) -> dict[str, Any]:
    """Return an explanation as ``simak explain --json`` prints it."""
    return {
        "text": found.text,
        "reading": found.reading.model_dump(mode="json"),
        "version": version,
        "named": found.named,
        "words": [asdict(word) for word in found.words],
        "pairs": [
            {"first": pair.first.text, "second": pair.second.text, "value": pair.value, "extra": pair.extra}
            for pair in found.pairs
        ],
        "untried": found.untried,
    }


def as_page(found: Explanation, version: str) -> Group:
    """Return an explanation as a terminal shows it."""
    return Group(*_parts(found, version))


def _parts(found: Explanation, version: str) -> Iterator[RenderableType]:
    yield _verdict(found, version)
    if found.named is None:
        return
    yield _bars(found)
    if not found.words:
        yield Text("There is no word to take out that would leave a text to read.")
        return
    yield _signed(found)
    yield _words(found.words, found.named)
    if found.pairs:
        yield Text("\nActing together (measured by taking out both):")
        yield from map(_together, found.pairs[:3])
    if found.untried:
        yield Text(f"\n{found.untried:,} words in the middle of this long text were not tried.")


def _verdict(found: Explanation, version: str) -> Text:
    if found.reading.impression:
        return Text(f"{found.reading.impression.label_en}, read by {version}", style="bold")
    why = "the reader is not sure enough" if found.named else "nothing to read, or a language that is not covered"
    return Text(f"Not scored by {version}: {why}.", style="bold")


def _bars(found: Explanation) -> Table:
    """Return a bar for the calibrated probability of each impression."""
    table = Table.grid(padding=(0, 2))
    for word, chance in (found.reading.probabilities or {}).items():
        table.add_row(word.label_en, Text("█" * round(chance * _BAR) or "▏", style=_COLOURS[word]), f"{chance:.1%}")
    return table


def _signed(found: Explanation) -> Text:
    """Return the text with a sign behind each word that moved the reading: up, down, twice where it is strong."""
    shown, at = Text("\n"), 0
    for word in sorted(found.words, key=lambda word: word.start):
        shown.append(found.text[at : word.end])
        shown.append(_sign(word), style="green" if word.value > 0 else "red")
        at = word.end
    return shown.append(found.text[at:] + "\n")


def _sign(word: Word) -> str:
    """Return the sign of a word's effect: none when faint, double from half a level."""
    times = 0 if abs(word.value) < FAINT else 1 if abs(word.value) < 0.5 else 2  # noqa: PLR2004 - said above
    return ("⁺" if word.value > 0 else "⁻") * times


def _words(words: tuple[Word, ...], named: Impression) -> Table:
    """Return the words by the size of their effect, the faint ones left out unless all are."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("word")
    table.add_column("effect (levels)", justify="right")
    table.add_column(f"on the probability of {named.label_en}", justify="right")
    for word in [word for word in words if abs(word.value) >= FAINT] or words[:3]:
        table.add_row(Text(word.text), f"{word.value:+.2f}", f"{word.chance * 100:+.1f} points")
    return table


def _together(pair: Pair) -> Text:
    apart = pair.first.value + pair.second.value
    return Text(f"  {pair.first.text} + {pair.second.text}: {pair.value:+.2f} together, {apart:+.2f} one by one")
