"""Connections to the one server of several that is the primary, by itself or behind a pooler."""

import asyncio
import random
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from doable.database.postgresql.transaction import DRIVER_ERRORS, TIMEOUT_SECONDS, translated
from doable.errors import Misconfigured
from doable.settings import PostgreSQLServers

# The longest that each may take, in milliseconds. Where the role, the database or the URL set a shorter one, that holds.
LIMITS: Final[Mapping[str, int]] = {
    # Shorter than a call may wait in all, so that a live server is the first to end it, and the connection stays good.
    "statement_timeout": 4500,
    # Shorter still, so that a wait for a lock can be told from a slow server.
    "lock_timeout": 4000,
    "idle_in_transaction_session_timeout": 10_000,
}
_TOO_LONG: Final = f"""
FROM (VALUES {", ".join(f"('{name}', {limit})" for name, limit in LIMITS.items())}) AS limits (name, most)
JOIN pg_settings USING (name) WHERE setting::bigint NOT BETWEEN 1 AND most
"""
_LIMIT: Final = f"SELECT set_config(name, most::text, false) {_TOO_LONG}"
_IN_TRANSACTION: Final = "".join(f"; SET LOCAL {name} = {limit}" for name, limit in LIMITS.items())
_LOOK: Final = f"""
SELECT pg_backend_pid() AS process, EXISTS (SELECT 1 FROM pg_prepared_statements WHERE name = $1) AS is_known,
    NOT EXISTS (SELECT 1 {_TOO_LONG}) AS has_limits
"""  # noqa: S608 - constants
LOOKS: Final = 5
OLD_POOLER: Final = (
    "The pooler before PostgreSQL is in transaction mode and does not know prepared statements. Use PgBouncer 1.21 or newer "
    "with max_prepared_statements above 0, or pool_mode=session, or connect to the server itself."
)


@dataclass(frozen=True, slots=True)
class Pooling:
    """What a pooler between makes of a connection."""

    by_transaction: bool
    """Whether each transaction may be on another connection to the server, so that no setting and no LISTEN outlasts it."""
    limits: str = ""
    """What is to follow a BEGIN, where neither the connection nor the role has the time limits."""


UNPOOLED: Final = Pooling(by_transaction=False)


class Servers:
    """Makes connections to the one of several hosts that is the primary. Each has its time, and the last good one comes first."""

    def __init__(self, servers: PostgreSQLServers) -> None:
        self._servers = servers
        self._hosts: list[tuple[str, int] | tuple[None, None]] = [*servers.hosts] or [(None, None)]
        if servers.is_balanced:
            random.shuffle(self._hosts)
        # All of them together have less than the time of a request, so that the last one still serves it.
        self._seconds = min(servers.connect_timeout or TIMEOUT_SECONDS, 0.9 * TIMEOUT_SECONDS / len(self._hosts))
        self.pooling = UNPOOLED

    async def connect(self, dsn: str | None = None, **options: Any) -> asyncpg.Connection:
        """A new connection with its time limits. Raises an error of the driver's."""
        del dsn  # asyncpg's pool hands on the one that it has, which is none
        connection = await self._open(options)
        if not self.pooling.by_transaction:
            try:
                await connection.execute(_LIMIT, timeout=self._seconds)
            except BaseException:
                connection.terminate()
                raise
        return connection

    async def look(self) -> Pooling:
        """Find out what is between. Raises Misconfigured for a pooler that mixes up prepared statements."""
        one = await self._open({})
        try:
            seen = await _look(one, _name())
            if seen["process"] == one.get_server_pid():
                self.pooling = UNPOOLED
            elif not seen["is_known"]:
                # It gives statements names of its own, so that it finds them again on every connection.
                self.pooling = Pooling(by_transaction=True, limits="" if seen["has_limits"] else _IN_TRANSACTION)
            elif await self._is_shared(one):
                raise Misconfigured(OLD_POOLER)
        finally:
            one.terminate()
        return self.pooling

    async def _is_shared(self, one: asyncpg.Connection) -> bool:
        """Whether another connection to the pooler sees what was prepared on this one. It may be elsewhere just now."""
        other = await self._open({})
        try:
            for _ in range(LOOKS):
                name = _name()
                await _look(one, name)
                if (await _look(other, _name(), name))["is_known"]:
                    return True
        finally:
            other.terminate()
        return False

    async def _open(self, options: Mapping[str, Any]) -> asyncpg.Connection:
        errors: list[Exception] = []
        for host in [*self._hosts]:
            try:
                async with asyncio.timeout(self._seconds):
                    connection = await self._connect(host, options)
            except DRIVER_ERRORS as error:
                errors.append(error)
                continue
            if host != self._hosts[0]:
                self._hosts.remove(host)
                self._hosts.insert(0, host)
            return connection
        # What a server has said tells more than that another did not answer.
        raise max(errors, key=lambda error: isinstance(error, asyncpg.PostgresError))

    async def _connect(
        self, host: tuple[str, int] | tuple[None, None], options: Mapping[str, Any]
    ) -> asyncpg.Connection:
        servers = self._servers
        return await asyncpg.connect(
            servers.driver_url,
            host=host[0],
            port=host[1],
            user=servers.user,
            password=servers.password,
            database=servers.database,
            ssl=_system_roots() if servers.has_system_roots else None,
            server_settings=dict(servers.settings),
            **{"command_timeout": TIMEOUT_SECONDS, **options},
        )


async def pooling_of(url: str) -> Pooling:
    """What is between here and the server. Raises Misconfigured as `Servers.look` does, and Unavailable."""
    with translated():
        return await Servers(PostgreSQLServers.of(url)).look()


def _name() -> str:
    return f"doable_{secrets.token_hex(8)}"


async def _look(connection: asyncpg.Connection, name: str, of: str | None = None) -> asyncpg.Record:
    """Look around from this connection, by a statement with this name: how the server knows that one, or another."""
    # A transaction stays on one connection to the server, whatever is between.
    await connection.execute("BEGIN")
    statement = await connection.prepare(_LOOK, name=name)
    seen = await statement.fetchrow(of or name)
    await connection.execute("COMMIT")
    assert seen is not None  # noqa: S101 - it has no condition
    return seen


def _system_roots() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["postgresql"])
    return context
