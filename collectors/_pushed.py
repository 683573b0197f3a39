"""What the sources share that call us: how a call is refused, and how a signature is compared."""

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

from collectors.base import Tools
from domain.errors import ConfigError, PermanentError, PoisonError


class UnsignedError(PermanentError):
    """The call is not signed with our key; the caller learns no more than that."""


class RefusedError(PoisonError):
    """The call is signed with our key and cannot be taken; ``faults`` are the items' places and what is wrong."""

    def __init__(self, message: str, faults: Sequence[tuple[int, str]] = ()) -> None:
        """Keep the sentence and the faults."""
        super().__init__(message)
        self.faults = tuple(faults)


class OversizedError(RefusedError):
    """The call is signed with our key and brings more at once than is taken."""


def signs(key: bytes, message: bytes, signature: str) -> bool:
    """Tell, in a time that does not tell how nearly, whether a hexadecimal HMAC-SHA256 of the message is that."""
    return same(hmac.digest(key, message, hashlib.sha256).hex(), signature)


def same(ours: str, theirs: str) -> bool:
    """Tell whether two texts are the same, in a time that does not tell how nearly they are."""
    return hmac.compare_digest(ours.encode(), theirs.encode(errors="replace"))


def needed(tools: Tools, name: str, why: str, least: int = 1) -> SecretStr:
    """Return a secret; raises ConfigError that names it when it is missing or shorter than ``least``."""
    secret = tools.secret(name)
    variable = f"SIMAK_{name.upper()}"
    if secret is None:
        raise ConfigError(f"{variable} is not set: {why}.")
    if len(secret.get_secret_value()) < least:
        raise ConfigError(f"{variable} is shorter than {least} characters and could be guessed: set a longer one.")
    return secret
