"""Doing what a user does, with the operations of a batch, at whatever time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from doable import clock
from doable.batch.operations import Batch, perform
from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.owned.limits import Limits

Operation = Mapping[str, Any]
"""As the API has it in a batch."""


def set_clock(at: datetime) -> None:
    """Have it be this instant in the whole process, which is to have nothing else to do."""
    clock.now = lambda: at


@dataclass(frozen=True, slots=True)
class Actor:
    """A user who acts."""

    database: Database
    owner_id: str
    limits: Limits

    def does(self, at: datetime, operations: Sequence[Operation]) -> Work[list[Row]]:
        """These, at this instant; answers the result of each."""

        async def work(tx: Transaction) -> list[Row]:
            set_clock(at)
            batch = Batch.model_validate({"operations": operations})
            done = await perform(self.database, self.owner_id, self.limits, batch.operations)(tx)
            results: list[Row] = done["results"]
            return results

        return work

    async def write(self, at: datetime, operations: Sequence[Operation]) -> list[Row]:
        """Do them in a transaction of their own."""
        return await self.database.write(self.does(at, operations), owner_id=self.owner_id, long=True)
