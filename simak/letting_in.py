"""Lets people in to the pages, with a line in the audit for each."""

import re
from typing import Any

from domain.clock import now
from domain.errors import ConfigError
from domain.vocabulary import UserRole
from simak.house import House
from store import access
from store.audit import audit

# Enough to tell an address from a name; whether it is somebody's is for the provider to say.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BY = "operator"


def listed(house: House) -> list[dict[str, Any]]:
    """Return everybody who may sign in."""
    with house.store.read() as conn:
        return [{"email": email, "role": role.value} for email, role in access.accounts(conn).items()]


def put(house: House, email: str, role: UserRole) -> str:
    """Give somebody a role, and say so; raises ConfigError for what is no e-mail address."""
    if not _EMAIL.fullmatch(email):
        raise ConfigError(f"“{email}” is no e-mail address: give the one that the person signs in with.")
    with house.store.write() as conn:
        access.put(conn, email, role)
        audit(conn, _BY, "user let in", f"{email.casefold()}: {role}", now())
    told = f"{email.casefold()} is {role}."
    return told if house.home.settings.access else f"{told} Nobody signs in yet: add [access] to simak.toml."


def remove(house: House, email: str) -> str:
    """Let somebody in no longer, and say so; raises ConfigError for somebody who was not let in."""
    with house.store.write() as conn:
        if not access.remove(conn, email):
            raise ConfigError(f"“{email}” was not let in: see “simak users list”.")
        audit(conn, _BY, "user turned away", email.casefold(), now())
    return f"{email.casefold()} is let in no longer."


def as_text(found: list[dict[str, Any]]) -> str:
    """Return the users as lines."""
    return "\n".join(f"{one['email']:<40} {one['role']}" for one in found) or "Nobody: add one with “simak users set”."
