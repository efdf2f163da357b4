"""What is known of a backup before it is restored."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from doable import clock
from doable.database.schema import SCHEMA_VERSION, Schema
from doable.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is whole, by what it says of itself."""

    schema: Schema
    made_at: datetime
    users: int

    def __str__(self) -> str:
        return (
            f"version {self.schema.version}, {self.users} user{'' if self.users == 1 else 's'}, "
            f"made at {self.made_at:%Y-%m-%d %H:%M:%S} UTC ({_age(self.made_at)} ago)"
        )

    def check(self, path: Path) -> None:
        """Raise Misconfigured if it is too new for this code."""
        if self.schema.version > SCHEMA_VERSION and not self.schema.is_usable:
            known = f"this Doable only knows versions up to {SCHEMA_VERSION}"
            raise refusal(
                path, f"is of version {self.schema.version}, and {known}: install the newer one to restore it"
            )


def refusal(path: Path, what: str) -> Misconfigured:
    """The error that says what is wrong with this file."""
    return Misconfigured(f"The file {path} {what}.")


def _age(since: datetime) -> str:
    seconds = max(0, int((clock.now() - since).total_seconds()))
    for name, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {name}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
