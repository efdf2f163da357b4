"""Collections and resources, as CalDAV sees an owner's lists and what is in them. Every statement names the owner.

Reads take a transaction, so that several of them are of one snapshot; writes answer works, for `Writes` to run. The id of a
collection is that of its list; the owner's id stands for the inbox.
"""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, TypedDict

from doable.database import Database, Transaction
from doable.database.protocol import Work
from doable.owned.limits import Limits
from doable.owned.repository import Revisions
from doable.tasks.objects import ObjectRow
from doable.tasks.tables import TaskRow

INBOX: Final = "inbox"
"""The segment of the inbox's address."""
TASK: Final = "VTODO"


class NoSuchCollection(Exception):
    """There is none of this address (404), or not any longer (409 for what is put there)."""


class CollectionExists(Exception):
    """There is a collection of this address already."""


class IsInbox(Exception):
    """The inbox cannot be removed."""


class NoSuchResource(Exception):
    """There is none of this name in the collection."""


class NameTaken(Exception):
    """A resource of this name is there, and was not to be overwritten."""


class UidTaken(Exception):
    """Another resource of the collection has this UID, or the resource of this name has another one (CALDAV:no-uid-conflict)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        """The name of the resource in the way."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A list, or the inbox."""

    id: str
    """The list's; the owner's for the inbox."""
    name: str
    """The segment of its address, decoded."""
    displayname: str
    color: str | None
    """As a client has put it, or the list's."""
    components: frozenset[str]
    """The kinds of components that may be in it."""
    properties: Mapping[str, str]
    """All other properties that clients have set: XML text by Clark name (`{namespace}name`)."""
    token: int
    """The greatest revision of what is in it or was: it moves with every change of that, and with no other."""
    is_inbox: bool


class CollectionChanges(TypedDict, total=False):
    """What to set of a collection. What is absent stays."""

    displayname: str
    color: str | None
    properties: Mapping[str, str | None]
    """By Clark name; None removes it."""


class Listed(NamedTuple):
    """A resource without its text: what a listing needs."""

    name: str
    revision: int
    component: str
    created_at: datetime
    updated_at: datetime


class Removed(NamedTuple):
    """What was in a collection, and is there by this name no longer."""

    name: str
    revision: int


class Changed(NamedTuple):
    """A page of what has changed in a collection."""

    entries: Sequence[Listed | Removed]
    """By their revisions, the oldest first."""
    token: int
    """The revision that the page reaches: the collection's token if there is no more."""
    has_more: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource whole."""

    name: str
    uid: str
    component: str
    row: TaskRow | ObjectRow
    parent_uid: str | None
    """For RELATED-TO: of the task above it, or of one that is not there."""

    @property
    def revision(self) -> int:
        """In its ETag."""
        return self.row["revision"]

    @property
    def is_task(self) -> bool:
        """Whether the row is a TaskRow; else it is an ObjectRow, whose `ical_text` is all of it."""
        return self.component == TASK

    @property
    def is_as_put(self) -> bool:
        """Whether `row["ical_text"]` says all of it, so that these very bytes are answered."""
        raise NotImplementedError


class Put(NamedTuple):
    """What came of a write."""

    name: str
    revision: int | None
    """For the ETag. None where its address answers something else than what was put: the successor of a task that recurs."""
    is_new: bool


class CalendarRepository:
    """One owner's collections and resources."""

    def __init__(self, database: Database, owner_id: str, limits: Limits) -> None:
        self._database = database
        self._owner_id = owner_id
        self._limits = limits

    async def collections(self, tx: Transaction) -> list[Collection]:
        """The inbox first, then the lists by their positions."""
        raise NotImplementedError

    async def collection(self, tx: Transaction, segment: str) -> Collection | None:
        """The one at this segment below the home, decoded: `inbox`, a list's `dav_name`, or its id if it has no such name."""
        raise NotImplementedError

    async def token(self, tx: Transaction, collection_id: str) -> int:
        """That of a collection, alone."""
        raise NotImplementedError

    async def purged_revision(self, tx: Transaction) -> tuple[int, int]:
        """Up to which revision removals may be forgotten, and the owner's revision: a sync-token between them is valid."""
        raise NotImplementedError

    async def find(self, tx: Transaction, collection_id: str, name: str) -> Resource | None:
        """The resource of this name."""
        raise NotImplementedError

    async def listing(self, tx: Transaction, collection_id: str) -> list[Listed]:
        """All resources of a collection without their texts, by their revisions."""
        raise NotImplementedError

    async def changed(self, tx: Transaction, collection_id: str, since: int, *, limit: int | None = None) -> Changed:
        """What has changed since this revision, 0 for all that is there (then nothing is told of removals)."""
        raise NotImplementedError

    async def resources(
        self,
        tx: Transaction,
        collection_id: str,
        *,
        names: Some[str] | None = None,
        components: Some[str] | None = None,
        is_completed: bool | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[Resource]:
        """Resources whole, by their revisions: those of these names, kinds and state, after this revision."""
        raise NotImplementedError

    def make_collection(self, segment: str, said: CollectionChanges, components: Some[str] | None) -> Work[Collection]:
        """Make a list. Without components it takes all kinds. Raises CollectionExists, and TooMany("lists")."""
        raise NotImplementedError

    def change_collection(self, collection_id: str, changes: CollectionChanges) -> Work[Collection]:
        """Set properties, all of them or none. Raises NoSuchCollection."""
        raise NotImplementedError

    def remove_collection(self, collection_id: str) -> Work[None]:
        """Remove a list with all that is in it. Raises IsInbox, NoSuchCollection, and TooManyRows: then `empty_collection` is run before.

        `await write.in_parts(repository.remove_collection(id), repository.empty_collection(id), gone)`.
        """
        raise NotImplementedError

    def empty_collection(self, collection_id: str) -> Work[bool]:
        """A part of that. Answers whether there is more to do."""
        raise NotImplementedError

    def put_task(
        self,
        collection_id: str,
        name: str,
        uid: str,
        fields: Mapping[str, Any],
        text: str,
        *,
        expected: Revisions | None = None,
        must_be_new: bool = False,
    ) -> Work[Put]:
        """Make a task or replace what it says; `fields` is `todo.projected(text)`, with `parent_uid`.

        Raises PreconditionFailed (also where a revision is expected and nothing is there), UidTaken, NoSuchCollection and
        TooMany (507).
        """
        raise NotImplementedError

    def put_object(
        self,
        collection_id: str,
        name: str,
        uid: str,
        component: str,
        text: str,
        *,
        between: tuple[datetime | None, datetime | None] = (None, None),
        expected: Revisions | None = None,
        must_be_new: bool = False,
    ) -> Work[Put]:
        """Store an event, a journal or another component as it came. All of its dates are between these instants. Raises as `put_task`."""
        raise NotImplementedError

    def delete(self, collection_id: str, name: str, *, expected: Revisions | None = None) -> Work[None]:
        """Remove a resource. What was below a task stays. Raises NoSuchResource, and PreconditionFailed."""
        raise NotImplementedError

    def move(
        self,
        collection_id: str,
        name: str,
        to_id: str,
        to_name: str,
        *,
        overwrite: bool = True,
        expected: Revisions | None = None,
    ) -> Work[Put]:
        """Move a resource to another name or collection, with what is below it. Raises NoSuchResource, NameTaken, UidTaken and NoSuchCollection."""
        raise NotImplementedError
