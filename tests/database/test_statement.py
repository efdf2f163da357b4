"""Statements: compiled once for each database, with their values converted on the way there and back."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.schema import CreateTable

from database.works import new_id, run_with
from doable.accounts.users.repository import ADD as ADD_USER
from doable.accounts.users.repository import FIND
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.sqlite.driver import connect
from doable.database.statement import Compiled
from doable.database.types import Flag, Id, Instant, OrderedText, instant_to_text, unseen
from doable.owned import owners as feed
from doable.settings import Settings

things = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("name", Text),
    Column("size", Integer),
    Column("made_at", Instant),
)
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


def sides(statement: Statement) -> tuple[Compiled, Compiled]:
    return statement.sqlite, statement.postgresql


def test_is_compiled_once_for_each_database() -> None:
    statement = Statement(select(things).where(things.c.id == bindparam("id")))
    assert statement.sqlite is statement.sqlite
    assert statement.postgresql is statement.postgresql
    assert statement.sqlite.sql.endswith("WHERE things.id = ?")
    assert statement.postgresql.sql.endswith("WHERE things.id = $1::UUID")


def test_parameters_are_in_the_drivers_order() -> None:
    statement = Statement(
        update(things)
        .where(things.c.id == bindparam("which"), things.c.size > bindparam("low"))
        .values(size=bindparam("high"), name=bindparam("new_name"))
    )
    values = {"which": new_id(), "low": 1, "high": 2, "new_name": "a"}
    for compiled in sides(statement):
        arguments = compiled.arguments(values)
        assert sorted(map(str, arguments)) == sorted(map(str, values.values()))
    # The columns are set in the table's order, and the condition comes after.
    assert statement.sqlite.arguments(values) == ["a", 2, values["which"], 1]


def test_a_parameter_that_is_named_twice_is_given_once() -> None:
    now = bindparam("now", type_=Instant())
    statement = Statement(select(literal(1).label("one")).where(now > things.c.made_at, now != things.c.made_at))
    text = "2026-02-01T12:00:00.000000Z"
    assert [value for value in statement.sqlite.arguments({"now": NOON}) if value != 1] == [text, text]
    assert [value for value in statement.postgresql.arguments({"now": NOON}) if value != 1] == [NOON]


def test_literals_come_from_the_statement() -> None:
    statement = Statement(
        update(things)
        .where(things.c.made_at < NOON, things.c.id == bindparam("id"))
        .values(size=things.c.size + 7, name=None)
    )
    assert statement.sqlite.arguments({"id": "a"}) == [None, 7, "2026-02-01T12:00:00.000000Z", "a"]
    assert set(statement.postgresql.arguments({"id": "a"})) == {None, 7, NOON, "a"}


def test_a_null_instant_is_null_both_ways() -> None:
    written = Statement(insert(things).values(id=bindparam("id"), made_at=bindparam("made_at"), size=None))
    cleared = Statement(update(things).values(made_at=None))
    read = Statement(select(things.c.made_at, things.c.size))
    for compiled in sides(written):
        assert compiled.arguments({"id": "a", "made_at": None}).count(None) == 2
    for compiled in sides(cleared):
        assert compiled.arguments({}) == [None]
    for compiled in sides(read):
        assert compiled.row([None, None]) == {"made_at": None, "size": None}


def test_a_missing_parameter_is_a_key_error() -> None:
    statement = Statement(delete(things).where(things.c.id == bindparam("id"), things.c.size == bindparam("size")))
    for compiled in sides(statement):
        with pytest.raises(KeyError, match="size"):
            compiled.arguments({"id": "a"})


def test_an_upsert_compiles_on_both() -> None:
    statement = Statement(
        upsert(things)
        .values(id=bindparam("id"), name=bindparam("name"))
        .on_conflict_do_update(index_elements=[things.c.id], set_={"name": bindparam("name")})
        .returning(things.c.name)
    )
    for compiled in sides(statement):
        assert "ON CONFLICT (id) DO UPDATE" in compiled.sql
        assert compiled.row(["a"]) == {"name": "a"}


def test_a_row_has_to_fit_its_statement() -> None:
    for compiled in sides(Statement(select(things.c.id, things.c.name))):
        with pytest.raises(ValueError, match="shorter"):
            compiled.row(["a"])


@pytest.mark.parametrize(
    "type_", [Date, DateTime, Enum("a", name="odd"), Float, JSON, LargeBinary, Numeric, Time, Uuid, Interval], ids=str
)
def test_a_column_of_another_type_is_refused(type_: Any) -> None:
    """It would be right on PostgreSQL, and on SQLite text, a number, or an error."""
    odd = Table("odd_things", MetaData(), Column("odd", type_))
    for statement in (Statement(select(odd)), Statement(insert(odd).values(odd=bindparam("odd")))):
        for database in ("sqlite", "postgresql"):
            with pytest.raises(TypeError, match="none of the types that are the same on both databases"):
                getattr(statement, database)


def test_a_parameter_without_a_type_is_refused() -> None:
    statement = Statement(select(func.coalesce(bindparam("now"), bindparam("then")).label("now")))
    for database in ("sqlite", "postgresql"):
        with pytest.raises(TypeError, match="NullType"):
            getattr(statement, database)


kept = Table(
    "kept",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("name", OrderedText),
    Column("is_archived", Flag, nullable=False, server_default=text("0")),
    Column("size", SmallInteger),
    Column("bytes", BigInteger),
    Column("made_at", Instant),
)


def create(settings: Settings, table: Table) -> None:
    """Make the table as SQLAlchemy makes it of its columns."""
    if settings.postgresql_url is None:
        with closing(connect(settings.database_path)) as connection:
            connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        return

    async def on_postgresql() -> None:
        create_table = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy's own
        connection = await asyncpg.connect(settings.postgresql_url)
        await connection.execute(create_table)
        await connection.close()

    asyncio.run(on_postgresql())


def test_sqlite_plans_a_page_once_however_long_it_is(tmp_path: Path) -> None:
    """What its planner has read of a parameter it plans for anew when the next one is bound."""
    page = Statement(
        select(kept.c.id).limit(bindparam("limit", type_=BigInteger())).offset(bindparam("offset", type_=BigInteger()))
    )
    with closing(connect(tmp_path / "kept.db")) as connection:
        connection.execute(str(CreateTable(kept).compile(dialect=sqlite.dialect())))
        explain = f"EXPLAIN {page.sqlite.sql}"
        programs = [
            connection.execute(explain, page.sqlite.arguments({"limit": limit, "offset": 10 * limit})).fetchall()
            for limit in (3, 5)
        ]
    assert programs[0] == programs[1]


def test_postgresql_takes_no_page_for_cheaper_than_another_by_what_it_does_not_see(
    postgresql_settings: Settings,
) -> None:
    """Else the one plan for all seems so dear that each page is planned anew."""
    size, limit = bindparam("size", type_=Integer()), bindparam("limit", type_=BigInteger())
    seen = Statement(select(things.c.size).where(things.c.size > size).order_by(things.c.size).limit(limit))
    page = Statement(
        select(things.c.size).where(things.c.size > unseen(size)).order_by(things.c.size).limit(unseen(limit))
    )

    async def test() -> None:
        connection = await asyncpg.connect(postgresql_settings.postgresql_url)
        try:
            await connection.execute("CREATE TEMPORARY TABLE things (size integer PRIMARY KEY)")
            await connection.execute("INSERT INTO things SELECT generate_series(1, 10000); ANALYZE things")
            for statement, is_once in ((seen, False), (page, True)):
                prepared = await connection.prepare(statement.postgresql.sql)
                for _ in range(10):
                    rows = await prepared.fetch(*statement.postgresql.arguments({"size": 9990, "limit": 3}))
                    assert [row["size"] for row in rows] == [9991, 9992, 9993]
                plans = "SELECT generic_plans FROM pg_prepared_statements WHERE name = $1"
                assert (await connection.fetchval(plans, prepared.get_name()) > 0) is is_once
        finally:
            await connection.close()

    asyncio.run(test())


def test_every_type_gives_back_what_it_got_on_both_databases(settings: Settings) -> None:
    """Text is sorted by its bytes, whatever language the database speaks, and true is true, not 1."""
    create(settings, kept)
    names = ["Zebra", "apple", "Äpfel", "zoo", "éclair", "🧑‍🚀", "_", "10", "9"]
    rows: list[Row] = [
        {
            "id": new_id(),
            "name": name,
            "is_archived": len(name) > 3,
            "size": -(2**15),
            "bytes": 2**63 - 1,
            "made_at": NOON if number else None,
        }
        for number, name in enumerate(names)
    ]
    add, everything = Statement(insert_row(kept)), Statement(select(kept).order_by(kept.c.name))
    archived = Statement(
        select(kept.c.name, (kept.c.size < 0).label("is_small"))
        .where(kept.c.is_archived == bindparam("is_archived"), kept.c.name >= bindparam("least"))
        .order_by(kept.c.name)
    )
    by_default = Statement(insert(kept).values(id=bindparam("id")).returning(kept.c.is_archived))

    async def test(database: Database) -> None:
        async def work(tx: Transaction) -> None:
            for row in rows:
                await tx.one(add, **row)

        await database.write(work)
        stored = await database.all(everything)
        assert stored == sorted(rows, key=lambda row: row["name"].encode())
        assert {type(row["is_archived"]) for row in stored} == {bool}
        for is_archived in (True, False):
            found = await database.all(archived, is_archived=is_archived, least="a")
            late = sorted((n for n in names if n.encode() >= b"a" and (len(n) > 3) is is_archived), key=str.encode)
            assert [row["name"] for row in found] == late
            assert all(row["is_small"] is True for row in found)

        async def add_plain(tx: Transaction) -> Row | None:
            return await tx.one(by_default, id=new_id())

        assert await database.write(add_plain) == {"is_archived": False}

    run_with(settings, test)


instants = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - Hypothesis takes its bounds without a zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
READ_INSTANT = Statement(select(things.c.made_at))


@given(instants)
def test_an_instant_survives_the_way_through_text(instant: datetime) -> None:
    text = instant_to_text(instant)
    assert len(text) == 27
    back = READ_INSTANT.sqlite.row([text])["made_at"]
    assert back == instant
    assert back.tzinfo is UTC


@given(instants, instants)
def test_texts_sort_as_instants_do(one: datetime, other: datetime) -> None:
    assert (instant_to_text(one) < instant_to_text(other)) == (one < other)
    assert (instant_to_text(one) == instant_to_text(other)) == (one == other)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 2, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1, 1, 2, tzinfo=UTC),  # the very first instant is PostgreSQL's -infinity to asyncpg
        datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC),
        NOON,
    ],
)
def test_a_real_database_gives_back_what_it_got(settings: Settings, instant: datetime) -> None:
    user_id = new_id()
    email = f"{user_id}@example.com"

    async def test(database: Database) -> tuple[Row | None, Row | None]:
        async def work(tx: Transaction) -> Row | None:
            await tx.one(feed.ADD, owner_id=user_id)
            return await tx.one(
                ADD_USER,
                id=user_id,
                email=email,
                name="Zoë 🧑‍🚀",
                password_hash="",
                created_at=instant,
                updated_at=instant,
                email_verified_at=None,
            )

        return await database.write(work), await database.one(FIND, user_id=user_id)

    returned, read = run_with(settings, test)
    expected: dict[str, Any] = {
        "id": user_id, "email": email, "name": "Zoë 🧑‍🚀", "password_hash": "", "created_at": instant, "updated_at": instant,
        "email_verified_at": None,
    }  # fmt: skip
    assert returned == read == expected
    assert read is not None
    assert type(read["id"]) is str
    assert read["created_at"].utcoffset() == timedelta(0)
