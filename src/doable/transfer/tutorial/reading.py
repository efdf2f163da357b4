"""Reads the old database once, in a read-only transaction: its users, and a temporary file with each one's tasks."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

import asyncpg
from pydantic import SecretStr, TypeAdapter, ValidationError
from pydantic_core import to_json
from sqlalchemy import Connection, NullPool, column, create_engine, func, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from doable.accounts.mail_addresses import normalised
from doable.accounts.passwords.kinds import kind_of
from doable.database.postgresql.servers import Servers
from doable.database.sqlite.driver import sqlite3
from doable.errors import Misconfigured
from doable.settings import PostgreSQLServers
from doable.settings.postgresql import PostgreSQLURL
from doable.transfer.formats import when
from doable.transfer.formats.draft import one_line, quoted
from doable.transfer.tutorial import schema

TOGETHER: Final = 500
LONGEST_NAME: Final = 100
_SQLITE: Final = re.compile(r"sqlite(\+\w+)?:///(?P<path>[^?]+)")
_POSTGRESQL: Final = re.compile(r"postgres(ql)?(\+\w+)?://")
_FALSE: Final = frozenset({"", "0", "f", "false", "n", "no"})
_NO_LIMITS: Final = (
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET default_transaction_read_only = on"
)


@dataclass(frozen=True, slots=True)
class OldUser:
    """A user of the old database who can have an account here."""

    key: str
    email: str
    name: str
    password_hash: str | None
    """None where it is nothing that can be verified here."""
    is_verified: bool
    created_at: datetime | None


@dataclass(slots=True)
class Old:
    """What is in the old database."""

    users: list[OldUser]
    places: dict[str, tuple[int, int]]
    """Where the tasks of each are in the file, by the user's key."""
    highest_priority: int | None
    """The highest of the numbers that priorities are."""
    not_understood: list[str]


def read(url: str, rest: BinaryIO) -> Old:
    """What is there; the tasks are written into the file, a line of JSON each. Raises Misconfigured."""
    try:
        if match := _SQLITE.fullmatch(url):
            return _read_sqlite(Path(match["path"]), rest)
        if match := _POSTGRESQL.match(url):
            return asyncio.run(_read_postgresql(f"postgresql://{url[match.end() :]}", rest))
    except DBAPIError as error:
        message = f"The old database cannot be read: {one_line(str(error.orig))}."
        raise Misconfigured(message) from None  # which could have the URL in it
    message = "The old database is given as postgresql://… or sqlite:///FILE."
    raise Misconfigured(message)


def _read_sqlite(path: Path, rest: BinaryIO) -> Old:
    if not path.is_file():
        message = f"There is no file {path}."
        raise Misconfigured(message)

    def connect() -> Any:
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)

    engine = create_engine("sqlite://", creator=connect, module=sqlite3, poolclass=NullPool)
    with engine.connect() as connection:
        return _gather(connection, rest)


async def _read_postgresql(url: str, rest: BinaryIO) -> Old:
    try:
        checked: SecretStr = TypeAdapter(PostgreSQLURL).validate_python(url)
    except ValidationError as error:
        message = f"The URL {error.errors()[0]['msg'].removeprefix('Value error, ')}."
        raise Misconfigured(message) from None  # it has the URL in it
    servers = Servers(PostgreSQLServers.of(checked.get_secret_value()))

    async def connect() -> asyncpg.Connection:
        connection = await servers.connect(command_timeout=None)
        await connection.execute(_NO_LIMITS)
        return connection

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await connection.run_sync(_gather, rest)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        message = f"The old database cannot be reached: {one_line(str(error)) or type(error).__name__}."
        raise Misconfigured(message) from None
    finally:
        await engine.dispose()


def _gather(connection: Connection, rest: BinaryIO) -> Old:
    found = schema.find(connection)
    old = Old([], {}, _highest(connection, found.tasks), [*found.not_understood])
    known = set()
    for row in _rows(connection, found.users):
        known.add(_key(row["id"]))
        if (user := _user(row, old.not_understood)) is not None:
            old.users.append(user)
    taken = {user.key for user in old.users}
    without = 0
    for key, rows in groupby(_rows(connection, found.tasks, "owner", "id"), lambda row: _key(row["owner"])):
        if key not in taken:
            count = sum(1 for _ in rows)
            without += 0 if key in known else count  # of those who are not taken it is said already
            continue
        start = rest.tell()
        for row in rows:
            rest.write(to_json({name: _plain(value) for name, value in row.items()}, fallback=str) + b"\n")
        old.places[key] = start, rest.tell()
    if without:
        old.not_understood.append(f"{tasks(without)} of nobody")
    if old.highest_priority:
        old.not_understood.append("the priorities are numbers: the higher, the more urgent")
    return old


def _rows(connection: Connection, columns: schema.Columns, *order: str) -> Iterator[Mapping[str, Any]]:
    """The rows as the driver has them, by what each column is: SQLite's columns may have anything in them."""
    source = table(columns.table, *(column(name) for name in columns.named.values()))
    wanted = [source.c[name].label(f"as_{what}") for what, name in columns.named.items()]
    statement = select(*wanted).order_by(*(source.c[columns.named[what]] for what in order))
    for row in connection.execution_options(yield_per=TOGETHER).execute(statement):
        yield dict(zip(columns.named, row, strict=True))


def _highest(connection: Connection, columns: schema.Columns) -> int | None:
    name = columns.named.get("priority")
    if name is None:
        return None
    found = connection.scalar(select(func.max(column(name))).select_from(table(columns.table)))
    return found if type(found) is int else None


def _user(row: Mapping[str, Any], not_understood: list[str]) -> OldUser | None:
    """The user, unless there is a reason against it, which is said."""
    login = one_line(str(row.get("login") or ""))
    address = one_line(str(row.get("email") or "")) or login
    who = f"the user {quoted(address or str(row['id']))}"
    try:
        email = normalised(address)
    except ValueError:
        not_understood.append(f"{who}: without an e-mail nobody can log in")
        return None
    if not is_true(row.get("is_active"), unsaid=True) or is_true(row.get("is_disabled")):
        not_understood.append(f"{who}: the account is not active")
        return None
    password = row.get("password")
    has_hash = isinstance(password, str) and kind_of(password) is not None
    if not has_hash:
        not_understood.append(f"the password of {email}: it has to be chosen anew, by “forgot password”")
    both = " ".join(one_line(str(row.get(name) or "")) for name in ("first_name", "last_name")).strip()
    name = one_line(str(row.get("name") or "")) or both or email.rpartition("@")[0].lower()
    return OldUser(
        key=_key(row["id"]),
        email=email,
        name=name[:LONGEST_NAME],
        password_hash=str(password) if has_hash else None,
        is_verified=is_true(row.get("is_verified")),
        created_at=_instant(row.get("created_at")),
    )


def tasks(number: int) -> str:
    """So many."""
    return f"{number} task{'' if number == 1 else 's'}"


def is_true(value: object, *, unsaid: bool = False) -> bool:
    """Whether a column says yes: some have numbers, texts, or since when it is so."""
    return unsaid if value is None else str(value).strip().lower() not in _FALSE


def _instant(value: object) -> datetime | None:
    text = when.instant(when.parsed(str(value)), "UTC")
    return None if text is None else datetime.fromisoformat(text)


def _key(value: object) -> str:
    return "" if value is None else str(value)


def _plain(value: object) -> object:
    """As it goes into JSON; what is binary is no text here."""
    return None if isinstance(value, bytes | memoryview) else value
