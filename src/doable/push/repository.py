"""The SQL of push subscriptions."""

import uuid
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, null, select, update

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.users.repository import take_own
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import SubscriptionNotFound, TooMany
from doable.owned.owners import advance
from doable.push.sealing import Subscription
from doable.push.tables import push_subscriptions

MAX_SUBSCRIPTIONS: Final = 20
GIVEN_UP: Final = timedelta(days=30)
"""A subscription is removed that has failed for so long, again and again."""
PAUSE: Final = timedelta(days=7)
"""If it was not tried for longer than this, nobody knows that it failed all the while: it begins anew."""
NOTED: Final = timedelta(days=1)
"""How exact the last failure is: not each of them is written."""

KEPT: Final = [each.name for each in fields(Subscription)]
"""The columns of what a browser has sent, and of the key that it is for."""

OF_USER = push_subscriptions.c.owner_id == bindparam("owner_id")
THIS_ONE = OF_USER, push_subscriptions.c.id == bindparam("subscription_id")
AT_ENDPOINT = OF_USER, push_subscriptions.c.endpoint == bindparam("endpoint")
SHOWN = push_subscriptions.c.id, push_subscriptions.c.created_at

ALL = Statement(select(*SHOWN).where(OF_USER).order_by(push_subscriptions.c.created_at, push_subscriptions.c.id))
COUNT = Statement(select(func.count().label("count")).select_from(push_subscriptions).where(OF_USER))
ADD = Statement(insert_row(push_subscriptions).returning(*SHOWN))
RENEW = Statement(
    update(push_subscriptions)
    .where(*AT_ENDPOINT)
    .values({name: bindparam(f"new_{name}") for name in KEPT} | {"failed_at": null(), "last_failed_at": null()})
    .returning(*SHOWN)
)
FIND = Statement(select(push_subscriptions).where(*THIS_ONE))
REMOVE = Statement(delete(push_subscriptions).where(*THIS_ONE).returning(push_subscriptions.c.id))
_FAILED: Final[dict[str, Any]] = {name: bindparam(f"new_{name}") for name in ("failed_at", "last_failed_at")}
NOTE = Statement(update(push_subscriptions).where(*THIS_ONE).values(_FAILED))


class SubscriptionRepository:
    """The subscriptions of users. They are none of what an owner has: they are in no feed, and have no revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, user_id: str) -> list[Row]:
        """What is shown of the user's, the oldest first."""
        return await self._database.all(ALL, owner_id=user_id)

    def add(self, by: Credential, subscription: Subscription) -> Work[tuple[Row, bool]]:
        """A subscription of the credential's user, and whether it is new: at the same endpoint there is one. Raises TooMany.

        Raises Unauthenticated if the credential has been revoked by now. Works that end everything of a user take the user's
        row, as this does, and so miss no subscription.
        """
        kept = asdict(subscription)

        async def work(tx: Transaction) -> tuple[Row, bool]:
            await advance(tx, by.user_id, by=0)
            await take_own(tx, by)
            new = {f"new_{name}": value for name, value in kept.items()}
            known = await tx.one(RENEW, owner_id=by.user_id, endpoint=subscription.endpoint, **new)
            if known is not None:
                return known, False
            existing = await tx.one(COUNT, owner_id=by.user_id)
            if existing is not None and existing["count"] >= MAX_SUBSCRIPTIONS:
                raise TooMany("push_subscriptions")
            added = await tx.one(
                ADD,
                owner_id=by.user_id,
                id=str(uuid.uuid4()),
                **kept,
                created_at=clock.now(),
                failed_at=None,
                last_failed_at=None,
            )
            assert added is not None  # noqa: S101 - it has RETURNING
            return added, True

        return work

    def remove(self, user_id: str, subscription_id: str) -> Work[None]:
        """Remove this one of the user's. Raises SubscriptionNotFound."""

        async def work(tx: Transaction) -> None:
            if await tx.one(REMOVE, owner_id=user_id, subscription_id=subscription_id) is None:
                raise SubscriptionNotFound

        return work

    async def find(self, user_id: str, subscription_id: str) -> Row | None:
        """All of this one of the user's, for sending."""
        return await self._database.one(FIND, owner_id=user_id, subscription_id=subscription_id)

    async def forget(self, row: Row) -> None:
        """Remove a subscription that its service does not know any longer."""
        await self._database.write(_step(REMOVE, row))

    async def note_delivery(self, row: Row) -> None:
        """It works again, if it did not."""
        if row["failed_at"] is not None:
            await self._database.write(_step(NOTE, row, new_failed_at=None, new_last_failed_at=None))

    async def note_failure(self, row: Row) -> bool:
        """It does not work, maybe since long. False if it has not for 30 days, and so is removed."""
        now = clock.now()
        since, last = row["failed_at"] or now, row["last_failed_at"] or now
        if last < now - PAUSE:
            since = now
        if since < now - GIVEN_UP:
            await self.forget(row)
            return False
        if row["failed_at"] is None or last < now - NOTED:
            await self._database.write(_step(NOTE, row, new_failed_at=since, new_last_failed_at=now))
        return True


def _step(statement: Statement, row: Row, **values: object) -> Work[None]:
    async def work(tx: Transaction) -> None:
        await tx.one(statement, owner_id=row["owner_id"], subscription_id=row["id"], **values)

    return work
