"""What a process imports before it answers takes time at each start, and memory in each worker."""

from pathlib import Path
from typing import ClassVar

import pytest

from support.server import Server, spawned

LATER = {
    "alembic": "a database that lacks a migration, in a process of its own",
    "asyncpg": "PostgreSQL",
    "bcrypt": "a password of another backend",
    "cryptography": "web push, and trusted issuers",
    "email_validator": "the first address",
    "fastapi": "the OpenAPI document",
    "icalendar": "the first text of a calendar program",
    "jwt": "web push, and trusted issuers",
    "lxml": "the first request of a calendar program",
    "prometheus_client": "figures for Prometheus",
    "pydantic.v1": "nothing at all",
    "rich": "nothing at all",
    "webpush": "web push",
    "doable.database.postgresql": "PostgreSQL",
    "doable.demo": "doable demo",
    "doable.doctor": "doable doctor",
    "doable.caldav.methods": "the first request of a calendar program",
    "doable.mcp.protocol": "the first request of an assistant",
    "doable.metrics.exposition": "figures for Prometheus",
}
"""What a server on SQLite without further settings does without until then."""


class Started(Server):
    """As its users start it: one that is forked has what the tests have imported."""

    spawns: ClassVar = True


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    with Started(tmp_path_factory.mktemp("start"), PYTHONPROFILEIMPORTTIME="1") as server:
        lines = [line.split("|") for line in server.log.splitlines() if line.startswith("import time:")]
    return {line[2].strip() for line in lines}


def test_the_imports_are_seen(imported: set[str]) -> None:
    assert {"doable.app", "doable.tasks.routes", "sqlalchemy", "uvicorn"} <= imported


@pytest.mark.parametrize("module", LATER)
def test_is_imported_later(imported: set[str], module: str) -> None:
    assert {each for each in imported if f"{each}.".startswith(f"{module}.")} == set(), f"only for {LATER[module]}"


def test_help_imports_neither_the_server_nor_its_libraries(tmp_path: Path) -> None:

    shown = spawned("--help", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1").stderr
    names = {line.split("|")[2].strip().partition(".")[0] for line in shown.splitlines() if "import time:" in line}
    assert "typer" in names
    assert not names & {"asyncio", "fastapi", "httptools", "pydantic", "sqlalchemy", "starlette", "uvicorn", "uvloop"}
