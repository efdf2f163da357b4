"""PostgreSQL behind PgBouncer in transaction mode: with 1.21 or newer it works, with an older one there is a sentence."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Text, func, select

from database.works import FIND, add, advance, new_id, run_with, until
from doable.database import Statement, Transaction, open_database
from doable.database.postgresql.database import PostgreSQLDatabase
from doable.database.postgresql.servers import LIMITS
from doable.database.protocol import Work
from doable.errors import Misconfigured
from doable.settings import Settings
from support.pgbouncer import DEBIANS, NEWER, PgBouncer
from support.postgresql import PostgreSQL
from support.server import Server, doable
from support.users import PASSWORD, User

needs_debians = pytest.mark.skipif(not DEBIANS.exists(), reason="Debian's pgbouncer is not installed")
needs_newer = pytest.mark.skipif(NEWER is None, reason="PGBOUNCER names no PgBouncer of 1.21 or newer")
SENTENCE = "does not know prepared statements. Use PgBouncer 1.21 or newer"
HAS_LIMITS: Statement[Any] = Statement(select(*(func.current_setting(name, type_=Text).label(name) for name in LIMITS)))  # type: ignore[arg-type] # a tuple of any length


def behind(settings: Settings, pooler: PgBouncer, **others: Any) -> Settings:
    return settings.model_copy(update={"database_url": SecretStr(pooler.url), **others})


@needs_debians
def test_an_old_one_in_transaction_mode_is_refused(postgresql_settings: Settings, tmp_path: Path) -> None:
    url = postgresql_settings.postgresql_url
    assert url is not None
    with PgBouncer(DEBIANS, url) as pooler:
        environ = {"DATABASE_URL": pooler.url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "s" * 32}
        for command in (["serve", "--port", "0"], ["doctor"]):
            ended = doable(*command, cwd=tmp_path, **environ)
            assert ended.returncode == 1, command
            assert SENTENCE in ended.stdout + ended.stderr


@needs_debians
def test_an_old_one_in_session_mode_is_as_none(postgresql_settings: Settings) -> None:
    url = postgresql_settings.postgresql_url
    assert url is not None
    with PgBouncer(DEBIANS, url, pool_mode="session", default_pool_size=20) as pooler:
        run_with(behind(postgresql_settings, pooler), works)


def page(owner_id: str) -> Work[list[Any]]:
    async def work(tx: Transaction) -> list[Any]:
        return await tx.all(FIND, owner_id=owner_id)

    return work


async def works(database: PostgreSQLDatabase) -> None:
    """More writes and reads than there are connections, each within the limits of time."""
    owners = [new_id() for _ in range(12)]
    await asyncio.gather(*(database.write(add(owner_id)) for owner_id in owners))
    for number in range(1, 6):
        written = (database.write(advance(owner_id), owner_id=owner_id) for owner_id in owners)
        assert await asyncio.gather(*written) == [number] * len(owners)
        found = await asyncio.gather(*(database.one(FIND, owner_id=owner_id) for owner_id in owners))
        assert [row["revision"] for row in found if row is not None] == [number] * len(owners)
        assert all(await asyncio.gather(*(database.read(page(owner_id)) for owner_id in owners)))
    limits = {"statement_timeout": "4500ms", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "10s"}

    async def look(tx: Transaction) -> Any:
        return await tx.one(HAS_LIMITS)

    assert await database.one(HAS_LIMITS) == limits
    assert await database.all(HAS_LIMITS) == [limits]
    assert await database.read(look) == limits
    assert await database.write(look) == limits


@needs_newer
def test_a_newer_one_has_the_limits_of_each_transaction(postgresql_settings: Settings, tmp_path: Path) -> None:
    url = postgresql_settings.postgresql_url
    assert NEWER is not None
    assert url is not None
    with PgBouncer(NEWER, url, max_prepared_statements=100) as pooler:
        run_with(behind(postgresql_settings, pooler), works)
        environ = {"DATABASE_URL": pooler.url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "s" * 32}
        said = doable("doctor", cwd=tmp_path, **environ).stdout
        assert "A pooler that pools by transaction is between: the time limits are set in each transaction" in said


@needs_newer
def test_a_newer_one_has_the_limits_of_the_role(postgresql_settings: Settings, postgresql_18: PostgreSQL) -> None:
    url = postgresql_settings.postgresql_url
    assert NEWER is not None
    assert url is not None
    for name, limit in LIMITS.items():
        name_of_database = url.rpartition("/")[2]
        postgresql_18.sql(f"ALTER ROLE postgres IN DATABASE {name_of_database} SET {name} = {limit}")
    with PgBouncer(NEWER, url, max_prepared_statements=100) as pooler:

        async def test(database: PostgreSQLDatabase) -> None:
            assert not database._servers.pooling.limits  # noqa: SLF001 - so no transaction costs more than without it
            await works(database)

        run_with(behind(postgresql_settings, pooler), test)


@needs_newer
def test_changes_of_others_are_heard_beside_a_newer_one(postgresql_settings: Settings) -> None:
    url = postgresql_settings.postgresql_url
    assert NEWER is not None
    assert url is not None
    with PgBouncer(NEWER, url, max_prepared_statements=100) as pooler:
        settings = behind(postgresql_settings, pooler, database_listen_url=SecretStr(url))

        async def test(database: PostgreSQLDatabase) -> None:
            owner_id = new_id()
            await database.write(add(owner_id))
            heard: list[str | None] = []
            async with open_database(settings) as other:
                with other.watch(heard.append):
                    await until(lambda: None in heard)
                    await database.write(advance(owner_id), owner_id=owner_id)
                    await until(lambda: owner_id in heard)

        run_with(settings, test)


@needs_newer
def test_a_newer_one_that_keeps_no_statements_is_refused(postgresql_settings: Settings) -> None:
    url = postgresql_settings.postgresql_url
    assert NEWER is not None
    assert url is not None
    with (
        PgBouncer(NEWER, url, max_prepared_statements=0) as pooler,
        pytest.raises(Misconfigured, match=SENTENCE),
    ):
        run_with(behind(postgresql_settings, pooler), works)


@needs_newer
def test_requests_of_every_kind_by_way_of_a_newer_one(postgresql_settings: Settings, tmp_path: Path) -> None:
    url = postgresql_settings.postgresql_url
    assert NEWER is not None
    assert url is not None
    with (
        PgBouncer(NEWER, url, max_prepared_statements=50) as pooler,
        Server(tmp_path, "--workers", "2", DATABASE_URL=pooler.url, DATABASE_LISTEN_URL=url) as server,
        closing(User(server.url)) as alice,
    ):
        for number in range(50):
            alice.new_task(f"{number}")
        operations = [{"op": "create", "task": {"title": "b"}}] * 100
        assert alice.post(f"{alice.tasks}/batch", json={"operations": operations}).status_code == 200
        assert alice.get(alice.tasks, params={"offset": 140}).json()["total"] == 150
        assert len(alice.get("/api/me/changes").json()["changes"]) == 150
        assert alice.post("/api/auth/login", json={"email": alice.email, "password": PASSWORD}).status_code == 200
        assert alice.post("/api/auth/refresh", json={"refresh_token": alice.refresh_token}).status_code == 200
        assert len(alice.get("/api/auth/me/export").json()["tasks"]) == 150
