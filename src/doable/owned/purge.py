"""Forgets what is older than it need be: tombstones, answers that may no longer be asked for again, and what others name."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import bindparam, delete, func, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.errors import DoableError
from doable.owned.tables import answers, owners, tombstones

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 3600.0
ANSWERS_KEPT: Final = timedelta(hours=24)
# How many owners or answers are looked for at a time.
TOGETHER: Final = 500

EXPIRED_TOMBSTONES = Statement(
    select(tombstones.c.owner_id, func.max(tombstones.c.revision).label("revision"))
    .where(tombstones.c.removed_at <= bindparam("before"))
    .group_by(tombstones.c.owner_id)
    .limit(TOGETHER)
)
SET_PURGED_REVISION = Statement(
    update(owners)
    .where(owners.c.owner_id == bindparam("owner_id"), owners.c.purged_revision < bindparam("revision"))
    .values(purged_revision=bindparam("revision"))
)
PURGE_TOMBSTONES = Statement(
    delete(tombstones).where(
        tombstones.c.owner_id == bindparam("owner_id"),
        tombstones.c.revision <= bindparam("revision"),
        tombstones.c.removed_at <= bindparam("before"),
    )
)
EXPIRED_ANSWERS = Statement(
    select(answers.c.created_at)
    .where(answers.c.created_at <= bindparam("before"))
    .order_by(answers.c.created_at)
    .limit(TOGETHER)
)
PURGE_ANSWERS = Statement(delete(answers).where(answers.c.created_at <= bindparam("before")))


class Purge:
    """Runs what purges when the process starts and then every hour. Several processes may do so at once."""

    def __init__(self, *purges: Callable[[], Awaitable[None]]) -> None:
        self._purges = purges

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_purging(), name="doable-purge")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _keep_purging(self) -> None:
        while True:
            for purge in self._purges:
                try:
                    await purge()
                except DoableError:
                    logger.warning("What is old could not be purged")
                except Exception:
                    logger.exception("What is old could not be purged")
            await asyncio.sleep(INTERVAL_SECONDS)


async def purge_tombstones(database: Database, kept: timedelta) -> None:
    """Forget what was deleted longer ago than this, and note in the owner's row up to which revision that was."""
    before = clock.now() - kept

    async def find(tx: Transaction) -> list[Row]:
        return await tx.all(EXPIRED_TOMBSTONES, before=before)

    while expired := await database.read(find, long=True):
        for each in expired:

            async def purge(tx: Transaction, each: Row = each) -> None:
                await tx.one(SET_PURGED_REVISION, **each)
                await tx.one(PURGE_TOMBSTONES, **each, before=before)

            await database.write(purge, owner_id=each["owner_id"], long=True)


async def purge_answers(database: Database) -> None:
    """Forget the answers that were given more than 24 hours ago, the oldest first."""
    before = clock.now() - ANSWERS_KEPT

    async def find(tx: Transaction) -> list[Row]:
        return await tx.all(EXPIRED_ANSWERS, before=before)

    while expired := await database.read(find, long=True):

        async def purge(tx: Transaction, last: datetime = expired[-1]["created_at"]) -> None:
            await tx.one(PURGE_ANSWERS, before=last)

        await database.write(purge, long=True)
