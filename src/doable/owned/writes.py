"""How an edge writes: in one transaction, and once for each key. Needs no request.

Doing it twice is doing it once: the answer of a write is kept under the client's key, in the same transaction, after
draft-ietf-httpapi-idempotency-key-header. An error is not kept, since it has changed nothing.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import Integer, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Statement, Transaction
from doable.database.protocol import Collision, Work
from doable.database.types import Instant
from doable.errors import AnswersFull, Busy, IdempotencyKeyReused, RequestInProgress, TooManyRows
from doable.owned import undos
from doable.owned.answers import Answer
from doable.owned.journal import Journal
from doable.owned.limits import NotCounted
from doable.owned.owners import COUNT_KEPT, THIS_OWNER, advance
from doable.owned.repository import BESIDE_THE_TEXTS
from doable.owned.storage import count
from doable.owned.tables import answers, owners

T = TypeVar("T")

STEP_SECONDS: Final = 0.1
"""How long a pause goes on at most where nobody waits for its end."""

BESIDE_THE_BODY: Final = 500
"""The bytes that a kept answer takes besides its body, in the table and its indexes; an estimate."""

THIS_KEY = (
    answers.c.owner_id == bindparam("owner_id"),
    answers.c.idempotency_key == bindparam("idempotency_key"),
)

# The key is taken before anything else is done. On PostgreSQL a second transaction waits here until the first has ended,
# and only then knows whether there is an answer. Without an owner there is no row: a foreign key that fails would be an
# error that says nothing.
TAKE = Statement(
    insert(answers)
    .from_select(
        ["owner_id", "idempotency_key", "fingerprint", "created_at"],
        select(
            owners.c.owner_id,
            bindparam("idempotency_key", type_=answers.c.idempotency_key.type),
            bindparam("fingerprint", type_=answers.c.fingerprint.type),
            bindparam("now", type_=Instant()),
        )
        .where(THIS_OWNER, owners.c.kept_bytes < bindparam("max_kept_bytes"))
        .with_for_update(read=True, key_share=True),
    )
    .on_conflict_do_nothing(index_elements=[answers.c.owner_id, answers.c.idempotency_key])
    .returning(literal_column("1", Integer).label("taken"))
)
# Locked, though nobody changes it: on PostgreSQL the lock is a write of its own, so that the COMMIT of a replay waits for
# a synchronous standby as the first COMMIT did. That one may have ended with 503, stored here and not there.
FIND = Statement(
    select(
        answers.c.fingerprint,
        answers.c.status,
        answers.c.body,
        answers.c.etag,
        answers.c.location,
        answers.c.undo_token,
    )
    .where(*THIS_KEY)
    .with_for_update()
)
KEEP = Statement(
    update(answers)
    .where(*THIS_KEY)
    .values(
        {name: bindparam(f"new_{name}") for name in ("status", "body", "etag", "location", "kept_bytes", "undo_token")}
    )
)
FULL = Statement(
    select(literal_column("1", Integer).label("full")).where(
        THIS_OWNER, owners.c.kept_bytes >= bindparam("max_kept_bytes")
    )
)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The client's key, and a digest of the request that it belongs to."""

    value: str
    fingerprint: str


@dataclass(slots=True)
class Writes:
    """Runs works on one owner's data and answers their results; with a key, once. Made for one request."""

    database: Database
    owner_id: str
    key: IdempotencyKey | None = None
    max_kept_bytes: int = 0
    """The room that the owner's kept answers may take. When they take it all, no write with a new key is begun."""
    undo_token: str | None = None
    """By which it is to be possible to undo the write. None if nobody asked, or there is no room for what was there before."""
    undoing: str | None = None
    """The undo token of what the write undoes: that is not forgotten to make room for it."""
    may_go_on: Callable[[], bool] = lambda: True
    """Whether another part of a long write may follow; where nobody waits for the answer any longer, none does."""
    name: str = ""
    """What is written and how. By it a write in parts that broke off is known when it is sent again."""
    precondition: Work[None] | None = None
    """Asked first, in the transaction of the work: raises if the work may not be done. Of a write in parts it holds for the first."""
    has_parts: bool = False
    """Whether it may be done in parts. Then it goes on under the undo token of those that were done before it broke off."""

    async def __call__(self, work: Work[T], to_answer: Callable[[T], Answer], *, long: bool = False) -> Answer:
        """Run the work in a transaction; or, if its key has an answer already, give that one again.

        Raises IdempotencyKeyReused for the key of another request, RequestInProgress if the first one does not end, and
        AnswersFull if no more can be kept.
        """
        return await self._write(partial(self._once, work, to_answer), long=long)

    async def in_parts(self, work: Work[T], part: Work[bool], to_answer: Callable[[T], Answer]) -> Answer:
        """Run the work, which may raise TooManyRows: then its parts go first, each in a transaction of its own.

        A part says whether there is another one to run. Whoever reads meanwhile sees it half done, and if it never ends,
        the same request once more goes on with what is left. Where another request undoes what this one does, a move to another
        list, say, each pauses for a while, so that one of the two ends before the other goes on. Raises Busy if it takes more
        parts than there can be all the same; and between two parts, once it may not go on.
        """
        self.has_parts = True
        try:
            return await self(work, to_answer, long=True)
        except TooManyRows:
            self.precondition = None
            most = left = await self._write(self._most_parts, long=True)
        began = time.monotonic()
        while left > 0:
            # By itself none takes half of them. Of two that pause for different times the one ends before the other goes on.
            if left in {most // 2, most // 4}:
                await self._pause(random.uniform(0, 2 * (time.monotonic() - began)))  # noqa: S311 - no secret
            left -= 1
            if not await self.part(part):
                try:
                    return await self(work, to_answer, long=True)
                except TooManyRows:
                    continue
        raise Busy

    async def _pause(self, seconds: float) -> None:
        """Wait for so long, or until it may not go on."""
        for _ in range(int(seconds / STEP_SECONDS)):
            if self.may_go_on():
                await asyncio.sleep(STEP_SECONDS)

    async def part(self, work: Work[bool]) -> bool:
        """Run a part of a long write in a transaction of its own, before the work that answers, and under the same undo token.

        The work says whether there is another part to run. After a write that was done already there is none. Raises Busy
        in its place if the write may not go on.
        """
        if not self.may_go_on():
            raise Busy

        async def in_part(tx: Transaction) -> tuple[bool, str | None]:
            if self.key is not None:
                the_key = {"owner_id": self.owner_id, "idempotency_key": self.key.value}
                if await tx.one(FIND, **the_key) is not None:
                    return False, self.undo_token
            return await self._noted(work, tx, is_part=True)

        more, self.undo_token = await self._write(in_part, long=True)
        return more

    async def _most_parts(self, tx: Transaction) -> int:
        # Two parts in succession write more than 500 rows. A rename may have to finish another one first, so twice as many
        # as that; and ten for the sections of a list, and the tasks that are made meanwhile.
        owner = await advance(tx, self.owner_id, by=0)
        return 10 + max(owner["tasks"], owner["stored_bytes"] // BESIDE_THE_TEXTS) // 125

    async def _write(self, work: Work[T], *, long: bool) -> T:
        try:
            return await self.database.write(work, owner_id=self.owner_id, long=long)
        except NotCounted:
            await self.database.write(count(self.owner_id), owner_id=self.owner_id, long=True)
            return await self.database.write(work, owner_id=self.owner_id, long=long)

    async def _once(self, work: Work[T], to_answer: Callable[[T], Answer], tx: Transaction) -> Answer:
        # The answer is made inside the transaction, since it is kept there.
        before = None if self.key is None else await self._take(tx, self.key)
        if before is not None:
            return before
        if self.precondition is not None:
            await advance(tx, self.owner_id, by=0)  # from here on nobody else writes
            await self.precondition(tx)
        if self.undo_token is None:
            answer = to_answer(await work(tx))
        else:
            result, token = await self._noted(work, tx)
            answer = replace(to_answer(result), undo_token=token)
        if self.has_parts:
            await tx.later(undos.FINISH, owner_id=self.owner_id, name=self.name)
        if self.key is not None:
            await self._keep(tx, self.key, answer)
        return answer

    async def _noted(self, work: Work[T], tx: Transaction, *, is_part: bool = False) -> tuple[T, str | None]:
        """The work's result, and the token by which it can be undone."""
        token = self.undo_token
        if token is None:
            return await work(tx), None
        before = await undos.find_unfinished(tx, self.owner_id, self.name) if self.has_parts else None
        token = before or token
        journal = Journal(tx, self.owner_id)
        result = await work(journal)
        is_kept = await undos.keep(
            tx,
            self.owner_id,
            token,
            await journal.noted(),
            self.max_kept_bytes,
            undoing=self.undoing,
            unfinished=self.name if is_part and before is None else None,
        )
        return result, token if is_kept else None

    async def _take(self, tx: Transaction, key: IdempotencyKey) -> Answer | None:
        """Take the key; if it has an answer already, that one."""
        the_key = {"owner_id": self.owner_id, "idempotency_key": key.value}
        try:
            taken = await tx.one(
                TAKE, **the_key, fingerprint=key.fingerprint, now=clock.now(), max_kept_bytes=self.max_kept_bytes
            )
        except Busy as error:
            raise RequestInProgress from error
        if taken is not None:
            return None
        kept = await tx.one(FIND, **the_key)
        if kept is not None:
            if kept["fingerprint"] != key.fingerprint:
                raise IdempotencyKeyReused(where=("header", "Idempotency-Key"))
            body, token = kept["body"].encode(), kept["undo_token"]
            return Answer(kept["status"], body, kept["etag"], kept["location"], replayed=True, undo_token=token)
        # There is no such owner any longer (which this raises), or no room; or there is by now, since answers were purged
        # after the key was refused.
        await advance(tx, self.owner_id, by=0)
        if await tx.one(FULL, owner_id=self.owner_id, max_kept_bytes=self.max_kept_bytes):
            if not await undos.make_room(tx, self.owner_id, self.max_kept_bytes, undoing=self.undoing):
                raise AnswersFull
            return await self._take(tx, key)
        raise Collision

    async def _keep(self, tx: Transaction, key: IdempotencyKey, answer: Answer) -> None:
        size = len(answer.body) + BESIDE_THE_BODY
        await tx.later(
            KEEP,
            owner_id=self.owner_id,
            idempotency_key=key.value,
            new_status=answer.status,
            new_body=answer.body.decode(),
            new_etag=answer.etag,
            new_location=answer.location,
            new_kept_bytes=size,
            new_undo_token=answer.undo_token,
        )
        await tx.later(COUNT_KEPT, owner_id=self.owner_id, more=size)
