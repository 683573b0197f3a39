"""What to do about a complaint that grows: what care asks for, and what the evidence warns of.

Sources and wording are in docs/responding.md.
"""

from collections.abc import Mapping
from typing import Any

from alerts.reasons import kinds
from domain.vocabulary import AlertReason, Severity, Word

# Where anger outweighs sadness: the reader's arousal is a calibrated probability.
AROUSED = 0.5
_TO_EXPERTS = {Severity.SAFETY, Severity.FRAUD, Severity.DISCRIMINATION, Severity.DATA_LEAK}


class Advice(Word):
    """One thing to do, or not to do."""

    EMPATHY = "empathy", "Empati", "Empathy", "Answer soon as a person, name what happened, without excuses."
    APOLOGY = "apology", "Minta maaf", "Apology", "Close the public answer with an apology."
    CHANNEL = "channel", "Pindah kanal", "Channel change", "Offer a direct channel early, and answer there at once."
    EXPLAIN = "explain", "Jelaskan", "Explain", "To anger, explain what happened and what is being done."
    NO_COMPENSATION = (
        "no_compensation",
        "Jangan tawarkan kompensasi terbuka",
        "No public compensation",
        "Do not offer compensation in public to an angry post: it fuels the fire.",
    )
    VARY = "vary", "Ubah cara", "Vary", "It is burning already: vary the answers over time, and repeat no phrase."
    EXPERTS = "experts", "Libatkan ahli", "Experts", "Bring in those responsible for harm of this kind now."
    CAUSE = "cause", "Perbaiki sebabnya", "Fix the cause", "Many meet the same trouble: mend it, and tell all at once."
    CHECK = "check", "Periksa sumber", "Check", "Look at the source: until it listens, growth may go unseen."


def advise(reason: AlertReason, facts: Mapping[str, Any]) -> list[Advice]:
    """Return what to do, the first thing first, and last what not to do."""
    if reason in {AlertReason.SOURCE, AlertReason.STALE}:
        return [Advice.CHECK]
    if reason is AlertReason.COMPETITOR:
        return []
    angry = float(facts.get("arousal") or 0) >= AROUSED
    steps = [Advice.EXPERTS] if _TO_EXPERTS & set(kinds(facts)) else []
    steps += [Advice.EMPATHY]
    steps += [Advice.EXPLAIN] if angry else []
    steps += [Advice.VARY] if _burning(facts) else [Advice.APOLOGY, Advice.CHANNEL]
    steps += [Advice.CAUSE] if int(facts.get("authors") or 0) >= 3 else []  # noqa: PLR2004 - as for a cluster
    return [*steps, Advice.NO_COMPENSATION] if angry else steps


def _burning(facts: Mapping[str, Any]) -> bool:
    """Tell whether the reach has been passed: then it is no longer to be prevented."""
    return float(facts.get("count") or 0) >= float(facts.get("reach") or "inf")
