"""Throttling: how often something may be tried, counted in the database, so that workers and restarts share it.

Each count is a transaction of its own: an attempt may be undone, but its count must not be.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import Final, Literal
from weakref import WeakValueDictionary

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.expiry import Expiry
from doable.digest import digest_of
from doable.errors import DoableError, TooManyRequests, Unavailable, WrongCredentials, WrongPassword
from doable.places import aside
from doable.settings.limits import Limit
from doable.throttling.addresses import Origin, network_of
from doable.throttling.tables import attempts

MAX_WAIT_SECONDS: Final = 5.0
GIVE_BACK_SECONDS: Final = 0.5
REFUSAL_SECONDS: Final = 0.5
"""The pause before a refusal. Without it, a client that never waits would be refused thousands of times a second."""

HAS_ENDED = attempts.c.ends_at <= bindparam("now")

COUNT = Statement(
    insert(attempts)
    .values(key=bindparam("key"), count=1, ends_at=bindparam("new_ends_at", type_=attempts.c.ends_at.type))
    .on_conflict_do_update(
        index_elements=[attempts.c.key],
        set_={
            "count": case((HAS_ENDED, 1), else_=attempts.c.count + 1),
            "ends_at": case(
                (HAS_ENDED, bindparam("new_ends_at", type_=attempts.c.ends_at.type)), else_=attempts.c.ends_at
            ),
        },
    )
    .returning(attempts.c.count, attempts.c.ends_at)
)
FIND = Statement(select(attempts.c.count, attempts.c.ends_at).where(attempts.c.key == bindparam("key")))
GIVE_BACK = Statement(
    update(attempts).where(attempts.c.key == bindparam("key"), attempts.c.count > 0).values(count=attempts.c.count - 1)
)
CLEAR = Statement(delete(attempts).where(attempts.c.key == bindparam("key")))
ENDED = Expiry(attempts.c.ends_at)

Limited = Literal["login", "guesses", "signup", "refresh", "mail", "reset", "verification", "caldav"]


class Throttle:
    """Counts attempts against their limits. A limit that is None, or not there, is off."""

    def __init__(self, database: Database, limits: Mapping[Limited, Limit | None]) -> None:
        self._database = database
        self._limits = limits
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def password(self, account: str, origin: Origin) -> AsyncIterator[None]:
        """Around each check of a password. Raises TooManyRequests for an account from a network that was wrong too often.

        An attempt is counted before the password is looked at, so that many guesses at one instant get no further than as
        many in a row; a right one clears the count. Attempts on one account from one network take turns, so that several
        right ones at one instant do not refuse each other. The failures of a network are counted too, whatever the
        accounts: one password that is tried on many accounts leaves few failures on each.
        """
        async with self._failures("guesses", origin, WrongCredentials, WrongPassword), self._guess(account, origin):
            yield
        # Many guesses may have come at one instant. Those that were wrong have been counted by now, so that a right one
        # behind them is not told from them.
        async with _refusals_wait():
            await self._refuse_network("guesses", origin)

    @asynccontextmanager
    async def _guess(self, account: str, origin: Origin) -> AsyncIterator[None]:
        limit = self._limits.get("login")
        if limit is None:
            yield
            return
        key = _password_key(account, origin)
        async with _refusals_wait(), AsyncExitStack() as turn:
            # Together, since those who are before this one may wait for a database that does not answer.
            async with _unavailable_after(MAX_WAIT_SECONDS):
                await turn.enter_async_context(self._turn(key))
                await self._refuse(key, limit)
                await self._count(key, limit)
            try:
                yield
            except Unavailable:
                # Nobody knows whether it was right. If it is the database that does not answer, this must not wait as well.
                with suppress(DoableError):
                    async with _unavailable_after(GIVE_BACK_SECONDS):
                        await self._run(GIVE_BACK, key)
                raise
            await self._run(CLEAR, key)

    async def forget_passwords(self, account: str, origin: Origin) -> None:
        """After a reset from this network: it has proven who asked, so the wrong guesses before it no longer count."""
        if self._limits.get("login") is not None:
            await self._run(CLEAR, _password_key(account, origin))

    async def sign_up(self, origin: Origin) -> None:
        """Before each sign-up. Raises TooManyRequests for a network with too many of them."""
        if _counts(origin):
            await self._use("signup", _network(origin))

    @asynccontextmanager
    async def token(self, origin: Origin, *, wrong: type[DoableError]) -> AsyncIterator[None]:
        """Around each use of a refresh token or of one that was mailed; the error `wrong` is counted.

        Raises TooManyRequests for a network with too many of them. Nobody guesses 256 bits, so counting afterwards is
        enough.
        """
        async with self._failures("refresh", origin, wrong):
            yield

    async def wrong_token(self, origin: Origin) -> None:
        """After each log-in of a calendar program with a token that is not good. Raises TooManyRequests for a network with too many.

        A good one is never refused, and costs no read.
        """
        async with _refusals_wait():
            await self._refuse_network("caldav", origin)
        limit = self._limits.get("caldav")
        if limit is not None and _counts(origin):
            await self._count(_key("caldav", _network(origin)), limit)

    @asynccontextmanager
    async def _failures(self, kind: Limited, origin: Origin, *wrong: type[DoableError]) -> AsyncIterator[None]:
        """Count the failures of a network, afterwards: a success costs one read."""
        async with _refusals_wait():
            await self._refuse_network(kind, origin)
        try:
            yield
        except wrong:
            limit = self._limits.get(kind)
            if limit is not None and _counts(origin):
                await self._count(_key(kind, _network(origin)), limit)
            raise

    async def _refuse_network(self, kind: Limited, origin: Origin) -> None:
        limit = self._limits.get(kind)
        if limit is not None and _counts(origin):
            await self._refuse(_key(kind, _network(origin)), limit)

    async def reset(self, email: str, origin: Origin) -> None:
        """Before each mail with which a password can be reset, whether or not anybody has this e-mail."""
        await self._mail("reset", email, origin)

    async def verification(self, email: str, origin: Origin) -> None:
        """Before each mail that verifies this e-mail, whether or not anybody has it."""
        await self._mail("verification", email, origin)

    async def _mail(self, kind: Limited, email: str, origin: Origin) -> None:
        if _counts(origin):
            await self._use("mail", _network(origin))
        await self._use(kind, email)

    async def _use(self, kind: Limited, whom: str) -> None:
        limit = self._limits.get(kind)
        if limit is not None:
            key = _key(kind, whom)
            async with _refusals_wait():
                await self._refuse(key, limit)
                await self._count(key, limit)

    @asynccontextmanager
    async def _turn(self, key: str) -> AsyncIterator[None]:
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = asyncio.Lock()
        with aside():
            await turn.acquire()
        try:
            yield
        finally:
            turn.release()

    async def _refuse(self, key: str, limit: Limit) -> None:
        """Refuse early: a refusal costs a read and no write, so that it can be repeated often."""
        now, row = clock.now(), await self._database.one(FIND, key=key)
        if row is not None and row["ends_at"] > now and row["count"] >= limit.count:
            raise _too_many(row, now)

    async def _count(self, key: str, limit: Limit) -> None:
        now = clock.now()

        async def work(tx: Transaction) -> Row | None:
            return await tx.one(COUNT, key=key, now=now, new_ends_at=now + limit.period)

        row = await self._database.write(work)
        if row is not None and row["count"] > limit.count:
            raise _too_many(row, now)

    async def _run(self, statement: Statement, key: str) -> None:
        async def work(tx: Transaction) -> None:
            await tx.one(statement, key=key)

        await self._database.write(work)


async def purge_attempts(database: Database) -> None:
    """Delete the counts whose period has ended."""
    await ENDED.run(database, clock.now())


@asynccontextmanager
async def _refusals_wait() -> AsyncIterator[None]:
    try:
        yield
    except TooManyRequests:
        with aside():
            await asyncio.sleep(REFUSAL_SECONDS)
        raise


@asynccontextmanager
async def _unavailable_after(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unavailable from error


def _counts(origin: Origin) -> bool:
    """Whether it is counted by its network alone."""
    return origin.address is not None and not origin.is_shared


def _network(origin: Origin) -> str:
    return "" if origin.address is None else network_of(origin.address)


def _password_key(account: str, origin: Origin) -> str:
    return _key("login", account, _network(origin))


def _key(kind: Limited, *whom: str) -> str:
    """A digest, since it may be any text, and may be an e-mail that nobody but its owner should find here. It has no case."""
    digest = digest_of("\n".join(whom).lower())
    return f"{kind} {digest}"


def _too_many(row: Row, now: datetime) -> TooManyRequests:
    return TooManyRequests(max(1, math.ceil((row["ends_at"] - now).total_seconds())))
