"""Every statement that Doable has, found in a process of its own: in this one there are those of other tests as well."""

import dataclasses
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import chain, product
from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import Boolean, Delete, Insert, Integer, Table, Update
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter
from sqlalchemy.sql.selectable import Alias

import doable
from doable.accounts.users import removal
from doable.database import Statement
from doable.database.ownership import is_directory, owner_column
from doable.database.types import Flag, Instant, InstantText
from doable.errors import SortNeeds
from doable.notifications.digests import OVERDUE, TODAY
from doable.owned.journal import look_of
from doable.tasks.conditions import (
    Between,
    Common,
    Condition,
    Either,
    Every,
    Has,
    In,
    Is,
    Listed,
    Named,
    Not,
    Of,
    OfPriority,
    Words,
)
from doable.tasks.few import replaced, some
from doable.tasks.listing import (
    INBOX,
    Form,
    Listing,
    count_of,
    is_found_otherwise,
    keys_of,
    page_of,
)
from doable.tasks.moments import Moment
from doable.tasks.orders import ORDERS
from doable.tasks.plans import plan_of

DEPTH = 4


OF_ALL_OWNERS = {
    "doable.backups.renewal.COUNT_API_TOKENS": "after a backup was restored",
    "doable.backups.renewal.COUNT_USERS": "after a backup was restored",
    "doable.backups.renewal.END_SESSIONS": "after a backup was restored",
    "doable.backups.renewal.REMOVE_CALENDAR_TOKENS": "after a backup was restored",
    "doable.backups.renewal.FORGET_DELIVERIES": "after a backup was restored",
    "doable.backups.renewal.FORGET_MAIL_TOKENS": "after a backup was restored",
    "doable.backups.renewal.REMOVE_API_TOKENS": "after a backup was restored",
    "doable.backups.renewal.REMOVE_PUSH_SUBSCRIPTIONS": "after a backup was restored",
    "doable.accounts.links.repository.EXPIRED.delete": "a purge",
    "doable.accounts.sessions.repository.EXPIRED.delete": "a purge",
    "doable.accounts.users.removal.REMOVED": "looks for removals that were begun",
    "doable.accounts.users.repository.KINDS_OF_HASHES": "tells what kinds of hashes there are, long",
    "doable.accounts.users.repository.PAGE": "the command that lists users",
    "doable.app.ANSWERS.expired": "a purge",
    "doable.notifications.deliveries.ANY_DUE": "looks for deliveries that are due",
    "doable.notifications.deliveries.TAKE": "takes deliveries that are due",
    "doable.notifications.digests.DUE": "looks for digests that are due",
    "doable.notifications.deliveries.WAITING": "counts what waits, for the figures, long",
    "doable.notifications.firing.DUE": "looks for reminders that are due",
    "doable.notifications.repository.EXPIRED.delete": "a purge",
    "doable.owned.purge.DEPARTURES.expired": "a purge",
    "doable.owned.purge.TOMBSTONES.expired": "a purge",
    "doable.app.UNDOS.expired": "a purge",
    "doable.owned.restore.MOVE_ON": "after a backup was restored",
    "doable.sync.followers.REVISIONS": "of owners whose credential was checked",
    "doable.tasks.recurrence.series.TAKEN": "an id that is derived from another may be somebody else's by chance",
    "doable.tasks.repository.SOMEBODY_ELSES": "tells 403 from 404",
    "doable.transfer.looking.SOMEBODY_ELSES": "an id of an own export may be somebody else's on this server",
    "doable.transfer.repository.EXPIRED.delete": "a purge",
    "doable.transfer.repository.UNDER_WAY": "finds imports that are under way",
}
"""The statements on owner-keyed tables that name no owner, and why they may."""


@dataclasses.dataclass(frozen=True)
class Found:
    """A statement: the name that a module has for it, its texts, and the owner-keyed tables whose owner it does not name.

    `columns` are those of its rows with their Python types; `declared` what `Statement[…]` says of them.
    """

    name: str
    sqlite: str
    postgresql: str
    tables: list[str]
    ownerless: list[str]
    columns: dict[str, str]
    declared: dict[str, str] | None


@cache
def found() -> list[Found]:
    """All of them. It takes 8 seconds: whoever asks is of the group `statements`, which is one process's."""
    command = [sys.executable, "-m", "support.statements"]
    environ = {"PYTHONPATH": ":".join(sys.path)}
    process = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert process.returncode == 0, process.stderr
    return [Found(**each) for each in json.loads(process.stdout)]


def _named() -> Iterator[tuple[str, Statement[Any]]]:
    for module in pkgutil.walk_packages(doable.__path__, "doable."):
        if not module.name.endswith("__main__"):
            yield from _within(module.name, vars(importlib.import_module(module.name)), DEPTH)
    # They are made when they are first asked for, from all tables that have been imported by then.
    for made in (removal.credentials_and_directory, removal.contents, removal.single_rows, removal.what_lets_read):
        yield from _within(f"{made.__module__}.{made.__name__}", made(), DEPTH)
    for what, name, listing in listings():
        yield from _of_listing(what, name, listing)
    for name, listing in {"what is overdue": OVERDUE, "what is due today": TODAY}.items():
        yield from _of_listing("digest", f"{name} for a digest", listing)
        yield f"number of {name} for a digest", count_of(plan_of(listing).shape)


WALK = "walk"
"""How the name of a page begins that is read along an index, in its order."""

FOUND = "found"
"""And of one that is found by an index for what it asks for, if not in its order."""

COMMON = "common"
"""And of one that asks each task that it comes by."""

DUE_TODAY = {"since": Moment("today"), "before": Moment("tomorrow")}
WORK, HOME = Named("tag", "work"), Named("tag", "home")
ID = "7d444840-9dc0-41d1-b245-5ffdce74fad2"

ASKED: dict[str, tuple[Condition, ...]] = {
    "all": (),
    "list": (In((ID,)),),
    "lists": (In((ID, INBOX)),),
    "lists by name": (Named("list", "Work"),),
    "section": (Of("section", ID),),
    "sections by name": (Named("section", "Work"),),
    "no parent": (Not(Has("parent")),),
    "parent": (Of("parent", ID),),
    "parent in a list": (In((ID,)), Of("parent", ID)),
    "tag": (WORK,),
    "two tags": (WORK, HOME),
    "any tag": (Either((WORK, HOME)),),
    "tags by beginning": (Named("tag", "w", is_beginning=True),),
    "tag in a list": (WORK, In((ID,))),
    "priority": (OfPriority(("high",)),),
    "priorities": (OfPriority(("high", "low")),),
    "no priority": (OfPriority(("none", "low")),),
    "priority in a list": (OfPriority(("high",)), In((ID,))),
    "due": (Between("due", **DUE_TODAY),),
    "due before": (Between("due", before=Moment("today")),),
    "due in a list": (Between("due", **DUE_TODAY), In((ID,))),
    "some due": (Has("due"),),
    "no due": (Not(Has("due")),),
    "overdue": (Is("overdue"),),
    "today or overdue": (Either((Between("due", **DUE_TODAY), Is("overdue"))),),
    "this day or that": (
        Either(
            (
                Between("due", Moment("2026-12-01"), Moment("2026-12-02")),
                Every((Between("due", Moment("2026-12-09"), Moment("2026-12-10")), OfPriority(("high",)))),
            )
        ),
    ),
    "not overdue": (Not(Is("overdue")),),
    "available": (Is("available"),),
    "recurring": (Is("recurring"),),
    "series": (Of("series", ID),),
    "not archived": (Not(Is("archived")),),
    "start": (Between("start", **DUE_TODAY),),
    "completed": (Between("completed", **DUE_TODAY),),
    "created": (Between("created", **DUE_TODAY),),
    "today or high": (Either((Between("due", **DUE_TODAY), OfPriority(("high",)))),),
    "words": (Words("oat milk"),),
    "not these words": (Not(Words("milk")),),
    "words in a list": (Words('"oat milk" b c d'), In((ID,))),
    "words of a tag": (Words("milk"), WORK),
    "words or a tag": (Either((Words("milk"), WORK)),),
    "words of tags": (Not(Is("archived")), Named("tag", "w", is_beginning=True), OfPriority(("high",)), Words("milk")),
    "words of due ones": (Words("milk"), Between("due", **DUE_TODAY)),
    "much": (
        Not(Either((WORK, Is("cancelled"), Not(Has("time")), Named("list", "Work"), Between("start", **DUE_TODAY)))),
    ),
}
"""What can be asked for: alone, of open tasks and of completed ones, in each order."""


MUCH_LISTED = {
    "words",
    "not these words",
    "words of a tag",
    "words or a tag",
    "any tag",
    "tag",
    "completed",
    "priority",
    "start",
}
"""Of which there may be few, and many."""

MUCH_ASKED = {"all", "list", "tag", "priority", "due", "completed", "overdue"}


def listings() -> Iterator[tuple[str, str, Listing]]:
    """What is asked, that with its state and order, and the listing."""
    states = {"": (), "open ": (Not(Is("completed")),), "completed ": (Is("completed"),)}
    for (state, completed), (what, asked), sort in product(states.items(), ASKED.items(), ORDERS):
        if what not in MUCH_ASKED and (state == "completed " or sort in {"created_at", "-updated_at", "updated_at"}):
            continue  # they differ little from the others, and each statement takes its time
        with suppress(SortNeeds):
            plan_of(listing := Listing(Every((*completed, *asked)), sort))
            yield what, f"{state}{what} by {sort}", listing


def _of_listing(what: str, name: str, listing: Listing) -> Iterator[tuple[str, Statement[Any]]]:
    plan = plan_of(listing)
    kind = (
        WALK
        if plan.is_walk and "parent" not in name
        else FOUND
        if is_found_otherwise(plan.shape, plan.sort)
        else "page"
    )
    for walk in chain(*plan.stages):
        form = Form(plan.shape, plan.sort, walk, is_walk=plan.is_walk)
        statements = {
            f"{kind} {walk} of {name}": page_of(form),
            f"{kind} {walk} of {name}, further": page_of(form._replace(continues=True)) if plan.is_walk else None,
            f"keys {walk} of {name}": keys_of(form) if len(plan.order.walks) > 1 and what in {"all", "due"} else None,
        }
        yield from ((each, statement) for each, statement in statements.items() if statement is not None)
    if plan.sort == "updated_at":
        yield f"number of {name}", count_of(plan.shape)
    if what not in MUCH_LISTED or plan.sort not in {"-updated_at", "due", "priority"}:
        return
    if plan.is_scanned:
        yield f"keys of few {name}", some(plan.shape)
    for number, each in enumerate(plan.apart):
        yield f"keys {number} of few of {name}", some(each)
    few: dict[Condition, Condition] = {each: Listed("few") for each in plan.apart}
    common: dict[Condition, Condition] = {each: Common(each) for each in plan.apart}
    for (kind, instead), walk in product((("few", few), ("common", common)), chain(*plan.stages) if plan.apart else ()):
        form = Form(replaced(plan.shape, instead, is_short=True), plan.sort, walk)
        way = COMMON if kind == "common" else FOUND if is_found_otherwise(form.shape, form.sort) else "page"
        yield f"{way} {walk} of {kind} {name}", page_of(form)


def _within(name: str, value: Any, depth: int) -> Iterator[tuple[str, Statement]]:
    if isinstance(value, Statement):
        yield name, value
    elif depth and not isinstance(value, type):
        if isinstance(value, dict):
            parts = {key: each for key, each in value.items() if not str(key).startswith("__")}
        elif isinstance(value, (list, tuple, set, frozenset)):
            parts = dict(enumerate(value))
        elif type(value).__module__.startswith("doable.") and dataclasses.is_dataclass(value):
            parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        elif type(value).__module__.startswith("doable."):
            parts = getattr(value, "__dict__", {})
        else:
            return
        for key, each in parts.items():
            yield from _within(f"{name}.{key}", each, depth - 1)


def ownerless(statement: Statement) -> set[str]:
    """The tables of the statement whose owner is compared to no parameter."""
    elements = list(visitors.iterate(statement.construct))
    if isinstance(statement.construct, Update | Delete):
        elements.append(statement.construct.table)
    tables = {each for each in elements if isinstance(_original(each), Table)}
    pairs = [(e.left, e.right) for e in elements if isinstance(e, BinaryExpression) and e.operator is operators.eq]
    pairs += [(right, left) for left, right in pairs]
    named: set[Any] = set()
    for _ in pairs:  # as often as a chain of joins can be long
        named |= {
            _owned_by(one)
            for one, other in pairs
            if _owned_by(one) is not None and (isinstance(other, BindParameter) or _owned_by(other) in named)
        }
    if isinstance(statement.construct, Insert):
        named.add(statement.construct.table)  # the owner is given, since no owner's column may be null
    keyed = {table for table in tables if not is_directory(_original(table))}
    return {_original(table).name for table in keyed - named}


def _original(table: Any) -> Any:
    return table.element if isinstance(table, Alias) else table


def _owned_by(side: Any) -> Any:
    """The table, or its alias, if this is a column that says whose its rows are."""
    table = getattr(side, "table", None)
    original = _original(table)
    column = owner_column(original) if isinstance(original, Table) else None
    return table if column is not None and side.name == column.name else None


def python_type(of: Any) -> type[Any]:
    """What a value of this type is in a row."""
    if isinstance(of, Instant) and not isinstance(of, InstantText):
        return datetime
    return bool if isinstance(of, Flag | Boolean) else int if isinstance(of, Integer) else str


def declared(statement: Statement[Any]) -> dict[str, str] | None:
    """The members of the TypedDict that the statement is declared with; a type or None counts as the type."""
    orig_class = getattr(statement, "__orig_class__", None)
    if orig_class is None:
        return None
    hints = get_type_hints(get_args(orig_class)[0])
    return {
        name: "|".join(each.__name__ for each in get_args(hint) or (hint,) if each is not NoneType)
        for name, hint in hints.items()
    }


def _print() -> None:
    names: dict[Statement[Any], str] = {}
    for name, statement in _named():
        names.setdefault(statement, name)
    for statement in [*Statement.all]:
        if names.get(statement) not in OF_ALL_OWNERS:  # those are no part of a user's write
            look_of(statement)  # which makes another, when it is first asked
    facts = []
    for statement in Statement.all:
        sql = statement.sqlite.sql
        facts.append(
            Found(
                names.get(statement, sql),
                sql,
                statement.postgresql.sql,
                sorted(statement.tables),
                sorted(ownerless(statement)),
                {str(each.key): python_type(each.type).__name__ for each in statement.construct.exported_columns},
                declared(statement),
            )
        )
    print(json.dumps([dataclasses.asdict(each) for each in sorted(facts, key=lambda each: each.name)]))  # noqa: T201


if __name__ == "__main__":
    _print()
