"""The SQL of tasks that other kinds do not have."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, literal, select

from doable.database import Reading, Row, Statement, Transaction
from doable.database.protocol import Work
from doable.errors import Forbidden, TaskNotFound
from doable.owned.owners import OwnerRow, advance, store, unbury
from doable.owned.positions import last
from doable.owned.repository import OwnedRepository, Revisions, Stamp
from doable.tasks import alarms, dates, names, order, priorities, references, reminders, tag_names, tags, trees
from doable.tasks import waiting as waiting_tasks
from doable.tasks.recurrence import series
from doable.tasks.recurrence import stored as recurrence
from doable.tasks.recurrence.stored import NO_RULE
from doable.tasks.tables import READ, TaskRow, as_sent, tasks
from doable.tasks.trees import TreeRow

Subtasks = Literal["complete", "leave"]
"""What becomes of the open subtasks of a task that is completed."""

SOMEBODY_ELSES = Statement(
    select(literal(1).label("found")).where(
        tasks.c.id == bindparam("task_id"), tasks.c.owner_id != bindparam("owner_id")
    )
)


class TaskRepository(OwnedRepository[TaskRow]):
    """One owner's tasks. The id of somebody else's task is Forbidden, in every method."""

    kind = "task"
    table = tasks
    read = READ
    shape = staticmethod(as_sent)
    not_found = TaskNotFound
    is_counted = True
    references = references.KINDS

    def complete(
        self,
        task_id: str,
        *,
        state: bool | None,
        is_cancelled: bool | None = None,
        subtasks: Subtasks = "complete",
        expected: Revisions | None = None,
    ) -> Work[Row]:
        """Complete the task or reopen it; None toggles it. Without `is_cancelled`, one that is cancelled stays so."""
        cancelled = {} if is_cancelled is None else {"is_cancelled": is_cancelled}
        return self.change(task_id, {"is_completed": state, **cancelled}, expected=expected, subtasks=subtasks)

    def change(
        self,
        id_: str,
        changes: Mapping[str, Any],
        *,
        expected: Revisions | None = None,
        subtasks: Subtasks = "complete",
    ) -> Work[Row]:
        """Change the named columns and nothing else of this task.

        What completes it closes the open ones below it too, if these are not to be left; what reopens it opens the closed
        ones above it.
        """
        closes = subtasks == "complete" and (
            changes.get("is_cancelled") or ("is_completed" in changes and changes["is_completed"] is not False)
        )

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            below: list[TreeRow] | None = None
            if closes:
                old, below = await self._take_tree(tx, id_, expected)
            else:
                old = await self.take(tx, id_, expected)
            is_open = old["completed_at"] is None
            if not is_open and not changes.get("is_cancelled") and not changes.get("is_completed", True):
                written = await self._reopen(tx, old, changes, owner)
                above = [] if old["parent_id"] is None else await trees.upwards(tx, self._owner_id, old["parent_id"])
                closed = [row for row in above if row["completed_at"] is not None]
                for row in closed:
                    await self._reopen(tx, row, {"is_completed": False}, await advance(tx, self._owner_id))
                # Its parent may be called as it was before, and then it was written again.
                return await self._get(tx, id_) if closed else written
            columns, owner = await self.resolve(tx, old, self.to_columns(old, changes), owner)
            if is_open and ("is_completed" in columns or columns.get("is_cancelled")):
                return await self._change_state(tx, old, columns, owner, subtasks=subtasks, below=below)
            return await self.put(tx, old, columns, owner)

        return work

    async def _change_state(
        self,
        tx: Transaction,
        old: TaskRow,
        columns: Mapping[str, Any],
        owner: OwnerRow,
        *,
        subtasks: Subtasks,
        below: list[TreeRow] | None,
    ) -> Row:
        """Write an open task, which this may complete. One that recurs gets a successor then, unless it is cancelled.

        `below` is what is below it, if that was read with it. Raises NoNextOccurrence where that is not found by the rule of a calendar program.
        """
        recurs = columns.get("recurrence", old["recurrence"]) is not None and not columns.get("is_cancelled")
        found = None
        if recurs and columns["is_completed"] is not False:
            changed = {name: value for name, value in columns.items() if name != "is_completed"}
            completed: TaskRow = {**old, **changed}  # type: ignore[typeddict-item] # columns of a task
            found = await series.following(tx, completed)
        if found is not None:
            called = await series.handed_over(tx, old, owner["revision"])
            columns = {**columns, **called, "next_id": await series.next_id(tx, old)}
        written = await self.put(tx, old, columns, owner)
        if not written["is_completed"]:
            return written
        if below is None or not names.MEMBERS.isdisjoint(columns):  # some below may have been written with it
            below = await trees.below(tx, self._owner_id, old["id"]) if subtasks == "complete" or found else []
        if subtasks == "complete":
            at, is_cancelled = datetime.fromisoformat(written["completed_at"]), written["is_cancelled"]
            same = {"completed_at": at, "is_cancelled": is_cancelled}
            await self.put_all(tx, [(row, same) for row in below if row["completed_at"] is None])
        if found is not None:
            made = await series.successors(tx, completed, found, written["next_id"], below)
            if old["parent_id"] is not None:
                path = await trees.find_parent(tx, self._owner_id, old["parent_id"])
                await trees.check_room(tx, self._owner_id, path, more=len(made))
            await self._add_all(tx, made)
        return written

    async def _add_all(self, tx: Transaction, rows: Sequence[Row]) -> None:
        """Add these rows, each at a revision of its own, which is in none of them. Raises TooMany."""
        for row in rows:
            if row["reminders"] is not None:
                row.update(await alarms.settle(tx, None, row, owner_id=self._owner_id, task_id=row["id"]))
        number, more = len(rows), sum(map(self.statements.size, rows))
        owner = await advance(tx, self._owner_id, by=number, tasks=number, more=more)
        self._limits.check(owner, tasks=number, more=more)
        for revision, row in enumerate(rows, owner["revision"] - number + 1):
            added = {**row, "sequence": revision, "revision": revision}
            added["tags"], owner = await tags.refile(tx, owner, self._limits, added)
            await unbury(tx, self._owner_id, self.kind, row["id"])
            await tx.later(self.statements.insert, **added)

    async def _reopen(self, tx: Transaction, old: TaskRow, changes: Mapping[str, Any], owner: OwnerRow) -> Row:
        """Write it, open, with another place if an open task has come to stand in its own."""
        again, owner = await self._rejoin(tx, old, owner)
        opened: TaskRow = {**old, **again, "completed_at": None}  # type: ignore[typeddict-item] # columns of a task
        columns, owner = await self.resolve(tx, opened, self.to_columns(opened, changes), owner)
        columns = {**again, **columns}
        place = None if "position" in columns else await order.reopened(tx, old, owner["revision"])
        if place is None:
            return await self.put(tx, old, columns, owner)
        written = await self.put(tx, old, {**columns, "position": place.position}, owner)
        await self.put_all(tx, place.moved)
        return written

    async def _rejoin(
        self, tx: Transaction, row: TaskRow, owner: OwnerRow
    ) -> tuple[Mapping[str, str | None], OwnerRow]:
        """What a task that is reopened has of its series then, as columns. A successor goes if nothing was done to it.

        The owner's row is answered as `resolve` does.
        """
        if row["next_id"] is None:
            series_id, is_dated = row["series_id"], row["due_local"] is not None
            if row["recurrence"] is None or series_id is None:
                return {}, owner
            is_held = await series.is_held(tx, self._owner_id, row["id"], series_id)
            return ({} if is_dated and not is_held else {**NO_RULE, "series_id": None}), owner
        successor = await tx.one(self.statements.row, this_owner=self._owner_id, this_id=row["next_id"])
        below = [] if successor is None else await trees.below(tx, self._owner_id, row["next_id"])
        if successor is None or not series.is_untouched(successor, below):
            return {**NO_RULE, "series_id": None, "next_id": None, "position": last(owner["revision"])}, owner
        gone = [successor, *below]
        first = owner["revision"]
        owner = await advance(tx, self._owner_id, by=len(gone), tasks=-len(gone))
        await self.bury(tx, gone, first)
        return {"next_id": None, **series.given_back(row, successor)}, owner

    def skip(self, task_id: str, *, occurrence: str | None = None, expected: Revisions | None = None) -> Work[Row]:
        """Move a task that recurs to its next date, if it stands for this one still. Raises as `series.skipped` does."""

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            old = await self.take(tx, task_id, expected)
            return await self.put(tx, old, await series.skipped(tx, old, occurrence), owner)

        return work

    def tag(self, task_id: str, names: Sequence[str], *, expected: Revisions | None = None) -> Work[Row]:
        """Add these tags to those that it has by then: so nobody loses what another adds meanwhile."""
        return self.change(task_id, {"tag": names}, expected=expected)

    def untag(self, task_id: str, names: Sequence[str], *, expected: Revisions | None = None) -> Work[Row]:
        """Take these tags away from it, of those that it has by then."""
        return self.change(task_id, {"untag": names}, expected=expected)

    def snooze(
        self, task_id: str, reminder_id: str, until: datetime, *, expected: Revisions | None = None
    ) -> Work[Row]:
        """Have this reminder come then. Raises ReminderNotFound."""
        return self.change(task_id, {"snooze": (reminder_id, until)}, expected=expected)

    @staticmethod
    def to_columns(old: TaskRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Dates as the columns that they are in, the number of a priority, and tags as one text.

        What a task is filed by is moved and not changed: raises UseMove if it differs.
        """
        columns = tag_names.as_stored(None if old is None else old["tags"], references.as_stored(old, members))
        for name in ("due", "start"):
            if name in columns:
                columns |= dates.stored(name, columns.pop(name), old)
        if "snooze" in columns and old is not None:  # no member either
            columns["reminders"] = reminders.snoozed(old["reminders"], *columns.pop("snooze"))
        elif "reminders" in columns:
            columns["reminders"] = reminders.as_stored(columns["reminders"])
        if "priority" in columns:
            columns["priority"] = priorities.number(columns["priority"], None if old is None else old["priority"])
        return recurrence.as_stored(old, columns)

    async def resolve(
        self, tx: Transaction, old: TaskRow | None, columns: Mapping[str, Any], owner: OwnerRow
    ) -> tuple[Mapping[str, Any], OwnerRow]:
        """A new task is in its parent's list; tags that there are not yet are made, and who gets a rule is of a series."""
        if old is None and any(columns.get(name) is not None for name in references.FILED_BY):
            columns = await references.resolve(tx, self._owner_id, columns)
        if columns.get("recurrence") is not None and (old is None or old["recurrence"] is None):
            known = columns if old is None else old
            id_, before_it = known["id"], None if old is None else old["series_id"]
            columns = {**columns, "series_id": await series.series_of(tx, self._owner_id, id_, before_it)}
        if old is None and columns.get("reminders") is not None:
            columns = await alarms.settle(tx, None, columns, owner_id=self._owner_id, task_id=columns["id"])
        before = old["tags"] if old is not None else None
        if columns.get("tags", before) == before:
            return columns, owner
        text, owner = await tags.settle(tx, owner, self._limits, owner_id=self._owner_id, old=old, text=columns["tags"])
        return {**columns, "tags": text}, owner

    async def settle(self, tx: Transaction, old: TaskRow, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """When its reminders come now. What has none pays for this look alone."""
        if old["reminders"] is None and changes.get("reminders") is None:
            return changes
        return await alarms.settle(tx, old, changes, owner_id=self._owner_id, task_id=old["id"])

    async def put(
        self, tx: Transaction, old: TaskRow, changes: Mapping[str, Any], owner: OwnerRow, revision: int | None = None
    ) -> Row:
        """As with every kind. What leaves a list or its name there is noted; in another list it may have to be called otherwise."""
        if names.MEMBERS.isdisjoint(changes):
            return await super().put(tx, old, changes, owner, revision)
        new, revision = {**old, **changes}, owner["revision"] if revision is None else revision
        comes = names.list_of(new) != names.list_of(old)
        called, waiting = await names.fit(tx, new, revision) if comes else ({}, [])
        new |= called
        await names.leave(tx, old, new, revision)
        waits_for = new["ical_parent"]
        if waits_for is not None and new["parent_id"] is not None:
            called["ical_parent"] = None
        written = await super().put(tx, old, {**changes, **called}, owner, revision)
        await waiting_tasks.attach(tx, self, old["id"], waiting)
        if comes and waits_for is not None and new["parent_id"] is None:
            await waiting_tasks.attach_to(tx, self, old["id"], waits_for, names.list_of(new))
        if not comes and names.uid_of(new) != names.uid_of(old):
            # They name it by that.
            below = await waiting_tasks.children(tx, self._owner_id, old["id"])
            await self.put_all(tx, [(row, {}) for row in below])
        return written

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """It is filed under its tags again, and stands behind an open task that has come to stand in its place."""
        waiting: Sequence[str] = ()
        text, owner = await tags.refile(tx, owner, self._limits, row)
        before, row = self.statements.size(row), {**row, "tags": text} | self._text_is_known(row, text, owner)
        if self._may_be_called_otherwise(row, owner, now):
            called, waiting = await names.fit(tx, row, owner["revision"])
            row |= called
            if "ical_uid" in called:
                row["ical_revision"] = None  # its text says another
        if now is not None:
            await names.leave(tx, now, row, owner["revision"])
        if row["reminders"] is not None:
            row["reminders"] = await alarms.bring_back(tx, row, now)
        more = self.statements.size(row) - before
        await store(tx, self._owner_id, more)  # a tag is spelled otherwise by now, or the time of a reminder is past
        place = None if row["completed_at"] else await order.reopened(tx, row, owner["revision"])  # type: ignore[arg-type] # a whole row
        if place is not None:
            row["position"] = place.position
        revision = await super().bring_back(tx, row, owner, now=now)
        if place is not None:
            await self.put_all(tx, place.moved)
        await waiting_tasks.attach(tx, self, row["id"], waiting)
        return revision

    def _may_be_called_otherwise(self, row: Row, owner: OwnerRow, now: Row | None) -> bool:
        """Whether somebody may have its name or its UID by now, or wait for it. An import makes thousands that nobody knows."""
        is_new = row["revision"] == owner["revision"]
        comes = not is_new and (now is None or names.list_of(now) != names.list_of(row))
        of = ("ical_text", "ical_name", "ical_uid")
        return comes or any(each[name] is not None for each in (row, now or row) for name in of)

    def _text_is_known(self, row: Row, tags_now: str | None, owner: OwnerRow) -> Row:
        """Where a client's text said everything of a row, it does so of the same row at its new revision."""
        is_whole = row["ical_revision"] is not None and row["ical_revision"] == row["revision"]
        return {"ical_revision": owner["revision"]} if is_whole and tags_now == row["tags"] else {}

    async def removed(self, tx: Transaction, old: TaskRow) -> None:
        """It is filed under no tag any longer, and nobody is reminded of it."""
        await tags.unlink(tx, self._owner_id, old)
        await alarms.forget(tx, self._owner_id, old)

    def remove(self, id_: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove the task and all that is below it. Answers the task's id and the revision of its tombstone."""

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id, tasks=-1)
            old, below = await self._take_tree(tx, id_, expected)
            if below:
                await advance(tx, self._owner_id, by=len(below), tasks=-len(below))
            await self.bury(tx, [old, *below], owner["revision"])
            return {"id": id_, "revision": owner["revision"]}

        return work

    async def _take_tree(self, tx: Transaction, id_: str, expected: Revisions | None) -> tuple[TaskRow, list[TreeRow]]:
        """The task as `take` has it, and all that is below it: one statement in place of two."""
        found = await trees.tree(tx, self._owner_id, id_)
        return await self.expect(tx, id_, found[0] if found else None, expected), found[1:]

    def prepare(self, old: TaskRow | None, changes: Mapping[str, Any], stamp: Stamp) -> Mapping[str, Any]:
        """`is_completed` is stored as an instant, and a task that is complete already keeps its own."""
        columns = dict(changes) if old is not None else {"priority": 0, "is_cancelled": False, **changes}
        if "ical_text" in columns:
            columns.setdefault("ical_revision", None if columns["ical_text"] is None else stamp.revision)
        # An instant is given where it is that of the task above.
        if "completed_at" not in columns and ("is_completed" in columns or columns.get("is_cancelled")):
            before = None if old is None else old["completed_at"]
            # None toggles it.
            said = columns.pop("is_completed", None)
            is_completed = before is None if said is None else said
            if is_completed or columns.get("is_cancelled"):
                columns["completed_at"] = before or stamp.at
                if before is None:  # whatever is stored: code that does not know of it may have reopened the task
                    columns.setdefault("is_cancelled", False)
            else:
                columns |= {"completed_at": None, "is_cancelled": False}
        return columns

    async def look_elsewhere(self, tx: Reading, id_: str) -> None:
        """Raise Forbidden for the id of somebody else's task. Two owners who choose one at the same instant may both have it."""
        if await tx.one(SOMEBODY_ELSES, owner_id=self._owner_id, task_id=id_):
            raise Forbidden
