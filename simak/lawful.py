"""Nothing is collected of people before it is said why it may be, and what for."""

from typing import get_args

from domain.errors import ConfigError
from simak.settings import FILE, Basis, Home


def unfounded(home: Home) -> str | None:
    """Say in a sentence what is missing, or return ``None``; the sample's people are invented."""
    lacking = [brand.key for brand in home.settings.brands if not (brand.basis and brand.purpose)]
    if home.sample or not lacking:
        return None
    grounds = ", ".join(ground for ground in get_args(Basis) if ground != "legitimate_interest")
    likewise = f"; likewise {', '.join(lacking[1:])}" if lacking[1:] else ""
    return (
        f'{FILE}:brands.{lacking[0]}: say why texts of people may be kept: add basis = "legitimate_interest" (or '
        f'{grounds}: UU PDP, article 20) and purpose = "what they are kept for, in a sentence"{likewise}.'
    )


def hold_to_law(home: Home) -> None:
    """Raise ConfigError while a brand lacks its lawful basis or purpose."""
    sentence = unfounded(home)
    if sentence:
        raise ConfigError(sentence)
