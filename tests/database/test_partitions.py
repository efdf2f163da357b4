"""All that is an owner's can be spread by owner: `postgresql-18-partitions` is a backend of other tests too."""

from contextlib import closing

import pytest

from support.partitions import SPREAD
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import User

pytestmark = pytest.mark.parametrize("backend", ["postgresql-18-partitions"], indirect=True, scope="session")


def test_every_table_of_an_owners_is_spread(server: Server, postgresql: PostgreSQL) -> None:
    database = server.settings["DATABASE_URL"].rpartition("/")[2]
    spread = postgresql.sql("SELECT relname FROM pg_class WHERE relkind = 'p'", database)
    assert sorted(spread.splitlines()) == sorted(SPREAD)
    assert {"owners", "users", "tasks", "lists", "sessions"} <= set(SPREAD)
    for _ in range(16):
        with closing(User(server.url)) as user:
            user.new_task()
    for table in ("owners", "users", "tasks", "sessions"):
        assert int(postgresql.sql(f"SELECT count(DISTINCT tableoid) FROM {table}", database)) > 1  # noqa: S608 - a name
