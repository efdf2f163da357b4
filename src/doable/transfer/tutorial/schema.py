"""The tables and columns that such a database has, by the names that the courses give them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, inspect

from doable.errors import Misconfigured

# All names are compared without case and underscores: some are camelCase.
USERS: Final = ("users", "user")
TASKS: Final = ("tasks", "task", "todos", "todo", "todoitems", "todoitem", "items", "item")
NO_MATTER: Final = frozenset({"alembicversion"})

OF_USERS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "userid", "uid", "uuid"),
    "email": ("email", "emailaddress", "mail"),
    "login": ("username", "login"),
    "password": ("hashedpassword", "passwordhash", "hashpassword", "password"),
    "name": ("fullname", "name", "displayname"),
    "first_name": ("firstname",),
    "last_name": ("lastname",),
    "is_active": ("isactive", "active", "enabled"),
    "is_disabled": ("disabled", "isdisabled"),
    "is_verified": ("isverified", "emailverified", "verified"),
    "created_at": ("createdat", "created", "datejoined"),
}
OF_TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "taskid", "todoid", "itemid", "uuid"),
    "owner": ("ownerid", "userid", "owneruserid", "authorid", "creatorid", "createdbyid", "createdby", "owner", "user"),
    "title": ("title", "name", "task", "todo", "content", "text"),
    "description": ("description", "details", "detail", "body", "notes", "note", "content", "text"),
    "is_completed": ("completed", "iscompleted", "complete", "iscomplete", "done", "isdone", "finished", "isfinished"),
    "status": ("status", "state"),
    "due": ("duedate", "due", "dueat", "deadline"),
    "priority": ("priority",),
    "tags": ("tags", "labels"),
    "category": ("category",),
    "parent": ("parentid", "parenttaskid"),
    "created_at": ("createdat", "created", "datecreated"),
    "updated_at": ("updatedat", "updated", "modifiedat"),
    "completed_at": ("completedat", "finishedat", "doneat"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """A table, and which of its columns is what."""

    table: str
    named: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Schema:
    """Where users and tasks are."""

    users: Columns
    tasks: Columns
    not_understood: tuple[str, ...]
    """The tables and columns that are not read, as sentences."""


def find(connection: Connection) -> Schema:
    """The tables of users and of tasks. Raises Misconfigured where there are none."""
    inspector = inspect(connection)
    tables = inspector.get_table_names()
    if {"owners", "revocations"} <= {*tables}:
        message = "This is a database of Doable. `doable backup` and `doable restore` move it as a whole."
        raise Misconfigured(message)

    def columns(names: tuple[str, ...], meant: Mapping[str, tuple[str, ...]], must: tuple[str, ...]) -> Columns:
        table = _first(names, tables)
        if table is None:
            message = f"There is no table of the name {' or '.join(names[:4])}."
            raise Misconfigured(message)
        there = [each["name"] for each in inspector.get_columns(table)]
        named: dict[str, str] = {}
        for what, usual in meant.items():
            if found := _first(usual, [each for each in there if each not in named.values()]):
                named[what] = found
        if missing := [what for what in must if what not in named]:
            message = f"The table {table} has no column for the {missing[0]}: it has {', '.join(there)}."
            raise Misconfigured(message)
        others.extend(f"the column `{table}.{each}`" for each in there if each not in named.values())
        return Columns(table, named)

    others: list[str] = []
    users = columns(USERS, OF_USERS, ("id",))
    tasks = columns(TASKS, OF_TASKS, ("id", "owner"))
    read = {users.table, tasks.table}
    others += [f"the table `{each}`" for each in tables if each not in read and _plain(each) not in NO_MATTER]
    return Schema(users, tasks, tuple(others))


def _first(names: tuple[str, ...], there: Iterable[str]) -> str | None:
    plain = {_plain(each): each for each in there}
    return next((plain[name] for name in names if name in plain), None)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
