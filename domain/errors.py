"""One exception tree, named by what the caller does next.

SimakError
├── TransientError      wait a little and try again
│   └── RateLimitedError    wait until the time it carries
│       └── BudgetError         the same, and nothing has failed: what may be spent is spent
├── PermanentError      stop this source and tell the operator
├── PoisonError         put this one item aside and go on
├── OvertakenError      leave it: another process is doing the same work
├── ForbiddenError      do not do it: whoever asks may not
└── ConfigError         a person must change a setting; the sentence says which
"""

from datetime import datetime


class SimakError(Exception):
    """Anything that Simak itself raises; its text is one sentence for a person."""


class TransientError(SimakError):
    """The source failed in a way that passes: a reset, a 5xx, a truncated answer."""


class RateLimitedError(TransientError):
    """The source asked to wait until ``until`` (aware UTC)."""

    def __init__(self, message: str, until: datetime) -> None:
        """Keep the sentence and the time to wait for."""
        super().__init__(message)
        self.until = until


class BudgetError(RateLimitedError):
    """What may be spent on a source is spent; it goes on at ``until``, when the allowance is renewed."""


class PermanentError(SimakError):
    """The source refuses and will go on refusing: a revoked key, a closed feed."""


class PoisonError(SimakError):
    """One item cannot be understood; its batch can."""


class OvertakenError(SimakError):
    """Another process has moved on what this one was working on."""


class ForbiddenError(SimakError):
    """Whoever asks has not got the right; the sentence says what to do."""


class ConfigError(SimakError):
    """A setting is missing or wrong; the sentence says which one and what to put there."""
