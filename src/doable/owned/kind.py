"""The registration of a kind of thing: all that is known of it outside of its own folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from doable.database import Row
from doable.database.protocol import Work
from doable.owned.answers import Answer
from doable.owned.repository import OwnedRepository, Revisions


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that can be done with one thing of a kind in a batch, beside making, changing and deleting it."""

    description: str
    work: Callable[[Any, str, Mapping[str, Any], Revisions | None], Work[Row]]
    """From the kind's repository, the id, the operation's members and the revisions that are expected."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """What it has beside `op`, `kind`, `id` and `if_revision`, as `pydantic.create_model` takes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of thing that an owner has. Whoever must know all of them asks `doable.kinds.KINDS`."""

    repository: type[OwnedRepository[Any]]
    read: type[BaseModel]
    """How it goes over the wire: the model of the rows that the repository answers."""
    version: int
    """Of that representation: an ETag has it, so that nobody goes on with what lacks a new member."""
    create: type[BaseModel]
    change: type[BaseModel]
    """A merge patch."""
    scopes: tuple[str, str]
    """To read and to write."""
    operations: Mapping[str, Operation] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """One of them: in tombstones, in changes, in a batch."""
        return self.repository.kind

    @property
    def plural(self) -> str:
        """Several of them: in paths and in an export."""
        return self.repository.table.name

    def etag(self, revision: int) -> str:
        """The entity tag of what is at this revision: a strong one (RFC 9110, section 8.8.3)."""
        return f'"{revision}.{self.version}"'

    def made(self, row: Row) -> Answer:
        """The answer with what was made."""
        return Answer(201, to_json(row), self.etag(row["revision"]), f"/api/me/{self.plural}/{row['id']}")

    def changed(self, row: Row) -> Answer:
        """The answer with what was changed."""
        return Answer(200, to_json(row), self.etag(row["revision"]))
