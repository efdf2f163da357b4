"""Doing it twice is doing it once: the answer of a write is kept beside what it wrote, under the client's key.

After draft-ietf-httpapi-idempotency-key-header. An error keeps nothing, since it changed nothing.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Statement, Transaction
from doable.database.protocol import Work
from doable.database.types import Instant
from doable.errors import Busy, IdempotencyKeyReused, RequestInProgress, Unavailable
from doable.owned.answers import Answer
from doable.owned.owners import THIS_OWNER, advance
from doable.owned.tables import answers, owners

THIS_KEY = (
    answers.c.owner_id == bindparam("owner_id"),
    answers.c.idempotency_key == bindparam("idempotency_key"),
)

# The key is taken before anything else is done. On PostgreSQL a second transaction waits here until the first has ended,
# and only then knows whether there is an answer. No owner, no row: a foreign key that fails would be no answer at all.
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
        .where(THIS_OWNER)
        .with_for_update(read=True, key_share=True),
    )
    .on_conflict_do_nothing(index_elements=[answers.c.owner_id, answers.c.idempotency_key])
    .returning(literal_column("1").label("taken"))
)
FIND = Statement(select(answers.c.fingerprint, answers.c.status, answers.c.body, answers.c.etag).where(*THIS_KEY))
KEEP = Statement(
    update(answers)
    .where(*THIS_KEY)
    .values(status=bindparam("new_status"), body=bindparam("new_body"), etag=bindparam("new_etag"))
)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The client's key, and a digest of the request that it belongs to."""

    value: str
    fingerprint: str


class _AnsweredBefore(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


async def write_once(
    database: Database, owner_id: str, key: IdempotencyKey | None, work: Work[Answer], *, long: bool = False
) -> Answer:
    """Run the work in a transaction, or if its key has an answer already, give that one again.

    Raises IdempotencyKeyReused for the key of another request, and RequestInProgress if the first one does not end.
    """
    if key is None:
        return await database.write(work, owner_id=owner_id, long=long)
    the_key = {"owner_id": owner_id, "idempotency_key": key.value}

    async def once(tx: Transaction) -> Answer:
        try:
            taken = await tx.one(TAKE, **the_key, fingerprint=key.fingerprint, now=clock.now())
        except Busy as error:
            raise RequestInProgress from error
        if taken is None:
            kept = await tx.one(FIND, **the_key)
            if kept is None:
                # There is no owner any more, which this raises; or the answer was purged just now.
                await advance(tx, owner_id)
                raise Unavailable
            if kept["fingerprint"] != key.fingerprint:
                raise IdempotencyKeyReused(where=("header", "Idempotency-Key"))
            raise _AnsweredBefore(Answer(kept["status"], kept["body"].encode(), kept["etag"], replayed=True))
        answer = await work(tx)
        await tx.one(KEEP, **the_key, new_status=answer.status, new_body=answer.body.decode(), new_etag=answer.etag)
        return answer

    try:
        return await database.write(once, owner_id=owner_id, long=long)
    except _AnsweredBefore as before:
        return before.answer
