"""Who looks at the pages, and what they may do there."""

from domain.access import Viewer
from domain.vocabulary import UserRole

# On this machine alone nobody signs in: who reaches the pages is who owns what they show.
OWNER = Viewer(name="dashboard", role=UserRole.ADMIN)


def viewer() -> Viewer:
    """Return who looks at the pages."""
    return OWNER
