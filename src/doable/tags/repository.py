"""The SQL of tags as things of their own. What is done to a tag is done to every task that has it.

With more than a transaction may write, that is done in parts: the tasks first, each with a revision of its own, and the tag
itself last. Until then it is as it was, and the same request once more goes on.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from doable.database import Row, Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import Invalid, ReferenceNotFound, TagExists, TagNotFound, TooManyRows
from doable.owned.ordering import OrderedRepository
from doable.owned.owners import advance, store
from doable.owned.repository import Revisions
from doable.tasks.filed_under import READ_TAGS, TagRow, tags
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import TaskRow, task_tags, tasks
from doable.tasks.tag_names import from_text, key_of, to_text
from doable.tasks.tags import MAX_TAGS, Tag, find, name_in_tasks

ROOM: Final = SLICE - 1
"""The most tasks that are written beside the tag itself."""

FILED: Final = and_(
    task_tags.c.owner_id == bindparam("owner_id"), task_tags.c.tag == bindparam("tag", type_=BigInteger())
)
UP_TO: Final = task_tags.c.sequence <= bindparam("last", type_=BigInteger())

TASKS = Statement[TaskRow](
    select(*tasks.c)
    .join_from(
        task_tags, tasks, and_(tasks.c.owner_id == task_tags.c.owner_id, tasks.c.sequence == task_tags.c.sequence)
    )
    .where(FILED, task_tags.c.sequence > bindparam("after", type_=BigInteger()))
    .order_by(task_tags.c.sequence)
    .limit(SLICE)
)
MARK = Statement(
    update(tags)
    .where(tags.c.owner_id == bindparam("owner_id"), tags.c.id == bindparam("tag_id"))
    .values(next_name=bindparam("new_name"), renamed_up_to=bindparam("up_to", type_=BigInteger()))
)
REFILE = Statement(
    insert(task_tags)
    .from_select(
        ["owner_id", "tag", "sequence"],
        select(task_tags.c.owner_id, bindparam("into", type_=BigInteger()), task_tags.c.sequence).where(FILED, UP_TO),
    )
    .on_conflict_do_nothing(index_elements=[*task_tags.primary_key])
)
UNFILE = Statement(delete(task_tags).where(FILED, UP_TO))


class TagRepository(OrderedRepository[TagRow]):
    """One owner's tags."""

    kind = "tag"
    table = tags
    read = READ_TAGS
    not_found = TagNotFound
    most = MAX_TAGS
    references: ClassVar = {"into": "tag"}

    def add(self, new: Mapping[str, Any], id_: str | None = None) -> Work[Row]:
        """A new tag. Raises TagExists if there is one of that name."""
        made = super().add(new, id_)

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            there = await self._named(tx, new["name"])
            if there is not None:
                if id_ is not None:
                    await self.must_be_new(tx, id_)
                raise TagExists(current=await self._get(tx, there["id"]))
            return await made(tx)

        return work

    def change(self, id_: str, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Change the named columns and nothing else; a new name is written to every task that has it.

        Raises TagExists if another tag has the name, and TooManyRows if the tasks are too many: then they are written first.
        """

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            if "name" not in changes:
                owner = await advance(tx, self._owner_id)
                return await self.put(tx, old, changes, owner)
            there = await self._named(tx, changes["name"])
            if there is not None and there["id"] != id_:
                raise TagExists(current=await self._get(tx, there["id"]))
            # Some tasks may have another name already, which it was about to get. That is finished first.
            if old["next_name"] not in {None, changes["name"]}:
                raise TooManyRows
            await self._rename(tx, old, changes["name"], whole=True)
            return await self._put_name(tx, old, changes)

        return work

    def rename_part(self, id_: str, name: str, *, expected: Revisions | None = None) -> Work[bool]:
        """Write the name to some of the tasks that have the tag, and mark how far that goes. Answers whether there is more.

        What was about to be another name is finished first, whatever is expected: `change` has looked at that before.
        """

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_)
            next_name = old["next_name"] or name
            if next_name == name:
                await self.take(tx, id_, expected)
                if old["name"] == name and old["next_name"] is None:
                    return False  # another request has finished it
            last, has_more = await self._rename(tx, old, next_name, whole=False)
            if next_name != name and not has_more:
                await self._put_name(tx, old, {"name": next_name})
                return True
            await tx.later(MARK, owner_id=self._owner_id, tag_id=id_, new_name=next_name, up_to=last)
            # Also where every task has the name already: by its revision an undo knows one part from another.
            await advance(tx, self._owner_id)
            if old["next_name"] is None:
                await store(tx, self._owner_id, len(next_name.encode()))
            return has_more

        return work

    def remove(self, id_: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove it, from the tasks too. Raises TooManyRows if they are too many: then it is taken away from them first."""

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            await self._take_away(tx, old, whole=True)
            owner = await advance(tx, self._owner_id)
            await self.bury(tx, [old], owner["revision"])
            return {"id": id_, "revision": owner["revision"]}

        return work

    def remove_part(self, id_: str, *, expected: Revisions | None = None) -> Work[bool]:
        """Take it away from some of the tasks that have it. Answers whether there are more."""

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            return await self._take_away(tx, await self.take(tx, id_, expected), whole=False)

        return work

    def merge(self, id_: str, into: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove it, and give its tasks another tag, which is answered. Raises TooManyRows as `remove` does."""

        async def work(tx: Transaction) -> Row:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            other = await self._other(tx, id_, into)
            await self._take_away(tx, old, other, whole=True)
            owner = await advance(tx, self._owner_id, by=2)
            await self.bury(tx, [old], owner["revision"] - 1)
            return await self.put(tx, other, {}, owner)

        return work

    def merge_part(self, id_: str, into: str, *, expected: Revisions | None = None) -> Work[bool]:
        """Give some of its tasks the other tag instead. Answers whether there are more."""

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            old = await self.take(tx, id_, expected)
            return await self._take_away(tx, old, await self._other(tx, id_, into), whole=False)

        return work

    async def named_otherwise(self, tx: Transaction, now: TagRow, old: TagRow) -> list[TaskRow]:
        """The tasks that have it by a name which it loses when it is put back; of more than ROOM, some more than that."""
        lost, found, after = _lost(now, old), list[TaskRow](), 0
        while lost and len(found) <= ROOM and (rows := await self._tasks_of(tx, now, after)):
            found += [row for row in rows if from_text(row["tags"]).keys() & lost]
            after = rows[-1]["sequence"]
        return found

    async def name_back(self, tx: Transaction, now: TagRow, old: TagRow) -> None:
        """Write the name that it is put back to those tasks. There are not more than ROOM."""
        await self._write(tx, await self.named_otherwise(tx, now, old), _lost(now, old), name_in_tasks(old))

    @staticmethod
    def to_columns(old: TagRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """The name is compared by its key."""
        return members if old is not None else {**members, "key": key_of(members["name"])}

    async def _named(self, tx: Transaction, name: str) -> Tag | None:
        key = key_of(name)
        return (await find(tx, self._owner_id, [key])).get(key)

    async def _other(self, tx: Transaction, id_: str, into: str) -> TagRow:
        if into == id_:
            message = "A tag cannot be merged into itself"
            raise Invalid(message, where=("body", "into"))
        found: TagRow | None = await tx.one(self.statements.row, this_owner=self._owner_id, this_id=into)
        if found is None:
            raise ReferenceNotFound("body", "into")
        return found

    async def _rename(self, tx: Transaction, old: TagRow, name: str, *, whole: bool) -> tuple[int, bool]:
        """Write the name to tasks that have not got it yet. Answers the last one's `sequence`, and whether there are more."""
        after = old["renamed_up_to"] or 0
        rows = [] if name == old["name"] and old["next_name"] is None else await self._tasks_of(tx, old, after)
        _check_room(rows, whole=whole)
        some = rows[:ROOM]
        await self._write(tx, some, _keys(old), name)
        return some[-1]["sequence"] if some else after, len(rows) > ROOM

    async def _put_name(self, tx: Transaction, old: TagRow, changes: Mapping[str, Any]) -> Row:
        """Write the tag itself, which all of its tasks name already as it is called from now on."""
        owner = await advance(tx, self._owner_id)
        columns = {**changes, "key": key_of(changes["name"]), "next_name": None, "renamed_up_to": None}
        return await self.put(tx, old, columns, owner)

    async def _take_away(self, tx: Transaction, old: TagRow, into: TagRow | None = None, *, whole: bool) -> bool:
        """Take it away from the first tasks that have it, and give them the other. Answers whether there are more."""
        rows = await self._tasks_of(tx, old, 0)
        _check_room(rows, whole=whole)
        some = rows[:ROOM]
        if some:
            await self._write(tx, some, _keys(old), None if into is None else name_in_tasks(into))
            these = {"owner_id": self._owner_id, "tag": old["sequence"], "last": some[-1]["sequence"]}
            if into is not None:
                await tx.later(REFILE, **these, into=into["sequence"])
            await tx.later(UNFILE, **these)
        return len(rows) > ROOM

    async def _tasks_of(self, tx: Transaction, tag: TagRow, after: int) -> list[TaskRow]:
        return await tx.all(TASKS, owner_id=self._owner_id, tag=tag["sequence"], after=after)

    async def _write(self, tx: Transaction, rows: list[TaskRow], less: set[str], more: str | None) -> None:
        """Write these tasks, without the names of these keys and with the other name."""
        changed = []
        for row in rows:
            names = {key: name for key, name in from_text(row["tags"]).items() if key not in less}
            text = to_text(names if more is None else {key_of(more): more} | names)
            if text != row["tags"]:
                changed.append((row, {"tags": text}))
        await TaskRepository(self._database, self._owner_id, self._limits).put_all(tx, changed)


def _check_room(rows: list[TaskRow], *, whole: bool) -> None:
    """Raise TooManyRows before anything is written that would only be taken back."""
    if whole and len(rows) > ROOM:
        raise TooManyRows


def _keys(tag: TagRow) -> set[str]:
    """The keys of the names that tasks may have it by."""
    return {tag["key"], key_of(name_in_tasks(tag))}


def _lost(now: TagRow, old: TagRow) -> set[str]:
    """The keys of the names that tasks may have it by now, and that are spelled otherwise or gone when it is put back."""
    had, has = ({key_of(name): name for name in (tag["name"], tag["next_name"]) if name} for tag in (now, old))
    return {key for key, name in had.items() if has.get(key) != name}
