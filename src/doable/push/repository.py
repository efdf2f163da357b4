"""The SQL of push subscriptions."""

import uuid
from datetime import timedelta
from typing import Final

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
"""After so long without a delivery, and with failures, a subscription is removed."""

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
    .values({name: bindparam(f"new_{name}") for name in ("p256dh", "auth", "server_key")} | {"failed_at": null()})
    .returning(*SHOWN)
)
FIND = Statement(select(push_subscriptions).where(*THIS_ONE))
REMOVE = Statement(delete(push_subscriptions).where(*THIS_ONE).returning(push_subscriptions.c.id))
NOTE_FAILURE = Statement(update(push_subscriptions).where(*THIS_ONE).values(failed_at=bindparam("new_failed_at")))


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
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth, "server_key": subscription.server_key}

        async def work(tx: Transaction) -> tuple[Row, bool]:
            await advance(tx, by.user_id, by=0)
            await take_own(tx, by)
            new_keys = {f"new_{name}": value for name, value in keys.items()}
            known = await tx.one(RENEW, owner_id=by.user_id, endpoint=subscription.endpoint, **new_keys)
            if known is not None:
                return known, False
            existing = await tx.one(COUNT, owner_id=by.user_id)
            if existing is not None and existing["count"] >= MAX_SUBSCRIPTIONS:
                raise TooMany("push_subscriptions")
            added = await tx.one(
                ADD,
                owner_id=by.user_id,
                id=str(uuid.uuid4()),
                endpoint=subscription.endpoint,
                **keys,
                created_at=clock.now(),
                failed_at=None,
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
            await self._database.write(_step(NOTE_FAILURE, row, new_failed_at=None))

    async def note_failure(self, row: Row) -> bool:
        """It does not work, maybe since long. False if it has not for 30 days, and so is removed."""
        now = clock.now()
        if row["failed_at"] is None:
            await self._database.write(_step(NOTE_FAILURE, row, new_failed_at=now))
        elif row["failed_at"] < now - GIVEN_UP:
            await self.forget(row)
            return False
        return True


def _step(statement: Statement, row: Row, **values: object) -> Work[None]:
    async def work(tx: Transaction) -> None:
        await tx.one(statement, owner_id=row["owner_id"], subscription_id=row["id"], **values)

    return work


async def subscriptions_of(tx: Transaction, user_id: str) -> list[str]:
    """The ids of the user's subscriptions: a step of the transaction that makes deliveries for them."""
    return [row["id"] for row in await tx.all(ALL, owner_id=user_id)]
