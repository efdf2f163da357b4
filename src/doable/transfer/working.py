"""Goes on with every import that is under way, in the background of any process: a slice of each in turn."""

import logging
from typing import Final

from doable import clock
from doable.database import Database, Transaction
from doable.errors import DoableError, ImportNotFound, StorageFull, TooMany, Unauthenticated
from doable.owned.imports import DONE, RUNNING, STOPPED, UNDOING
from doable.owned.limits import Limits
from doable.owned.owners import advance
from doable.owned.writes import Writes
from doable.transfer.making import make_slice
from doable.transfer.repository import KEPT, put, take, under_way
from doable.transfer.unmaking import unmake_slice

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 2.0
"""How often each process looks for imports that another has begun, or left."""


async def work_on(database: Database, limits: Limits) -> bool:
    """A slice of each import that is under way. Answers whether one has more."""
    has_more = False
    for owner_id, id_, state in await under_way(database, (RUNNING, UNDOING)):
        try:
            has_more = await go_on(database, owner_id, id_, state, limits) or has_more
        except StorageFull:
            raise
        except DoableError as error:  # to be tried again
            logger.warning("An import could not go on: %s", error.code)
    return has_more


async def go_on(database: Database, owner_id: str, id_: str, state: str, limits: Limits) -> bool:
    """The next slice of this import. Answers whether there may be another one. At a limit the import stops."""
    step = make_slice if state == RUNNING else unmake_slice
    try:
        return await Writes(database, owner_id).part(step(database, owner_id, id_, limits))
    except (ImportNotFound, Unauthenticated):
        return False
    except TooMany as error:
        await _stop(database, owner_id, id_, error.details["limit"])
    except DoableError:
        raise
    except Exception:
        logger.exception("An import failed")
        await _stop(database, owner_id, id_, "error")
    return False


async def _stop(database: Database, owner_id: str, id_: str, stopped_by: str) -> None:
    async def work(tx: Transaction) -> None:
        await advance(tx, owner_id, by=0)
        row = await take(tx, owner_id, id_)
        if row["state"] == RUNNING:
            await put(tx, row, state=STOPPED, stopped_by=stopped_by, expires_at=clock.now() + KEPT)
        elif row["state"] == UNDOING:  # so that it can be asked for again
            await put(tx, row, state=DONE, stopped_by=stopped_by, expires_at=clock.now() + KEPT)

    await database.write(work, owner_id=owner_id)
