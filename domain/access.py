"""Who may do what: roles of people who use Simak, and the rights that each of them has."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import ForbiddenError
from domain.records import Record
from domain.vocabulary import UserRole


class Right(StrEnum):
    """Something that not everybody may do."""

    LOOK = "look"
    HANDLE = "handle"
    CORRECT = "correct"
    EXPORT = "export"
    IDENTIFY = "identify"
    SET = "set"


_LOOKS = frozenset({Right.LOOK})
_HANDLES = _LOOKS | {Right.HANDLE}
_LEARNS = _HANDLES | {Right.CORRECT, Right.EXPORT}
RIGHTS: Mapping[UserRole, frozenset[Right]] = MappingProxyType(
    {
        UserRole.VIEWER: _LOOKS,
        UserRole.MANAGER: _HANDLES,
        UserRole.ANALYST: _LEARNS,
        UserRole.ADMIN: frozenset(Right),
    }
)


class Viewer(Record):
    """Somebody who looks at the pages: ``name`` is a verified e-mail address, or who the pages belong to."""

    name: str
    role: UserRole

    def may(self, right: Right) -> bool:
        """Tell whether this person has a right."""
        return right in RIGHTS[self.role]

    def demand(self, right: Right) -> None:
        """Raise ForbiddenError when this person has not got a right."""
        if not self.may(right):
            raise ForbiddenError(f"The role “{self.role.label_en}” may not do this: ask an admin for another one.")
