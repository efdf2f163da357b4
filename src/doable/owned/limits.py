"""What one owner may have."""

from dataclasses import dataclass

from doable.errors import TooMany, Unavailable
from doable.owned.owners import OwnerRow


class NotCounted(Unavailable):
    """What the owner's things take has to be counted first (`owned/storage.py`)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one owner may have. None is no limit."""

    tasks: int | None = None
    stored_bytes: int | None = None

    def check(self, owner: OwnerRow, *, tasks: int = 0, more: int = 0) -> None:
        """Raise TooMany if a write that has added so much has added too much. One that adds nothing may always be done."""
        if self.tasks is not None and tasks > 0 and owner["tasks"] > self.tasks:
            raise TooMany("tasks")
        if self.stored_bytes is not None and more > 0:
            if owner["counted_revision"] != owner["revision"]:
                raise NotCounted
            if owner["stored_bytes"] > self.stored_bytes:
                raise TooMany("storage")
