"""GET /health, /livez and /readyz."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conftest import NewServer
from doable.database.schema import SCHEMA_VERSION
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import assert_error


def assert_is_well(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_says_that_all_is_well(guest: httpx.Client, path: str) -> None:
    assert_is_well(guest, path)


def test_is_not_ready_with_another_schema(new_server: NewServer, execute: Callable[[Server, str], None]) -> None:

    def set_version(server: Server, version: str) -> None:
        versions = f"version_num = '{version}', compatible_down_to = '{version}'"
        execute(server, f"UPDATE alembic_version SET {versions}")  # noqa: S608 - a literal

    with new_server() as server, httpx.Client(base_url=server.url, timeout=30) as guest:
        for version in ("0000", "9999"):
            set_version(server, version)
            assert_error(guest.get("/readyz"), 503, "unavailable")
            assert_is_well(guest, "/health")
            assert_is_well(guest, "/livez")
        set_version(server, SCHEMA_VERSION)
        assert_is_well(guest, "/readyz")
        execute(server, "DROP TABLE alembic_version")
        assert_error(guest.get("/readyz"), 503, "unavailable")
        assert_is_well(guest, "/livez")


def test_is_alive_but_not_ready_without_its_database(postgresql_18: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql_18.new_database()
    with Server(tmp_path, DATABASE_URL=url) as server, httpx.Client(base_url=server.url, timeout=30) as guest:
        assert_is_well(guest, "/readyz")
        postgresql_18.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
        for _ in range(3):
            assert_error(guest.get("/readyz"), 503, "unavailable")
            assert_is_well(guest, "/health")
            assert_is_well(guest, "/livez")
