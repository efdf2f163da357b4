"""Every statement that Doable has, found in a process of its own: in this one there are those of other tests as well."""

import dataclasses
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import product
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
from doable.owned.journal import look_of
from doable.tasks.listing import ORDERS, Form, count_of, page_of

DEPTH = 4


OF_ALL_OWNERS = {
    "doable.backups.renewal.COUNT_API_TOKENS": "after a backup was restored",
    "doable.backups.renewal.COUNT_USERS": "after a backup was restored",
    "doable.backups.renewal.END_SESSIONS": "after a backup was restored",
    "doable.backups.renewal.FORGET_MAIL_TOKENS": "after a backup was restored",
    "doable.backups.renewal.REMOVE_API_TOKENS": "after a backup was restored",
    "doable.accounts.links.repository.EXPIRED.delete": "a purge",
    "doable.accounts.sessions.repository.EXPIRED.delete": "a purge",
    "doable.accounts.users.removal.REMOVED": "looks for removals that were begun",
    "doable.accounts.users.repository.PAGE": "the command that lists users",
    "doable.app.ANSWERS.expired": "a purge",
    "doable.owned.purge.EXPIRED_TOMBSTONES": "a purge",
    "doable.app.UNDOS.expired": "a purge",
    "doable.owned.restore.MOVE_ON": "after a backup was restored",
    "doable.sync.followers.REVISIONS": "of owners whose credential was checked",
    "doable.tasks.repository.SOMEBODY_ELSES": "tells 403 from 404",
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


def found() -> list[Found]:
    """All of them."""
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
    for made in (removal.credentials_and_directory, removal.contents, removal.single_rows):
        yield from _within(f"{made.__module__}.{made.__name__}", made(), DEPTH)
    for form in _forms():
        yield f"{WALK if form.is_walk and not form.parent else 'page'} {form}", page_of(form)
        if form.sort == "created_at":
            yield f"number {form}", count_of(form)


WALK = "walk"
"""How the name of a page begins that is read along an index, in its order."""


def _forms() -> Iterator[Form]:
    """Every form of page; with a cursor those that are read along an index."""
    filed = (
        (0, None, None),
        (1, None, None),
        (8, None, None),
        (0, True, None),
        (0, None, False),
        (0, None, True),
        (1, None, True),
    )
    for completed, (lists, section, parent), sort in product((None, True, False), filed, ORDERS):
        form = Form(completed, lists, section, parent, sort)
        if {"position": lists == 1 or parent, "-completed_at": completed}.get(sort, True):
            yield form
            if form.is_walk:
                yield form._replace(continues=True)


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


def ownerless(statement: Statement) -> tuple[set[str], set[str]]:
    """The tables of the statement, and those of them whose owner is compared to no parameter."""
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
    return {_original(table).name for table in tables}, {_original(table).name for table in keyed - named}


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
        look_of(statement)  # which makes another, when it is first asked
    facts = []
    for statement in Statement.all:
        tables, without = ownerless(statement)
        sql = statement.sqlite.sql
        facts.append(
            Found(
                names.get(statement, sql),
                sql,
                statement.postgresql.sql,
                sorted(tables),
                sorted(without),
                {str(each.key): python_type(each.type).__name__ for each in statement.construct.exported_columns},
                declared(statement),
            )
        )
    print(json.dumps([dataclasses.asdict(each) for each in sorted(facts, key=lambda each: each.name)]))  # noqa: T201


if __name__ == "__main__":
    _print()
