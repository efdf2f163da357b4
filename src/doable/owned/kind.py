"""The registration of a kind of thing: everything that other folders know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy import ColumnElement

from doable.database import Row
from doable.database.protocol import Work
from doable.errors import DoableError
from doable.http.schemas import Move
from doable.owned.answers import Answer
from doable.owned.repository import OwnedRepository, Revisions
from doable.owned.rows import OwnedRows
from doable.owned.schemas import FollowedRead


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a batch on one thing of a kind, besides making and changing it, and deleting it if that is no more."""

    description: str
    work: Callable[[Any, str, Mapping[str, Any], Revisions | None], Work[Row]]
    """Made from the kind's repository, the id, the operation's members and the expected revisions."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Its members besides `op`, `kind`, `id` and `if_revision`, as `pydantic.create_model` takes them."""
    long: bool = False
    """Whether one alone may run many statements."""


def moving(name: str) -> Operation:
    """The operation of an `OrderedRepository` that puts one of its things in another place."""
    return Operation(
        f"Put a {name} in another place.",
        lambda things, id_, members, expected: things.move(id_, members["to"].model_dump(), expected=expected),
        {"to": (Move, ...)},
        long=True,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """What an owner has and can follow: things of a kind, or what there is one of."""

    repository: type[OwnedRows]
    read: type[FollowedRead]
    """How it goes over the wire: the model of the rows that the repository answers."""
    scopes: tuple[str, str]
    """To read and to write."""
    exported: Mapping[str, tuple[ColumnElement[Any], Any]] = field(default_factory=dict)
    """What an export tells of it besides: by the member, its column, and how `pydantic.create_model` takes it."""

    @property
    def version(self) -> int:
        """Of that representation. It is in the ETag, so that nobody keeps a copy that lacks a new member."""
        return self.read.version

    @property
    def name(self) -> str:
        """The name of one: in tombstones, in changes, in a batch."""
        return self.repository.kind

    @property
    def plural(self) -> str:
        """The name of several: in paths and in an export."""
        return self.repository.table.name

    def etag(self, revision: int) -> str:
        """The entity tag of a thing at this revision: a strong one (RFC 9110, section 8.8.3)."""
        return f'"{revision}.{self.version}"'

    def changed(self, row: Row) -> Answer:
        """The answer with what was changed."""
        return Answer(200, to_json(row), self.etag(row["revision"]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Kind(Followed):
    """A kind of thing that an owner has."""

    repository: type[OwnedRepository[Any]]
    create: type[BaseModel]
    change: type[BaseModel]
    """A merge patch."""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    refusals: tuple[type[DoableError], ...] = ()
    """What its writes may be refused with, besides what those of every kind are."""

    def made(self, row: Row) -> Answer:
        """The answer with a new thing."""
        return Answer(201, to_json(row), self.etag(row["revision"]), f"/api/me/{self.plural}/{row['id']}")
