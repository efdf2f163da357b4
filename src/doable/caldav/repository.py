"""Collections and resources, as CalDAV sees an owner's lists and what is in them. Every statement names the owner.

Reads take a transaction, so that several of them are of one snapshot; writes answer works, for `Writes` to run. The id of a
collection is that of its list; the owner's id stands for the inbox.
"""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypedDict, cast

from pydantic_core import from_json, to_json

from doable import clock
from doable.caldav import stored
from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.errors import (
    Forbidden,
    NoNextOccurrence,
    PreconditionFailed,
    RecurrenceNeedsDue,
    RecurrenceNever,
    RecurrenceUnsupported,
    Unauthenticated,
)
from doable.lists.repository import ListRepository
from doable.owned.limits import Limits
from doable.owned.owners import advance
from doable.owned.repository import Revisions
from doable.preferences.repository import PreferencesRepository
from doable.tags.repository import TagRepository
from doable.tasks import names, order, references, tag_names, tags, trees, waiting
from doable.tasks.moving import move
from doable.tasks.object_repository import ObjectRepository
from doable.tasks.objects import TASK, ObjectRow
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import TaskRow

INBOX: Final = "inbox"
"""The segment of the inbox's address."""
USUAL_COMPONENTS: Final = frozenset({TASK, "VEVENT", "VJOURNAL"})
"""Of a collection whose maker names none."""
LONGEST_NAME: Final = 100
"""Of a list, in the API. A client of CalDAV is told the whole of a longer one, as long as nobody renames it."""

Saying = Callable[["Resource | None"], Mapping[str, Any]]
"""Answers the members that change, asked in the transaction with what is there."""

_DISPLAYNAME: Final = "displayname"
_COLOR: Final = "color"
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_RULE: Final = (RecurrenceNeedsDue, RecurrenceNever, RecurrenceUnsupported)


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
    updated_at: datetime | None = None
    """When the list itself was last changed; None for the inbox."""


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
        return self.row.get("ical_revision", self.revision) == self.revision


class Put(NamedTuple):
    """What came of a write."""

    name: str
    revision: int | None
    """For the ETag. None where its address answers something else than what was put: the successor of a task that recurs."""
    is_new: bool


class _Text(NamedTuple):
    name: str
    uid: str
    text: str


class CalendarRepository:
    """One owner's collections and resources."""

    def __init__(self, database: Database, owner_id: str, limits: Limits) -> None:
        self._owner_id = owner_id
        self._lists = ListRepository(database, owner_id, limits)
        self._tasks = TaskRepository(database, owner_id, limits)
        self._objects = ObjectRepository(database, owner_id, limits)
        self._preferences = PreferencesRepository(database, owner_id)

    async def collections(self, tx: Transaction) -> list[Collection]:
        """The inbox first, then the lists by their positions."""
        rows = await tx.all(stored.LISTS, owner_id=self._owner_id)
        return [await self._inbox(tx), *map(_of_list, rows)]

    async def collection(self, tx: Transaction, segment: str) -> Collection | None:
        """The one at this segment below the home, decoded: `inbox`, a list's `dav_name`, or its id if it has no such name."""
        if segment == INBOX:
            return await self._inbox(tx)
        found = {"segment": segment, "id_of_segment": names.id_of(segment)}
        row = await tx.one(stored.LIST_AT, owner_id=self._owner_id, **found)
        return None if row is None else _of_list(row)

    async def token(self, tx: Transaction, collection_id: str) -> int:
        """That of a collection, alone."""
        row = await tx.one(stored.TOKEN, owner_id=self._owner_id, list_id=collection_id)
        if row is None:
            raise Unauthenticated
        return _token(row)

    async def purged_revision(self, tx: Transaction) -> tuple[int, int]:
        """Up to which revision removals may be forgotten, and the owner's revision: a sync-token between them is valid."""
        row = await tx.one(stored.REVISIONS, owner_id=self._owner_id)
        if row is None:
            raise Unauthenticated
        return row["purged_revision"], row["revision"]

    async def find(self, tx: Transaction, collection_id: str, name: str) -> Resource | None:
        """The resource of this name."""
        for row in await tx.all(
            stored.TASKS_CALLED, owner_id=self._owner_id, name=name, id_of_name=names.id_of_name(name)
        ):
            if names.list_of(row) == collection_id:
                return _of_task(row)
        found = await tx.one(stored.OBJECT_CALLED, owner_id=self._owner_id, list_id=collection_id, name=name)
        return None if found is None else _of_object(found)

    async def listing(self, tx: Transaction, collection_id: str) -> list[Listed]:
        """All resources of a collection without their texts, by their revisions."""
        these = {"owner_id": self._owner_id, "list_id": collection_id, "since": 0, "limit": stored.NO_LIMIT}
        return [_listed(row) for row in await tx.all(stored.LISTED, **these)]

    async def changed(self, tx: Transaction, collection_id: str, since: int, *, limit: int | None = None) -> Changed:
        """What has changed since this revision, 0 for all that is there (then nothing is told of removals)."""
        most = stored.NO_LIMIT if limit is None else limit + 1
        these = {"owner_id": self._owner_id, "list_id": collection_id, "since": since, "limit": most}
        rows = await tx.all(stored.CHANGED if since else stored.LISTED, **these)
        has_more = limit is not None and len(rows) > limit
        rows = rows[:limit]
        token = rows[-1]["revision"] if has_more else await self.token(tx, collection_id)
        gone = {names.name_of(row): row["revision"] for row in rows if row["component"] is None}
        there = await self._there(tx, collection_id, gone)
        entries: list[Listed | Removed] = []
        for row in rows:
            name = names.name_of(row)
            if row["component"] is not None:
                entries.append(_listed(row))
            elif name not in there and gone[name] == row["revision"]:
                entries.append(Removed(name, row["revision"]))
        return Changed(entries, token, has_more)

    async def resources(
        self,
        tx: Transaction,
        collection_id: str,
        *,
        names: Some[str] | None = None,
        components: Some[str] | None = None,
        is_completed: bool | None = None,
        within: tuple[datetime | None, datetime | None] = (None, None),
        after: int = 0,
        limit: int | None = None,
    ) -> list[Resource]:
        """Resources whole, by their revisions: those of these names, kinds and state, after this revision.

        `within` leaves out objects that are not between the two instants; tasks are all answered.
        """
        if names is not None:
            found = await self._named(tx, collection_id, names)
        else:
            most = stored.NO_LIMIT if limit is None else limit
            here = {"owner_id": self._owner_id, "list_id": collection_id, "since": after, "limit": most}
            found = []
            if components is None or TASK in components:
                found += map(_of_task, await tx.all(stored.TASKS[is_completed], **here))
            if components is None or not {TASK}.issuperset(components):
                begin, until = within
                bounds = {"begin": begin or _FIRST, "until": until or _LAST}
                found += map(_of_object, await tx.all(stored.OBJECTS, **here, **bounds))
        wanted = [each for each in found if components is None or each.component in components]
        return sorted(wanted, key=lambda each: each.revision)[:limit]

    async def _named(self, tx: Transaction, collection_id: str, some: Some[str]) -> list[Resource]:
        said = {"owner_id": self._owner_id, "names": [*some]}
        rows = await tx.all(stored.TASKS_NAMED, **said, ids_of_names=_ids_of_names(some))
        found = [_of_task(row) for row in rows if names.list_of(row) == collection_id]
        if len(found) < len(some):
            found += map(_of_object, await tx.all(stored.OBJECTS_NAMED, **said, list_id=collection_id))
        return found

    async def _there(self, tx: Transaction, collection_id: str, some: Some[str]) -> set[str]:
        """Which of these names something in the collection has."""
        if not some:
            return set()
        said = {"owner_id": self._owner_id, "list_id": collection_id, "names": [*some]}
        rows = await tx.all(stored.NAMES_THERE, **said, ids_of_names=_ids_of_names(some))
        return {names.name_of(row) for row in rows if row["list_id"] == collection_id}

    async def _inbox(self, tx: Transaction) -> Collection:
        row = await tx.one(stored.INBOX, owner_id=self._owner_id)
        if row is None:
            raise Unauthenticated
        said = _properties(row["inbox_properties"])
        return Collection(
            id=self._owner_id,
            name=INBOX,
            displayname=said.pop(_DISPLAYNAME, "Inbox"),
            color=said.pop(_COLOR, None),
            components=frozenset({TASK}),
            properties=said,
            token=_token(row),
            is_inbox=True,
        )

    async def _collection_of(self, tx: Transaction, collection_id: str) -> Collection:
        if collection_id == self._owner_id:
            return await self._inbox(tx)
        row = await tx.one(stored.LIST_OF, owner_id=self._owner_id, list_id=collection_id)
        if row is None:
            raise NoSuchCollection
        return _of_list(row)

    def make_collection(self, segment: str, said: CollectionChanges, components: Some[str] | None) -> Work[Collection]:
        """Make a list. Without components it takes the usual ones. Raises CollectionExists, and TooMany("lists")."""

        async def work(tx: Transaction) -> Collection:
            await advance(tx, self._owner_id, by=0)
            if await self.collection(tx, segment) is not None:
                raise CollectionExists
            kinds = frozenset(components or USUAL_COMPONENTS)
            id_ = names.id_of(segment)
            if id_ in {names.NOBODY, self._owner_id} or await tx.one(
                self._lists.statements.row, this_owner=self._owner_id, this_id=id_
            ):
                id_ = str(uuid.uuid4())
            columns = {
                "group": None,
                "is_archived": False,
                **_columns({}, {_DISPLAYNAME: segment, _COLOR: None, **said}),
                "dav_name": None if segment == id_ else segment,
                "components": None if kinds == {TASK} else ",".join(sorted(kinds)),
            }
            await self._lists.add(columns, id_)(tx)
            return await self._collection_of(tx, id_)

        return work

    def change_collection(self, collection_id: str, changes: CollectionChanges) -> Work[Collection]:
        """Set properties, all of them or none. Raises NoSuchCollection."""

        async def work(tx: Transaction) -> Collection:
            await advance(tx, self._owner_id, by=0)
            if collection_id == self._owner_id:
                row = await tx.one(stored.INBOX, owner_id=self._owner_id)
                before = _properties(None if row is None else row["inbox_properties"])
                own = {name: value for name, value in changes.items() if name in {_DISPLAYNAME, _COLOR}}
                text = _text({**before, **own, **changes.get("properties", {})})
                await self._preferences.change({"inbox_properties": text})(tx)
            else:
                old = await tx.one(self._lists.statements.row, this_owner=self._owner_id, this_id=collection_id)
                if old is None:
                    raise NoSuchCollection
                await self._lists.change(collection_id, _columns(_properties(old["dav_properties"]), changes))(tx)
            return await self._collection_of(tx, collection_id)

        return work

    def remove_collection(self, collection_id: str) -> Work[None]:
        """Remove a list with all that is in it. Raises IsInbox, NoSuchCollection, and TooManyRows: then `empty_collection` is run before.

        `await write.in_parts(repository.remove_collection(id), repository.empty_collection(id), gone)`.
        """

        async def work(tx: Transaction) -> None:
            await self._check_removable(tx, collection_id)
            await self._lists.remove(collection_id, tasks="delete")(tx)

        return work

    def empty_collection(self, collection_id: str) -> Work[bool]:
        """A part of that. Answers whether there is more to do."""
        part = self._lists.empty(collection_id, tasks="delete")

        async def work(tx: Transaction) -> bool:
            await self._check_removable(tx, collection_id)
            return await part(tx)

        return work

    async def _check_removable(self, tx: Transaction, collection_id: str) -> None:
        if collection_id == self._owner_id:
            raise IsInbox
        await self._check_list(tx, collection_id)

    async def _check_list(self, tx: Transaction, collection_id: str) -> None:
        """Raise NoSuchCollection if the list is gone by now. The owner's row is taken."""
        await advance(tx, self._owner_id, by=0)
        if collection_id != self._owner_id and not await tx.one(
            references.LIST, owner_id=self._owner_id, this_id=collection_id
        ):
            raise NoSuchCollection

    def put_task(
        self,
        collection_id: str,
        name: str,
        uid: str,
        fields: Saying,
        text: str,
        *,
        expected: Revisions | None = None,
        must_be_new: bool = False,
    ) -> Work[Put]:
        """Make a task, or change what is there by the members that `fields` answers: those of `todo.Fields`, or some of them.

        Raises PreconditionFailed (also where a revision is expected and nothing is there), UidTaken, NoSuchCollection and
        TooMany (507).
        """

        async def work(tx: Transaction) -> Put:
            there, waiters = await self._check_put(tx, collection_id, name, uid, expected, must_be_new=must_be_new)
            if there is not None and not there.is_task:
                await self._remove(tx, there)
                there = None
            said = dict(fields(there))
            if said.get("tags"):
                said["tags"] = await self._fit_tags(tx, said["tags"])
            if there is None:
                row = await self._add(tx, collection_id, _Text(name, uid, text), said)
                await waiting.attach(tx, self._tasks, row["id"], waiters)
                return Put(name, row["revision"], is_new=True)
            old = cast("TaskRow", there.row)
            written = await self._change(tx, old, there, said, text)
            is_there = written["next_id"] == old["next_id"] or written["next_id"] is None
            return Put(name, written["revision"] if is_there else None, is_new=False)

        return work

    async def _check_put(
        self,
        tx: Transaction,
        collection_id: str,
        name: str,
        uid: str,
        expected: Revisions | None,
        *,
        must_be_new: bool,
    ) -> tuple[Resource | None, Sequence[str]]:
        """What has the name, and who waits for the UID. The owner's row is taken. Raises as `put_task` does."""
        await self._check_list(tx, collection_id)
        there = await self.find(tx, collection_id, name)
        _check(there, expected, must_be_new=must_be_new)
        if there is not None and there.uid != uid:
            raise UidTaken(there.name)
        but = names.NOBODY if there is None else there.row["id"]
        found = await names.look(tx, self._owner_id, collection_id, name=name, uid=uid, but=but)
        if found.uid is not None:
            raise UidTaken(names.name_of(found.uid))
        return there, found.waiting

    async def _add(self, tx: Transaction, collection_id: str, put: _Text, said: dict[str, Any]) -> Row:
        name, uid, text = put
        id_ = names.id_of(uid.lower())
        if id_ == names.NOBODY or await self._is_taken(tx, id_):
            id_ = str(uuid.uuid4())
        parent_id, waits_for = await self._parent(tx, collection_id, None, said.pop("parent_uid", None))
        created_at = said.pop("created_at", None)
        columns = {
            **_stored(said, None),
            "list_id": None if collection_id == self._owner_id else collection_id,
            "parent_id": parent_id,
            "ical_parent": waits_for,
            "ical_text": text,
            "ical_name": None if name == f"{id_}.ics" else name,
            "ical_uid": None if uid == id_ else uid,
        }
        if created_at is not None:
            columns["created_at"] = min(created_at, clock.now())
        return await self._tasks.add(self._without_a_bad_rule(None, columns), id_)(tx)

    async def _change(self, tx: Transaction, old: TaskRow, there: Resource, said: dict[str, Any], text: str) -> Row:
        said.pop("created_at", None)
        parent_uid = said.pop("parent_uid", there.parent_uid)
        parent_id, waits_for = await self._parent(tx, names.list_of(old), old, parent_uid)
        if parent_id != old["parent_id"]:
            to = {"parent_id": parent_id, "list_id": old["list_id"]}
            await move(self._tasks, old["id"], to)(tx)
            old = await self._tasks.take(tx, old["id"])
        columns = {**_stored(said, old), "ical_parent": waits_for, "ical_text": text}
        columns = self._without_a_bad_rule(old, columns)
        try:
            return await self._tasks.change(old["id"], columns, subtasks="leave")(tx)
        except NoNextOccurrence:  # nothing was written yet
            return await self._tasks.change(old["id"], {**columns, "recurrence": None}, subtasks="leave")(tx)

    async def _parent(
        self, tx: Transaction, collection_id: str, old: TaskRow | None, parent_uid: str | None
    ) -> tuple[str | None, str | None]:
        """The id of the parent of this UID; or None and the UID, if it is not there or cannot be one."""
        if parent_uid is None:
            return None, None
        found = (await names.look(tx, self._owner_id, collection_id, name="", uid=parent_uid)).uid
        if found is not None and old is not None and found["id"] == old["parent_id"]:
            return found["id"], None
        id_ = None if old is None else old["id"]
        if found is not None and await waiting.has_room(tx, self._owner_id, id_, found["id"]):
            return found["id"], None
        return None, parent_uid

    async def _fit_tags(self, tx: Transaction, said: Sequence[str]) -> list[str]:
        """Without those that would be too many of all: they stay in the text."""
        by_key = tag_names.by_key(said)
        there = await tags.find(tx, self._owner_id, by_key)
        new = [key for key in by_key if key not in there]
        if not new:
            return [*said]
        found = await tx.one(TagRepository.order.count, owner_id=self._owner_id)
        room = tags.MAX_TAGS - (0 if found is None else found["number"])
        too_many = {*new[max(0, room) :]}
        return [name for key, name in by_key.items() if key not in too_many]

    async def _is_taken(self, tx: Transaction, id_: str) -> bool:
        """Whether a task has the id, whoever's it is."""
        if await tx.one(self._tasks.statements.row, this_owner=self._owner_id, this_id=id_):
            return True
        try:
            await self._tasks.look_elsewhere(tx, id_)
        except Forbidden:
            return True
        return False

    def _without_a_bad_rule(self, old: TaskRow | None, columns: dict[str, Any]) -> dict[str, Any]:
        """Without a rule that no task can have: it stays in the text."""
        try:
            self._tasks.to_columns(old, columns)
        except _RULE:
            return {**columns, "recurrence": None}
        return columns

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
        starts, ends = between

        async def work(tx: Transaction) -> Put:
            there, _ = await self._check_put(tx, collection_id, name, uid, expected, must_be_new=must_be_new)
            columns = {"component": component, "starts": starts, "ends": ends, "ical_text": text}
            if there is not None and there.is_task:
                await self._remove(tx, there)
                there = None
            if there is None:
                new = {**columns, "list_id": collection_id, "ical_name": name, "ical_uid": uid}
                row = await self._objects.add(new)(tx)
            else:
                row = await self._objects.change(there.row["id"], columns)(tx)
            return Put(name, row["revision"], is_new=there is None)

        return work

    def remove(self, collection_id: str, name: str, *, expected: Revisions | None = None) -> Work[None]:
        """Remove a resource. What was below a task stays. Raises NoSuchResource, and PreconditionFailed."""

        async def work(tx: Transaction) -> None:
            await advance(tx, self._owner_id, by=0)
            there = await self.find(tx, collection_id, name)
            if there is None:
                raise NoSuchResource
            _check(there, expected)
            await self._remove(tx, there)

        return work

    async def _remove(self, tx: Transaction, there: Resource) -> None:
        if not there.is_task:
            await self._objects.remove(there.row["id"])(tx)
            return
        below = await waiting.children(tx, self._owner_id, there.row["id"])
        # They say whose they were, and are so again if that is put once more.
        await self._tasks.put_all(tx, [(row, {"parent_id": None, "ical_parent": there.uid}) for row in below])
        await self._tasks.remove(there.row["id"])(tx)

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

        async def work(tx: Transaction) -> Put:
            await self._check_list(tx, to_id)
            there = await self.find(tx, collection_id, name)
            if there is None:
                raise NoSuchResource
            _check(there, expected)
            if (collection_id, name) == (to_id, to_name):
                return Put(name, there.revision, is_new=False)
            in_the_way = await self.find(tx, to_id, to_name)
            if in_the_way is not None:
                if not overwrite:
                    raise NameTaken
                await self._remove(tx, in_the_way)
                there = await self.find(tx, collection_id, name) or there  # it may have been below that
            found = await names.look(tx, self._owner_id, to_id, name=to_name, uid=there.uid, but=there.row["id"])
            if found.uid is not None:
                raise UidTaken(names.name_of(found.uid))
            revision = await self._move(tx, there, to_id, to_name)
            return Put(to_name, revision, is_new=in_the_way is None)

        return work

    async def _move(self, tx: Transaction, there: Resource, to_id: str, to_name: str) -> int:
        if not there.is_task:
            row = await self._objects.change(there.row["id"], {"list_id": to_id, "ical_name": to_name})(tx)
            return int(row["revision"])
        task = cast("TaskRow", there.row)
        called = {"ical_name": None if to_name == f"{task['id']}.ics" else to_name}
        if to_id == names.list_of(task):
            await self._tasks.put_all(tx, [(task, called)])
        else:
            below = await trees.below(tx, self._owner_id, task["id"])
            along = {"list_id": None if to_id == self._owner_id else to_id, "section_id": None}
            top = {**along, **called, "parent_id": None, "ical_parent": there.parent_uid}
            await order.put_last(tx, self._tasks, [(task, top), *((row, along) for row in below)])
        return (await self._tasks.take(tx, task["id"]))["revision"]


def _check(there: Resource | None, expected: Revisions | None, *, must_be_new: bool = False) -> None:
    if must_be_new and there is not None:
        raise PreconditionFailed(current={})
    if expected is not None and (there is None or there.revision not in expected):
        raise PreconditionFailed(current={})


def _stored(said: Mapping[str, Any], old: TaskRow | None) -> dict[str, Any]:
    """The members of a text as the repository of tasks takes them. A completed task keeps its rule, which it tells nobody."""
    members = dict(said)
    if members.get("exceptions") is not None:
        members["exceptions"] = to_json(members["exceptions"]).decode()
    stays_completed = old is not None and old["completed_at"] is not None and members.get("is_completed", True)
    if stays_completed:
        members.pop("recurrence", None)
        members.pop("exceptions", None)
    due = members["due"] if "due" in members else old and old["due_local"]
    if due is None and not stays_completed:
        members["recurrence"] = None
    at = members.pop("completed_at", None)
    if at is not None and members.get("is_completed", True):
        members["completed_at"] = min(at, clock.now())
    return members


def _ids_of_names(some: Some[str]) -> list[str]:
    return [id_ for name in some if (id_ := names.id_of_name(name)) != names.NOBODY]


def _of_task(row: Row) -> Resource:
    uid_of_parent = row.pop("uid_of_parent")
    parent_uid = uid_of_parent or row["parent_id"] or row["ical_parent"]
    return Resource(names.name_of(row), names.uid_of(row), TASK, cast("TaskRow", row), parent_uid)


def _of_object(row: ObjectRow) -> Resource:
    return Resource(row["ical_name"], row["ical_uid"], row["component"], row, None)


def _listed(row: Row) -> Listed:
    return Listed(names.name_of(row), row["revision"], row["component"], row["created_at"], row["updated_at"])


def _token(row: Row) -> int:
    return max(row[name] or 0 for name in stored.TOKENS)


def _properties(text: str | None) -> dict[str, str]:
    return {} if text is None else from_json(text)


def _text(properties: Mapping[str, Any]) -> str | None:
    some = {name: value for name, value in properties.items() if value is not None}
    return to_json(some).decode() if some else None


def _of_list(row: Row) -> Collection:
    said = _properties(row["dav_properties"])
    # What the API cannot have whole is told as long as the API has not changed it.
    displayname, color = said.pop(_DISPLAYNAME, None), said.pop(_COLOR, None)
    return Collection(
        id=row["id"],
        name=row["dav_name"] or row["id"],
        displayname=displayname if displayname and _short(displayname) == row["name"] else row["name"],
        color=color if color and _hex(color) == row["color"] else row["color"],
        components=frozenset((row["components"] or TASK).split(",")),
        properties=said,
        token=_token(row),
        is_inbox=False,
        updated_at=row["updated_at"],
    )


def _columns(before: Mapping[str, str], changes: CollectionChanges) -> dict[str, Any]:
    """The columns of a list with these properties."""
    said: dict[str, str | None] = {**before, **changes.get("properties", {})}
    columns: dict[str, Any] = {}
    if "displayname" in changes:
        columns["name"] = _short(changes["displayname"])
        said[_DISPLAYNAME] = changes["displayname"] if columns["name"] != changes["displayname"] else None
    if "color" in changes:
        color = changes["color"]
        columns["color"] = None if color is None else _hex(color)
        said[_COLOR] = color if color != columns["color"] else None
    return {**columns, "dav_properties": _text(said)}


def _short(displayname: str) -> str:
    """A name that a list may have."""
    return _CONTROLS.sub(" ", displayname).strip()[:LONGEST_NAME].rstrip() or "(no name)"


def _hex(color: str) -> str | None:
    """A color that a list may have."""
    found = _HEX.match(color)
    return None if found is None else found[0].lower()
