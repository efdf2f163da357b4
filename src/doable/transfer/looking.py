"""What an import would find: which of its things are there already, and which have an id that is somebody else's."""

from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Table, bindparam, select

from doable.database import Database, Reading, Statement, Transaction
from doable.database.pages import SLICE
from doable.database.types import Ids, one_of
from doable.kinds import KINDS
from doable.owned.limits import Limits
from doable.owned.ordering import OrderedRepository
from doable.owned.tables import owners, tombstones
from doable.preferences.kind import PREFERENCES
from doable.tasks import tags
from doable.tasks.tables import tasks
from doable.tasks.tag_names import key_of
from doable.transfer.plan import ORDER, Plan, Thing
from doable.transfer.telling import Outline, Question

IDS: Final = bindparam("ids", type_=Ids())


def _there(table: Table) -> Statement[Any]:
    return Statement(select(table.c.id).where(table.c.owner_id == bindparam("owner_id"), one_of(table.c.id, IDS)))


THERE: Final[Mapping[str, Statement[Any]]] = {kind.name: _there(kind.repository.table) for kind in KINDS}
BURIED: Final = Statement(
    select(tombstones.c.id).where(
        tombstones.c.owner_id == bindparam("owner_id"),
        tombstones.c.kind == bindparam("kind"),
        one_of(tombstones.c.id, IDS),
    )
)
ORDERED: Final[Mapping[str, type[OrderedRepository[Any]]]] = {
    kind.name: kind.repository for kind in KINDS if issubclass(kind.repository, OrderedRepository)
}
"""Of these there may only be so many."""
SOMEBODY_ELSES: Final = Statement(
    select(tasks.c.id).where(one_of(tasks.c.id, IDS), tasks.c.owner_id != bindparam("owner_id"))
)
OWNER: Final = Statement(
    select(owners.c.tasks, owners.c.stored_bytes).where(owners.c.owner_id == bindparam("owner_id"))
)
PREFERS: Final = Statement(
    select(PREFERENCES.repository.table.c.revision).where(
        PREFERENCES.repository.table.c.owner_id == bindparam("owner_id")
    )
)

Looking = Generator[Question, Any, None]


def look(plan: Plan) -> Looking:
    """Note in the plan what is there, give what is somebody else's an id of its own, and leave out what is too many."""
    for kind in ORDER:
        things = [thing for thing in plan.things if thing.kind == kind]
        for some in _several(things):
            if kind == "task" and plan.format == "doable":
                yield from _rename(plan, some)
            ids = {*(yield Question("there", kind, [each.id for each in some]))}
            keys = set()
            if kind == "tag":  # one is there if another of its name is
                keys = {*(yield Question("named", kind, [key_of(each.title) for each in some]))}
            for thing in some:
                thing.is_there = thing.id in ids or (kind == "tag" and key_of(thing.title) in keys)
        yield from _leave_out(plan, things)


def _rename(plan: Plan, some: list[Thing]) -> Looking:
    """Of tasks alone an id is one owner's only, unless two take it at the same time. One that was renamed before is known by that."""
    ids = [each.id for each in some]
    taken = {*(yield Question("elsewhere", "task", ids))} - {*(yield Question("there", "task", ids))}
    derived = {thing.id: plan.derived("task", thing.id) for thing in some}
    before = {*(yield Question("there", "task", [*derived.values()]))}
    for thing in some:
        if thing.id in taken or derived[thing.id] in before:
            thing.id = derived[thing.id]


def _leave_out(plan: Plan, things: list[Thing]) -> Looking:
    for thing in things:
        home = plan.list_of(thing) if thing.kind == "section" else None
        if home is not None and home.is_left_out:
            plan.told.add("the section of such a list", thing.line, thing.title)
            thing.is_left_out = True
    new = [thing for thing in things if not (thing.is_there or thing.is_left_out)]
    if new and (kind := new[0].kind) in ORDERED:
        room: int = yield Question("room", kind)
        for thing in new[room:]:
            plan.told.add(f"the {kind}: there may be {ORDERED[kind].most} of them", thing.line, thing.title)
            thing.is_left_out = True


async def answer(database: Database, owner_id: str, question: Question) -> list[str] | int:
    """What this owner's account says to it."""
    kind, values = question.kind, question.values
    match question.about:
        case "room":
            return await room_for(database, owner_id, kind)
        case "named":

            async def find(tx: Transaction) -> list[str]:
                return [*await tags.find(tx, owner_id, values)]

            return await database.read(find, long=True)
        case "elsewhere":
            return [row["id"] for row in await database.all(SOMEBODY_ELSES, owner_id=owner_id, ids=values)]
        case "there" if kind == "preferences":
            return values if await database.one(PREFERS, owner_id=owner_id) else []
        case "there":
            return [row["id"] for row in await database.all(THERE[kind], owner_id=owner_id, ids=values)]


async def room_for(tx: Reading, owner_id: str, kind: str) -> int:
    """How many more there may be of a kind."""
    count = await tx.one(ORDERED[kind].order.count, owner_id=owner_id)
    return max(0, ORDERED[kind].most - (0 if count is None else count["number"]))


async def exceeds(database: Database, owner_id: str, outline: Outline, limits: Limits) -> str | None:
    """The limit at which the import would stop."""
    owner = await database.one(OWNER, owner_id=owner_id)
    if owner is None:
        return None
    number, more = outline.new_tasks, outline.new_bytes
    if limits.tasks is not None and number and owner["tasks"] + number > limits.tasks:
        return "tasks"
    if limits.stored_bytes is not None and more and owner["stored_bytes"] + more > limits.stored_bytes:
        return "storage"
    return None


def _several(things: list[Thing]) -> Iterator[list[Thing]]:
    return (things[start : start + SLICE] for start in range(0, len(things), SLICE))
