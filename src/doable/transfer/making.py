"""Makes what an import has stored: a slice in a transaction, so that none is done twice, whoever does it.

What is there stays as it is. What somebody has taken away meanwhile, such as a list, is done without, and told.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Table

from doable import clock
from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.database.types import Instant, instant_to_text
from doable.errors import ChannelNotVerified, Conflict, DoableError, Invalid, NotInList, ReferenceNotFound, TooManyRows
from doable.owned import positions
from doable.owned.imports import DONE, RUNNING, ImportRow
from doable.owned.limits import Limits
from doable.owned.owners import advance, unbury
from doable.preferences.repository import PreferencesRepository
from doable.tasks import alarms, references, tags
from doable.tasks.recurrence import series
from doable.tasks.reminders import Whereabouts, comes_at, from_text, to_text
from doable.tasks.tag_names import from_text as names_of
from doable.tasks.tag_names import to_text as text_of
from doable.transfer.fitting import repositories
from doable.transfer.looking import BURIED, ORDERED, PREFERS, THERE, room_for
from doable.transfer.repository import KEEP_SLICE, KEPT, SLICE_OF, put, take
from doable.transfer.schemas import TOLD


class Making:
    """One slice of an import, in its transaction. The owner's row is taken."""

    def __init__(self, tx: Transaction, database: Database, row: ImportRow, limits: Limits) -> None:
        self._tx = tx
        self._owner_id: str = row["owner_id"]
        self._row = row
        self._limits = limits
        self._repositories = repositories(database, self._owner_id, limits)
        self._preferences = PreferencesRepository(database, self._owner_id)
        self._kinds: dict[str, dict[str, int]] = from_json(row["kinds"])
        self._told: Row = from_json(row["not_understood"])
        self._tag_keys: set[str] = set()
        self.made: list[list[Any]] = []
        """The kind, the id and the revision of each."""

    async def run(self, things: Sequence[Row]) -> dict[str, Any]:
        """Make what is not there. Answers what changes of the import."""
        for kind in dict.fromkeys(thing["kind"] for thing in things):
            await self._make_all(kind, [thing for thing in things if thing["kind"] == kind])
        return {
            "kinds": to_json(self._kinds).decode(),
            "not_understood": to_json(self._told).decode(),
            "done": self._row["done"] + len(things),
        }

    async def _make_all(self, kind: str, things: Sequence[Row]) -> None:
        numbers = self._kinds[kind]
        if kind == "preferences":
            for thing in things:
                numbers["made" if await self._prefer(thing) else "there"] += 1
            return
        ids = [thing["id"] for thing in things]
        there = {row["id"] for row in await self._tx.all(THERE[kind], owner_id=self._owner_id, ids=ids)}
        if kind == "tag":
            keys = await tags.find(self._tx, self._owner_id, [thing["columns"]["key"] for thing in things])
            there |= {thing["id"] for thing in things if thing["columns"]["key"] in keys}
        new = [thing for thing in things if thing["id"] not in there]
        numbers["there"] += len(things) - len(new)
        if new and kind in ORDERED:
            room = await room_for(self._tx, self._owner_id, kind)
            for thing in new[room:]:
                self._leave_out(thing, f"the {kind}: there may be {ORDERED[kind].most} of them")
            new = new[:room]
        before = await advance(self._tx, self._owner_id, by=0)
        # Hardly anything was there before: one look in place of a statement for each.
        ids = [thing["id"] for thing in new]
        buried = {row["id"] for row in await self._tx.all(BURIED, owner_id=self._owner_id, kind=kind, ids=ids)}
        for thing in new:
            await self._make(thing, was_there=thing["id"] in buried)
        owner = await advance(self._tx, self._owner_id, by=0)
        tasks, more = owner["tasks"] - before["tasks"], owner["stored_bytes"] - before["stored_bytes"]
        self._limits.check(owner, tasks=tasks, more=more)

    async def _make(self, thing: Row, *, was_there: bool) -> None:
        repository = self._repositories[thing["kind"]]
        row = self._whole(repository.table, thing)
        if thing["kind"] == "section" and not await self._tx.one(
            references.LIST, owner_id=self._owner_id, this_id=row["list_id"]
        ):
            self._leave_out(thing, "the section: its list is gone by now")
            return
        if thing["kind"] == "task":
            row = await self._fit_in(row, thing)
        size = repository.statements.size(row)
        owner = await advance(self._tx, self._owner_id, tasks=int(repository.is_counted), more=size)
        if was_there:
            await unbury(self._tx, self._owner_id, repository.kind, row["id"])
        row["revision"] = owner["revision"]
        revision = await repository.bring_back(self._tx, row, owner, now=None)
        self.made.append([thing["kind"], thing["id"], revision])
        self._kinds[thing["kind"]]["made"] += 1

    def _whole(self, table: Table, thing: Row) -> Row:
        """The row of a thing that is new, but for its revision."""
        base: int = self._row["base"]
        row: Row = {column.name: None for column in table.columns}
        for name, value in thing["columns"].items():
            is_instant = type(table.c[name].type) is Instant and value is not None
            row[name] = datetime.fromisoformat(value) if is_instant else value
        made, stands = base + thing["made"] + 1, base + thing["stands"] + 1
        # A task that was never moved needs no position.
        position = None if thing["kind"] == "task" and made == stands else positions.last(stands)
        own = {"owner_id": self._owner_id, "id": thing["id"], "sequence": made, "position": position}
        return {**row, **own, "updated_at": clock.now()}

    async def _fit_in(self, row: Row, thing: Row) -> Row:
        """A task, in what it names as that is by now, and reminded of when its owner's preferences say."""
        named = {name: row[name] for name in references.FILED_BY}
        while any(named.values()):
            try:
                named |= await references.resolve(self._tx, self._owner_id, named)
                break
            except (Invalid, Conflict) as error:
                lost = self._lost(error, named)
                self._tell(thing, f"its {lost.removesuffix('_id')}, which is gone or full by now")
                named[lost] = None
        row = {**row, **named, "tags": await self._tags(row["tags"], thing)}
        if row["recurrence"] is not None and row["completed_at"] is None:
            row["series_id"] = await series.series_of(self._tx, self._owner_id, row["id"], row["series_id"])
        if row["reminders"] is not None:
            row["reminders"] = await self._remind(row)
        return row

    async def _tags(self, text: str | None, thing: Row) -> str | None:
        """Its tags, without those that would be too many of all."""
        names = names_of(text)
        if names.keys() <= self._tag_keys:
            return text
        self._tag_keys |= {*await tags.find(self._tx, self._owner_id, names)}
        new = [key for key in names if key not in self._tag_keys]
        room = await room_for(self._tx, self._owner_id, "tag") if new else 0
        for key in new[room:]:
            self._tell(thing, f"its tag `{names.pop(key)}`: there may be {ORDERED['tag'].most} of them")
        self._tag_keys |= {*new[:room]}
        return text_of(names)

    def _lost(self, error: DoableError, named: Mapping[str, Any]) -> str:
        if isinstance(error, ReferenceNotFound | NotInList):
            name = error.where[-1]
            return name if named[name] is not None else "parent_id"
        return "parent_id"  # too deep, or too many

    async def _remind(self, row: Row) -> str | None:
        """When its reminders come: by its dates, but for one that was put off."""
        here = await alarms.whereabouts(self._tx, self._owner_id)
        zone = self._row["timezone"]
        there = here if zone is None else Whereabouts(clock.known_zone(zone), self._row["day_reminder_at"])
        reminders = from_text(row["reminders"])
        for each in reminders:
            said = each["remind_at"]
            by_dates = comes_at(row, each, there) if row["completed_at"] is None else None
            if said is None or (by_dates is not None and said == instant_to_text(by_dates)):
                at = comes_at(row, each, here) if row["completed_at"] is None else None
                each["remind_at"] = None if at is None else instant_to_text(at)
        return to_text(reminders)

    async def _prefer(self, thing: Row) -> bool:
        """Set what the owner has not set yet. Whether it was."""
        if await self._tx.one(PREFERS, owner_id=self._owner_id) is not None:
            return False
        members = dict(thing["columns"])
        while members:
            try:
                await self._preferences.change(members)(self._tx)
            except (ReferenceNotFound, ChannelNotVerified, Invalid) as error:
                name = next((each for each in reversed(error.where) if each in members), None)
                self._tell(thing, f"the preference `{name}`: {error}")
                if name is None:
                    return False
                del members[name]
            except TooManyRows:
                self._tell(thing, "the preferences: there are too many tasks whose reminders would follow")
                return False
            else:
                return True
        return False

    def _leave_out(self, thing: Row, why: str) -> None:
        self._tell(thing, why)
        self._kinds[thing["kind"]]["not_taken"] += 1

    def _tell(self, thing: Row, what: str) -> None:
        self._told["total"] += 1
        if len(self._told["items"]) < TOLD:
            of = None if thing["kind"] == "preferences" else thing["title"]
            self._told["items"].append({"what": what.rstrip("."), "line": thing["line"], "of": of})


def make_slice(database: Database, owner_id: str, id_: str, limits: Limits) -> Work[bool]:
    """The work that makes the next slice. Answers whether there may be another one."""

    async def work(tx: Transaction) -> bool:
        await advance(tx, owner_id, by=0)
        row = await take(tx, owner_id, id_)
        if row["state"] != RUNNING:
            return False
        if row["base"] is None:
            # Nobody else's things stand among its own, and theirs behind these.
            owner = await advance(tx, owner_id, by=row["total"] + 1)
            row = await put(tx, row, base=owner["revision"] - row["total"] - 1)
        number = row["next_slice"]
        if number >= row["slices"]:
            await _end(tx, row)
            return False
        kept = {"owner_id": owner_id, "import_id": id_, "number": number}
        stored = await tx.one(SLICE_OF, **kept)
        assert stored is not None  # noqa: S101 - it was stored before the import began
        making = Making(tx, database, row, limits)
        changes = await making.run(from_json(stored["things"]))
        await tx.one(KEEP_SLICE, **kept, new_things=to_json(making.made).decode())
        row = await put(tx, row, next_slice=number + 1, **changes)
        is_last: bool = number + 1 >= row["slices"]
        if is_last:
            await _end(tx, row)
        return not is_last

    return work


async def _end(tx: Transaction, row: ImportRow) -> None:
    await put(tx, row, state=DONE, expires_at=clock.now() + KEPT)
