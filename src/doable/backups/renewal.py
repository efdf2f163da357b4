"""What must happen after a database was put back to an earlier day, whoever did that."""

import time
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, or_, select

from doable import clock
from doable.accounts.gate.repository import renumber_revocations, revoke_all
from doable.accounts.tables import api_token_digests, api_tokens, calendar_tokens, mail_tokens, sessions, users
from doable.database import Statement, Transaction
from doable.notifications.tables import deliveries
from doable.outbox.tables import outbox
from doable.owned.restore import move_revisions_on
from doable.push.tables import push_subscriptions
from doable.settings import Settings

COUNT_USERS = Statement(select(func.count().label("count")).select_from(users))
COUNT_API_TOKENS = Statement(
    select(func.count().label("count"))
    .select_from(api_tokens)
    .where(or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > bindparam("now")))
)
END_SESSIONS = Statement(delete(sessions))
FORGET_MAIL_TOKENS = Statement(delete(mail_tokens))
FORGET_MAILS = Statement(delete(outbox))
FORGET_DELIVERIES = Statement(delete(deliveries))
REMOVE_API_TOKENS = Statement(delete(api_tokens))
REMOVE_PUSH_SUBSCRIPTIONS = Statement(delete(push_subscriptions))
FORGET_API_TOKEN_DIGESTS = Statement(delete(api_token_digests))
REMOVE_CALENDAR_TOKENS = Statement(delete(calendar_tokens))


@dataclass(frozen=True, slots=True)
class Renewed:
    """What is good again as it was on that day."""

    users: int
    api_tokens: int


async def renew(tx: Transaction, settings: Settings, *, revoke_api_tokens: bool) -> Renewed:
    """Have every client read everything again, end all sessions, and drop what was to be mailed or pushed: it has been since.

    Kept answers stay: the writes that they answer are in the same backup. So do notifications, and the alarms of what
    has come since come again, late.
    """
    now = clock.now()
    await move_revisions_on(tx)
    for statement in (END_SESSIONS, FORGET_MAIL_TOKENS, FORGET_MAILS, FORGET_DELIVERIES):
        await tx.one(statement)
    if revoke_api_tokens:
        # Whoever had a token that was deleted may have had a browser subscribed as well, or the address of a calendar.
        for statement in (
            REMOVE_API_TOKENS,
            FORGET_API_TOKEN_DIGESTS,
            REMOVE_PUSH_SUBSCRIPTIONS,
            REMOVE_CALENDAR_TOKENS,
        ):
            await tx.one(statement)
    await renumber_revocations(tx)
    # Also of sessions that the database knows nothing of, since they were opened, and perhaps ended, after that day.
    await revoke_all(tx, int(now.timestamp()), now + settings.token_lifetime + clock.LEEWAY)
    return Renewed(await _count(tx, COUNT_USERS), await _count(tx, COUNT_API_TOKENS, now=now))


def until_tokens_are_good() -> None:
    """Wait until the second of the renewal is over: access tokens say in whole seconds when they were issued."""
    now = clock.now().timestamp()
    time.sleep(int(now) + 1 - now)


async def _count(tx: Transaction, statement: Statement, **parameters: object) -> int:
    row = await tx.one(statement, **parameters)
    assert row is not None  # noqa: S101 - a count is always answered
    count: int = row["count"]
    return count
