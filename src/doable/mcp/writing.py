"""The tools that write: each call is one transaction, all of it or nothing, and can be taken back."""

import hashlib
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any, Final

from pydantic_core import from_json, to_json

from doable import clock
from doable.database import Row, Transaction
from doable.database.types import instant_to_text
from doable.errors import DoableError, Invalid, TooManyRows
from doable.lists.repository import ListRepository
from doable.mcp import dates
from doable.mcp.arguments import Add, Arguments, Change, Complete, Delete, NewTask, SaveList, Undo, Update
from doable.mcp.caller import Caller, Surroundings, surroundings
from doable.owned.answers import Answer, answer
from doable.owned.owners import advance
from doable.owned.repository import Revisions
from doable.owned.undos import KEPT
from doable.owned.writes import IdempotencyKey, Writes
from doable.tasks.listing import INBOX
from doable.tasks.moving import move
from doable.tasks.reminders import ReminderIn
from doable.tasks.tables import TaskRow
from doable.tasks.tag_names import key_of
from doable.undo.repository import UndoRepository

MAX_ROWS: Final = 500
"""So many things may one call write: that is what can be looked over, and taken back at once."""
FEW: Final = 5
"""A call about more tasks is a long one for the database."""
AT: Final = "at"
"""In the details of an error: which of the things that a call is about it is."""

Doing = Callable[[Transaction, Surroundings], Coroutine[Any, Any, Row]]


class TooMuch(TooManyRows):
    """A call would write more than MAX_ROWS."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.details = {"rows": number}

    def __str__(self) -> str:
        return (
            f"this would change {self.details['rows']} things at least, with all that is below them; one call changes "
            f"{MAX_ROWS} at most. Nothing was done: name fewer tasks"
        )


async def add(caller: Caller, said: Add) -> Row:
    """Make tasks."""

    async def work(tx: Transaction, around: Surroundings) -> Row:
        made = []
        for index, each in enumerate(said.tasks):
            with _at(f"tasks[{index}]"):
                made.append(await caller.tasks.add(_new(each, around))(tx))
                await _check_rows(tx, caller, made[0]["revision"])
        return {"tasks": [around.told(task) for task in made]}

    return await _written(caller, said, work, many=len(said.tasks), request_id=said.request_id)


async def update(caller: Caller, said: Update) -> Row:
    """Change tasks."""
    changes = said.changes

    async def work(tx: Transaction, around: Surroundings) -> Row:
        first = await _revision(tx, caller)
        for index, each in enumerate(changes):
            with _at(f"changes[{index}]"):
                await _change(tx, caller, each, around)
                await _check_rows(tx, caller, first)
        return {"tasks": await _told(tx, caller, [f"{each.id}" for each in changes], around)}

    return await _written(caller, said, work, many=len(changes))


async def complete(caller: Caller, said: Complete) -> Row:
    """Complete tasks, cancel them, reopen them, or move them to their next dates."""
    ids = _each_once(said.ids)

    async def work(tx: Transaction, around: Surroundings) -> Row:
        first = await _revision(tx, caller)
        for index, id_ in enumerate(ids):
            with _at(f"ids[{index}]"):
                if said.outcome == "skip":
                    await caller.tasks.skip(id_)(tx)
                else:
                    is_cancelled = {"cancelled": True, "done": False}.get(said.outcome)
                    state = said.outcome != "reopen"
                    await caller.tasks.complete(id_, state=state, is_cancelled=is_cancelled)(tx)
                await _check_rows(tx, caller, first)
        tasks = await _told(tx, caller, ids, around)
        following = [task["next"] for task in tasks if task.get("next")] if said.outcome == "done" else []
        return {"tasks": tasks, "next": await _told(tx, caller, following, around)}

    return await _written(caller, said, work, many=len(ids), request_id=said.request_id)


async def delete(caller: Caller, said: Delete) -> Row:
    """Delete tasks, with all that is below them."""
    ids = _each_once(said.ids)

    async def work(tx: Transaction, _: Surroundings) -> Row:
        first = await _revision(tx, caller)
        for index, id_ in enumerate(ids):
            with _at(f"ids[{index}]"):
                await caller.tasks.take(tx, id_)
        for id_ in ids:
            there = caller.tasks.statements.row
            # One that is below another went with that.
            if await tx.one(there, this_owner=caller.owner_id, this_id=id_) is not None:
                await caller.tasks.remove(id_)(tx)
                await _check_rows(tx, caller, first)
        until = clock.now().astimezone(UTC) + KEPT
        return {"deleted": await _revision(tx, caller) - first, "until": instant_to_text(until)}

    return await _written(caller, said, work, many=len(ids))


async def save_list(caller: Caller, said: SaveList) -> Row:
    """Make a list; or change the one of this id, or of this name."""
    lists = ListRepository(caller.database, caller.owner_id, caller.limits)
    color = {} if said.color is None else {"color": said.color}

    async def work(tx: Transaction, around: Surroundings) -> Row:
        key = key_of(said.name)
        if key == INBOX:
            raise Invalid("the inbox is there already", where=("body", "name"))
        if any(each["id"] == key for each in around.lists):
            raise Invalid(
                "this is the id of a list: send it as id, with the name that it is to have", where=("body", "name")
            )
        same = [each["id"] for each in around.lists if key_of(each["name"]) == key]
        id_ = said.id or (same[0] if same else None)
        if id_ is None:
            row = await lists.add({"name": said.name, "color": None, "group": None, "is_archived": False, **color})(tx)
        else:
            row = await lists.change(f"{id_}", {"name": said.name, **color})(tx)
        return {name: row[name] for name in ("id", "name", "color", "is_archived", "revision")}

    return await _written(caller, said, work, many=1)


async def undo(caller: Caller, said: Undo) -> Row:
    """Take a call back."""
    undos = UndoRepository(caller.database, caller.owner_id, caller.limits)
    token = f"{said.undo}"
    left = await undos.left(token)
    write = _writes(caller, said, None)
    write.undoing = token
    if left == 0:
        write.undo_token = None
    write.has_parts = True
    if left > 1:
        while await write.part(undos.all_but_one(token)):
            pass
    answered = await write.in_parts(undos.undo(token), undos.part(token), answer)
    return _taken_back_by(answered)


def _taken_back_by(answered: Answer) -> Row:
    """The result, with the token that takes it back, if there is one: there may be no room for that."""
    result: Row = from_json(answered.body)
    return result if answered.undo_token is None else {**result, "undo": answered.undo_token}


def _writes(caller: Caller, said: Arguments, request_id: str | None) -> Writes:
    tool = type(said).__name__.lower()
    key = None
    if request_id is not None:
        digest = hashlib.sha256(b"mcp %b " % tool.encode() + to_json(said))
        key = IdempotencyKey(f"mcp:{request_id}", digest.hexdigest())
    return Writes(
        caller.database,
        caller.owner_id,
        key,
        caller.max_kept_bytes,
        str(uuid.uuid4()),
        may_go_on=caller.may_go_on,
        name=f"mcp {tool} {getattr(said, 'undo', '')}",
    )


async def _written(caller: Caller, said: Arguments, work: Doing, *, many: int, request_id: str | None = None) -> Row:
    """The result of a work, which is done at once or not at all."""

    async def in_transaction(tx: Transaction) -> Row:
        await advance(tx, caller.owner_id, by=0)  # what is read stays what it is
        return await work(tx, await surroundings(tx, caller.owner_id))

    answered = await _writes(caller, said, request_id)(in_transaction, answer, long=many > FEW)
    return _taken_back_by(answered)


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Have an error say of which it is."""
    try:
        yield
    except DoableError as error:
        error.details.setdefault(AT, place)
        raise


def _each_once(ids: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(map(str, ids)))


async def _revision(tx: Transaction, caller: Caller) -> int:
    owner = await advance(tx, caller.owner_id, by=0)
    return int(owner["revision"])


async def _check_rows(tx: Transaction, caller: Caller, first: int) -> None:
    written = await _revision(tx, caller) - first
    if written > MAX_ROWS:
        raise TooMuch(written)


async def _told(tx: Transaction, caller: Caller, ids: Sequence[str], around: Surroundings) -> list[Row]:
    """These tasks as they are now."""
    rows = [
        await tx.one(caller.tasks.statements.get, this_owner=caller.owner_id, this_id=id_) for id_ in dict.fromkeys(ids)
    ]
    return [around.told(row) for row in rows if row is not None]


def _new(said: NewTask, around: Surroundings) -> Mapping[str, Any]:
    new = _changed(said, around, None)
    if said.list is not None:
        new["list_id"] = around.list_id(said.list, "list_id")
    if said.parent is not None:
        new["parent_id"] = f"{said.parent}"
    if said.section is not None:
        new["section_id"] = around.section_id(said.section, new.get("list_id"), "section_id")
    return {**new, **({} if said.tags is None else {"tags": said.tags})}


async def _change(tx: Transaction, caller: Caller, said: Change, around: Surroundings) -> None:
    tasks, id_ = caller.tasks, f"{said.id}"
    expected: Revisions | None = None if said.if_revision is None else frozenset({said.if_revision})
    old = await tasks.take(tx, id_, expected)
    changed = _changed(said, around, old)
    for member, names in (("tag", said.add_tags), ("untag", said.remove_tags)):
        if names:
            changed[member] = names
    if changed:
        await tasks.change(id_, changed)(tx)
    to = _place(said, around, old)
    if to:
        await move(tasks, id_, to)(tx)


def _place(said: Change, around: Surroundings, old: TaskRow) -> dict[str, Any]:
    """Where it is to be moved."""
    to: dict[str, Any] = {}
    if said.parent is not None:
        to["parent_id"] = f"{said.parent}" or None
    if said.list is not None:
        to["list_id"] = around.list_id(said.list, "list_id")
        if old["parent_id"] is not None and "parent_id" not in to and to["list_id"] != old["list_id"]:
            to["parent_id"] = None  # a subtask is in its parent's list: whoever names another takes it out of there
    if said.section is not None:
        list_id = to.get("list_id", old["list_id"])
        to["section_id"] = around.section_id(said.section, list_id, "section_id") if said.section else None
    return to


def _changed(said: NewTask | Change, around: Surroundings, old: TaskRow | None) -> dict[str, Any]:
    """The members of a task that are said, as a repository takes them. An empty text clears, and so does 0."""
    changed: dict[str, Any] = {
        name: value or None
        for name in ("title", "description", "url", "priority", "estimate_minutes")
        if (value := getattr(said, name)) is not None
    }
    for name in ("due", "start"):
        text = getattr(said, name)
        if text is not None:
            changed[name] = dates.parts(text, around.here, name) if text else None
    changed |= _repeated(said.repeat, changed.get("due", ""), around, old)
    if said.reminders is not None:
        changed["reminders"] = [_reminder(text, around) for text in said.reminders]
    return changed


def _repeated(text: str | None, due: Any, around: Surroundings, old: TaskRow | None) -> dict[str, Any]:
    """How it is to recur. Words may also say the first date, and the time of all. Without a date nothing recurs."""
    if not text:
        return {"recurrence": None} if old is not None and (text is not None or due is None) else {}
    if old is not None and old["completed_at"] is None and text.upper() == old["recurrence"]:
        return {}  # as it was told, by whatever program it was made
    rule, first = dates.rule(text, around.here)
    changed: dict[str, Any] = {"recurrence": rule}
    if first is not None and not due and (old is None or old["due_local"] is None):
        changed["due"] = first
    elif first is not None and due and due["time"] is None:
        changed["due"] = {**due, "time": first["time"]}
    return changed


def _reminder(text: str, around: Surroundings) -> Mapping[str, Any]:
    if text[:1] in {"-", "+", "P"}:
        try:
            return ReminderIn(offset=text).model_dump()
        except ValueError:
            message = "must be a duration such as -PT30M or -P1D, or a date with a time"
            raise Invalid(message, where=("body", "reminders")) from None
    said = dates.parts(text, around.here, "reminders")
    if said["time"] is None:
        raise Invalid("a reminder needs a time, as in 2026-12-01T09:00", where=("body", "reminders"))
    at = clock.instant(f"{said['date']}T{said['time']}", said["timezone"] or around.here.zone)
    return ReminderIn(at=instant_to_text(at)).model_dump()
