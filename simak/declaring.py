"""What the audit is told of the settings: enough to see what changed, and no secret."""

import hashlib
import json

from simak.settings import BrandTable, Settings, SourceTable

# Enough to see that options changed; an address among them may hold a token.
_SHORT = 16


def declared(settings: Settings) -> dict[str, str]:
    """Return what the audit keeps of the settings, by name: no secret, and of addresses a digest only."""
    return {
        "http": f"private hosts {_listed(settings.http.allow_private)}",
        "reader": settings.reader.model,
        **{f"brand {brand.key}": _brand(brand) for brand in settings.brands},
        **{f"source {source.name}": _source(source) for source in settings.sources},
    }


def _brand(brand: BrandTable) -> str:
    return f"{brand.role}, {brand.name}, {_listed(brand.aliases)}"


def _source(source: SourceTable) -> str:
    retention = source.retention or "as its terms let"
    budget = f"{source.budget.day} a day, {source.budget.month} a month"
    options = json.dumps(source.options, sort_keys=True, default=str)
    digest = hashlib.sha256(options.encode()).hexdigest()[:_SHORT]
    parts = (f"every {source.every}", f"watch {source.watch}", f"retention {retention}", f"budget {budget}")
    return f"{source.collector}, {', '.join(parts)}, options {digest}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
