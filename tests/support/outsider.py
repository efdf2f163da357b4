"""A program that is not Doable, at work on the same PostgreSQL database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
import pytest
from asyncpg.transaction import Transaction

on_postgresql = pytest.mark.parametrize("backend", ["postgresql-18"], indirect=True, scope="session")
"""Only there do several transactions run at once."""


class Outsider:
    """Connections that are none of Doable's, and hold what Doable's transactions wait for."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def holding(self, statement: str, *arguments: Any) -> AsyncIterator[Transaction]:
        """Run the statement in a transaction, which lasts until it is ended, or the block is."""
        connection = await asyncpg.connect(self._url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(statement, *arguments)
            yield transaction
        finally:
            await connection.close()

    async def until_waiting(self, number: int) -> None:
        """Wait until so many of Doable's connections wait for a lock."""
        connection = await asyncpg.connect(self._url)
        try:
            deadline = monotonic() + 20
            while (
                await connection.fetchval(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doable' "
                    "AND datname = current_database() AND wait_event_type = 'Lock'"
                )
                != number
            ):
                assert monotonic() < deadline
                await asyncio.sleep(0.01)
        finally:
            await connection.close()
