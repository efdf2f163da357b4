"""Deletes expired rows, however many there are."""

import logging
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, bindparam, delete, select, tuple_

from doable.database.pages import SLICE
from doable.database.protocol import Database, Transaction
from doable.database.statement import Row, Statement
from doable.database.types import FIRST, Instant

logger = logging.getLogger(__name__)

FAILURES: Final = 5


class Expiry:
    """Deletes the rows of a table whose instant in this column has passed. The column needs an index.

    At most `together` of them at a time, the oldest first and each time in a transaction of its own, so that no other
    write waits long and no time limit is reached. Rows that another transaction holds are left for the next run.
    """

    def __init__(self, column: Column[Any], *, together: int = SLICE) -> None:
        table, keys = column.table, list(column.table.primary_key)
        # To wait for a row could be part of a deadlock, and the transaction that holds it may be about to renew it.
        expired = (
            select(*keys)
            .where(column >= bindparam("since"), column <= bindparam("before"))
            .order_by(column)
            .limit(together)
            .offset(bindparam("skipped", type_=BigInteger()))
            .with_for_update(skip_locked=True)
            .cte("expired")
        )
        self.delete = Statement(
            delete(table).where(tuple_(*keys).in_(select(expired))).returning(column.label("expired_at"))
        )
        self._name = table.name
        self._together = together

    async def run(self, database: Database, before: datetime) -> None:
        """Delete all rows whose instant is not after `before`.

        A slice that cannot be deleted is passed over. If five in a row fail, no single row is to blame, and the fifth error
        is raised.
        """
        # Deleted rows stay in PostgreSQL's index for a while. Each slice begins after them and need not step over them.
        since, skipped, failures = FIRST[Instant], 0, 0
        while True:

            async def work(tx: Transaction, since: datetime = since, skipped: int = skipped) -> list[Row]:
                return await tx.all(self.delete, since=since, before=before, skipped=skipped)

            try:
                deleted = await database.write(work, long=True)
            except Exception as error:
                failures += 1
                if failures == FAILURES:
                    raise
                logger.warning("%s: expired rows could not be deleted: %s", self._name, type(error).__name__)
                skipped += self._together
            else:
                if not deleted:
                    return
                since, skipped, failures = max(row["expired_at"] for row in deleted), 0, 0
