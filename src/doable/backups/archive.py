"""An archive of pg_dump, in its custom format: what is in it, and how it is loaded in a transaction of ours."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import asyncpg

from doable.backups.backup import Backup, refusal
from doable.backups.programs import run, running
from doable.database.schema import Schema
from doable.errors import Misconfigured

TOGETHER: Final = 64 * 1024
"""So many bytes of rows, or a little more, are sent to the server at once."""

_END: Final = b"\\.\n"
_COPY: Final = re.compile(r"COPY (\S+)\.(\S+) \((.+)\) FROM stdin;\n")
_TABLE: Final = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (\S+) ", re.MULTILINE)
_CREATED: Final = re.compile(r"^; Archive created at (\d+-\d+-\d+ \d+:\d+:\d+)", re.MULTILINE)
# What is for the session of pg_restore or psql alone. The rest names everything in full.
_OF_A_SESSION: Final = re.compile(r"^(SET |SELECT pg_catalog\.set_config\(|\\(un)?restrict ).*\n", re.MULTILINE)


def examine(path: Path) -> Backup:
    """What is in an archive, all of which is read. Raises Misconfigured for a file that is none, or is damaged."""
    try:
        created = _CREATED.search(run("pg_restore", "--list", str(path)))
        run("pg_restore", "--file=/dev/null", str(path))
        version: dict[str, str] = {}
        users = 0
        of_these = "--table=users", "--table=alembic_version"
        with running("pg_restore", "--data-only", "--file=-", *of_these, str(path)) as output:
            for table, columns, rows in _copies(output):
                if table[1] == "users":
                    users = sum(1 for _ in rows)
                else:
                    for row in rows:
                        version = dict(zip(columns, row.decode().rstrip("\n").split("\t"), strict=True))
    except Misconfigured as error:
        raise refusal(path, f"is no backup of Doable's PostgreSQL, or is damaged: {error}") from error
    if created is None or "version_num" not in version:
        raise refusal(path, "is no backup of Doable")
    made_at = datetime.fromisoformat(created[1]).replace(tzinfo=UTC)
    return Backup(Schema.of({name: None if text == r"\N" else text for name, text in version.items()}), made_at, users)


def tables_of(path: Path) -> set[str]:
    """The tables that are in it."""
    return set(_TABLE.findall(run("pg_restore", "--list", str(path))))


async def load(connection: "asyncpg.Connection[Any]", path: Path) -> None:
    """Make all that is in it, in the transaction of the caller, which must be undone if this raises."""
    await _make(connection, path, "pre-data")
    with running("pg_restore", "--section=data", "--file=-", str(path)) as output:
        for (schema, table), columns, rows in _copies(output):
            await connection.copy_to_table(table, schema_name=schema, columns=columns, source=_together(rows))
    await _make(connection, path, "post-data")


async def _make(connection: "asyncpg.Connection[Any]", path: Path, section: str) -> None:
    sql = run("pg_restore", f"--section={section}", "--no-owner", "--no-privileges", "--file=-", str(path))
    await connection.execute(_OF_A_SESSION.sub("", sql))


def _copies(output: IO[bytes]) -> Iterator[tuple[tuple[str, str], list[str], Iterator[bytes]]]:
    """Each table, its columns, and its rows, which must be read before the next."""
    for line in output:
        if found := _COPY.fullmatch(line.decode()):
            schema, table, columns = found.groups()
            unquoted = [name.strip('"') for name in (schema, table, *columns.split(", "))]
            yield (unquoted[0], unquoted[1]), unquoted[2:], _rows(output)


def _rows(output: IO[bytes]) -> Iterator[bytes]:
    for line in output:
        if line == _END:
            return
        yield line


async def _together(rows: Iterator[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    for row in rows:
        waiting += row
        if len(waiting) >= TOGETHER:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
