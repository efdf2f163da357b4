"""How both databases find what every statement asks for: by its owner, and never by looking at what is another owner's."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from doable.database.naming import metadata
from doable.database.ownership import is_directory, owner_column
from doable.database.sqlite.driver import connect
from support.statements import COMMON, FOUND, OF_ALL_OWNERS, WALK, Found, found

pytestmark = pytest.mark.xdist_group("statements")

OWNERS = {table.name: column.name for table in metadata.sorted_tables if (column := owner_column(table)) is not None}
DIRECTORY = {table.name for table in metadata.sorted_tables if is_directory(table)}
WHOLE = {"doable.outbox.repository.WAITING": "counts the mail that waits, for the figures"}
"""Statements that read a whole table of the directory."""

LOOKS = {
    *(name for name, why in OF_ALL_OWNERS.items() if why.startswith(("looks for", "takes"))),
    "doable.outbox.repository.NEXT",
    "doable.outbox.repository.TAKE",
}
"""What every process asks again and again: by when something is due alone, so that it costs nothing how much is due later."""

MANY = {
    *("tasks", "task_tags", "task_words", "tombstones", "departures", "ical_objects"),
    *("answers", "alarms", "notifications", "deliveries"),
}
"""Tables in which one owner may have very many rows."""

ASKED = {"task_tags", "task_words"}
"""Those in which is looked up what is asked of a task."""

ALL_OF_ONES_OWN = {
    "doable.owned.purge.FORGET_MARKS": "a purge, long",
    "doable.app.ANSWERS.purge": "a purge, long",
    "doable.owned.owners.REMOVE": "when slices have taken all that there was",
    "doable.tasks.counts.BY_LIST": "GET …/counts, long where there are more than 2,000 tasks",
    "doable.tasks.filing.LEFT_BEHIND": "a part of a write in parts, long",
    "doable.tasks.filing.OF_LIST": "a part of a write in parts, long",
    "doable.tasks.filing.ROOTS_OF_SECTION": "a part of a write in parts, long",
    "doable.tasks.fitting.OUT_OF_ANY_SECTION": "an undo, long",
}
"""Statements that may look at everything of one owner's, and why that keeps nobody waiting. Those of pages are `walk` and `found`,
or else long by themselves where an account is large."""

MEASURE = "SELECT count(*) AS number, coalesce(sum("
"""How the statement begins that counts the bytes of what an owner has, when another hand has moved them: long."""

FILL = """
INSERT INTO owners (owner_id, revision, tasks) SELECT md5(i::text)::uuid, 400, 400 FROM generate_series(1, 40) i;
INSERT INTO tasks (owner_id, sequence, id, title, created_at, updated_at, revision, list_id, parent_id, completed_at, due_local,
    due_timezone, due_at, priority)
SELECT md5(o::text)::uuid, i, gen_random_uuid(), 'a', now(), now(), i,
    CASE WHEN i % 3 = 0 THEN md5((i % 30)::text)::uuid END,
    CASE WHEN i % 5 = 0 THEN md5((i / 50)::text)::uuid END,
    CASE WHEN i % 2 = 0 THEN now() END,
    CASE WHEN i % 4 < 2 THEN (date '2026-01-01' + i)::text || 'T24:00:00' END,
    CASE WHEN i % 8 < 2 THEN 'UTC' END,
    CASE WHEN i % 8 < 2 THEN timestamptz '2026-01-01T00:00Z' + i * interval '1 day' END,
    i % 10
FROM generate_series(1, 40) o, generate_series(1, 400) i;
INSERT INTO task_tags (owner_id, tag, sequence)
SELECT md5(o::text)::uuid, i % 20, i FROM generate_series(1, 40) o, generate_series(1, 400) i;
INSERT INTO task_words (owner_id, sequence, words)
SELECT md5(o::text)::uuid, i, ' a ' FROM generate_series(1, 40) o, generate_series(1, 400) i;
INSERT INTO departures (owner_id, revision, list_id, ical_name, removed_at)
SELECT md5(o::text)::uuid, i, md5((i % 20)::text)::uuid, 'a', now() - i * interval '1 hour'
FROM generate_series(1, 40) o, generate_series(1, 50) i;
INSERT INTO ical_objects (owner_id, sequence, id, list_id, ical_name, ical_uid, component, ical_text, created_at, updated_at, revision)
SELECT md5(o::text)::uuid, i, gen_random_uuid(), md5((i % 20)::text)::uuid, 'a' || i, 'a' || i, 'VEVENT', '', now(), now(), i
FROM generate_series(1, 40) o, generate_series(1, 50) i;
INSERT INTO answers (owner_id, idempotency_key, fingerprint, created_at)
SELECT md5(o::text)::uuid, i, 'a', now() - i * interval '1 hour' FROM generate_series(1, 40) o, generate_series(1, 50) i;
INSERT INTO undos (owner_id, id, revision, created_at, rows, tasks, stored_bytes, kept_bytes)
SELECT md5(o::text)::uuid, gen_random_uuid(), i, now() - i * interval '1 hour', '', 0, 0, 0
FROM generate_series(1, 40) o, generate_series(1, 50) i;
ANALYZE;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;
"""
"""Enough rows for PostgreSQL to choose between its indexes by what there is. Where there are so few, reading everything would be
less work than any index or loop over one, and so it is told not to."""

Access = tuple[str, str]
"""A table or an alias, and the condition by which its rows are found, if there is one."""


@pytest.fixture(scope="module")
def statements() -> list[Found]:
    return found()


def is_by_owner(access: Access) -> bool:
    table, condition = access
    owners = {OWNERS[table]} if table in OWNERS else {"owner_id", "user_id"}
    if table == "tasks":
        # That index is there to tell 403 from 404, and PostgreSQL may find one task by it: an id is hardly ever there twice.
        owners.add("id")
    # The owner is the first column of every such index, and the second of that on the ids of tasks.
    return re.match(rf"(\(*(?:\w+\.)?id ?= ?\S+ AND )?\(*(?:\w+\.)?({'|'.join(owners)})\b", condition) is not None


def assert_found_as_it_should_be(statement: Found, accesses: list[Access]) -> None:
    for table, condition in accesses:
        if statement.name in LOOKS:
            assert re.search(r"_at\b.*[<>]", condition), (statement.name, table, condition)
        elif table not in DIRECTORY and statement.name not in OF_ALL_OWNERS:
            assert is_by_owner((table, condition)), (statement.name, table, condition)


SQLITE = re.compile(r"(?:SEARCH|SCAN) (\w+)(?: USING [A-Z ]*(?:INDEX \w+|KEY))?(?: \((.*)\))?")


def sqlite_plan(connection: Any, statement: Found) -> list[str]:
    nothing = [None] * statement.sqlite.count("?")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", nothing)]


def sqlite_loops(connection: Any, statement: Found) -> Iterator[list[str]]:
    """The accesses that are loops within each other, the outermost first."""
    nothing = [None] * statement.sqlite.count("?")
    rows = [(row[1], row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", nothing)]
    for parent in dict.fromkeys(parent for parent, _ in rows):
        loops = [line for of, line in rows if of == parent and line.startswith(("SEARCH", "SCAN"))]
        if loops:
            yield loops


def sqlite_accesses(plan: list[str]) -> Iterator[Access]:
    for line in plan:
        # Without an index it is a table, or else the rows of a part of the statement.
        if (match := SQLITE.match(line)) and (" USING " in line or match[1] in metadata.tables):
            yield match[1], match[2] or ""


def test_sqlite_finds_everything_by_its_owner(data: Path, statements: list[Found]) -> None:
    """On an empty database: SQLite chooses by the indexes that there are, since Doable never has it count what is in them."""
    with closing(connect(data / "doable.db")) as connection:
        for statement in statements:
            plan = sqlite_plan(connection, statement)
            accesses = list(sqlite_accesses(plan))
            assert_found_as_it_should_be(statement, accesses)
            if statement.name not in WHOLE:
                assert all(condition for table, condition in accesses if table in DIRECTORY), (statement.name, plan)
            if statement.name.startswith(WALK):
                assert not any("ORDER BY" in line for line in plan), (statement.name, plan)
            for _, *inner in sqlite_loops(connection, statement) if statement.name not in ALL_OF_ONES_OWN else ():
                # Once for each row of another loop: that is the square of what there is.
                assert not {(table, "owner_id=?") for table in MANY} & {*sqlite_accesses(inner)}, (statement.name, plan)
            if reads_all(statement, plan, accesses):
                assert statement.name in ALL_OF_ONES_OWN, (statement.name, plan)
            if statement.name.startswith(FOUND):
                # Not by the owner alone, which would be the whole account.
                assert ("tasks", "owner_id=?") not in accesses, (statement.name, plan)
            if statement.name.startswith(COMMON):
                assert all("sequence=?" in condition for table, condition in accesses if table in ASKED), (
                    statement.name,
                    plan,
                )


def test_sqlite_finds_what_has_changed_in_a_list_by_its_revision(data: Path, statements: list[Found]) -> None:
    """Between two bounds, so that it has no choice: from the list's first change on, or by the owner, it would read the whole account."""
    since = [each for each in statements if each.name.startswith("doable.caldav.stored.") and "BETWEEN" in each.sqlite]
    assert len(since) > 3
    with closing(connect(data / "doable.db")) as connection:
        for statement in since:
            plan = sqlite_plan(connection, statement)
            accesses = [each for each in sqlite_accesses(plan) if each[0] in {"tasks", "ical_objects", "tombstones"}]
            assert accesses
            assert all(condition.endswith("revision>? AND revision<?") for _, condition in accesses), plan
            assert all("list_revision" in line for line in plan if "SEARCH" in line and "revision>?" in line), plan


BETWEEN_DATES = {
    "page 0 of open today or overdue by due": r"due_local ?<",
    "page 1 of open today or overdue by due": r"due_at ?<",
    "page 0 of open this day or that by due": r"due_local ?>.*due_local ?<",
    "page 1 of open this day or that by due": r"due_at ?>.*due_at ?<",
}
"""Alternatives whose walk ends, and begins, with the last and the first date that any of them has."""


def test_sqlite_walks_over_alternatives_between_their_dates(data: Path, statements: list[Found]) -> None:
    named = {each.name: each for each in statements}
    with closing(connect(data / "doable.db")) as connection:
        for name, bounds in BETWEEN_DATES.items():
            plan = sqlite_plan(connection, named[name])
            (condition,) = [condition for table, condition in sqlite_accesses(plan) if table == "tasks"]
            assert re.search(bounds, condition), (name, plan)
            assert not any("ORDER BY" in line for line in plan), (name, plan)


def reads_all(statement: Found, plan: list[str], accesses: list[Access]) -> bool:
    """Whether it may come by all of an owner's rows in such a table, before it has what it wants."""
    if (
        statement.name.startswith(("page ", "keys ", "number ", WALK, FOUND, COMMON, MEASURE))
        or statement.name in OF_ALL_OWNERS
    ):
        return False
    ends_early = "LIMIT" in statement.sqlite and not any("ORDER BY" in line for line in plan)
    return not ends_early and any(table in MANY and condition in {"", "owner_id=?"} for table, condition in accesses)


async def postgresql_plans(url: str, statements: list[Found]) -> list[dict[str, Any]]:
    """Those that are made once and used for whatever values come."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(FILL)
        plans = []
        for number, statement in enumerate(statements):
            count = max(map(int, re.findall(r"\$(\d+)", statement.postgresql)), default=0)
            await connection.execute(f"PREPARE s{number} AS {statement.postgresql}")
            values = f"({', '.join(['NULL'] * count)})" if count else ""
            text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE s{number}{values}")
            plans.append(json.loads(text)[0]["Plan"])
        return plans
    finally:
        await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def postgresql_accesses(plan: dict[str, Any]) -> Iterator[Access]:
    for node in nodes(plan):
        if node["Node Type"] == "Bitmap Heap Scan":
            yield node["Relation Name"], node["Recheck Cond"]
        elif "Relation Name" in node and node["Node Type"] != "ModifyTable":
            yield node["Relation Name"], node.get("Index Cond") or node.get("TID Cond", "")


@pytest.mark.parametrize("backend", ["postgresql-18"], indirect=True, scope="session")
def test_postgresql_finds_everything_by_its_owner(
    migrated_database_settings: Callable[[], dict[str, str]], statements: list[Found]
) -> None:
    plans = asyncio.run(postgresql_plans(migrated_database_settings()["DATABASE_URL"], statements))
    for statement, plan in zip(statements, plans, strict=True):
        assert_found_as_it_should_be(statement, list(postgresql_accesses(plan)))
        if statement.name.startswith(COMMON):
            asked = [each for each in postgresql_accesses(plan) if each[0] in ASKED]
            assert all(re.search(r"\bsequence = tasks\w*\.sequence", condition) for _, condition in asked), (
                statement.name,
                plan,
            )
        if statement.name.startswith(WALK):
            # The rest are long in a large account: see tasks/test_long.py. Behind a cursor what is left out has its first key.
            passed_over = [node for node in nodes(plan) if node.get("Relation Name") in MANY and "Filter" in node]
            assert not passed_over or statement.name.endswith(", further"), (statement.name, passed_over)
            assert not {"Sort", "Incremental Sort"} & {node["Node Type"] for node in nodes(plan)}, (
                statement.name,
                plan,
            )
        if bounds := BETWEEN_DATES.get(statement.name):
            (condition,) = [condition for table, condition in postgresql_accesses(plan) if table == "tasks"]
            assert re.search(bounds, condition), (statement.name, plan)
        if re.search("any tag|tags by beginning", statement.name) and " few " not in statement.name:
            # By a set, and no join: as long as PostgreSQL knows nothing of an account, that is a loop over all of them for each task.
            sets = [
                each for node in nodes(plan) if node.get("Parent Relationship") == "SubPlan" for each in nodes(node)
            ]
            assert "task_tags" in {node.get("Relation Name") for node in sets}, (statement.name, plan)
