"""How a request of the current user writes: in one transaction, and once for its `Idempotency-Key`."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentOwnerId
from doable.database import Database, Transaction
from doable.database.protocol import Work
from doable.errors import Invalid
from doable.http.schemas import header
from doable.owned.answers import Answer
from doable.owned.idempotency import IdempotencyKey, write_once

T = TypeVar("T")

_KEY: Final = re.compile(r"[!-~]{1,255}")

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 visible ASCII characters, a new UUID for example. The same request with the same key is "
        "done once, and for 24 hours gets the same answer with `Idempotency-Replayed: true`.",
    ),
    header("^[!-~]{1,255}$", "6f1c1f0c-8a3e-4a57-9a5e-0d6a2b1c7f10"),
]


@dataclass(frozen=True, slots=True)
class Writes:
    """Runs a work on the current user's data, and answers what came of it."""

    database: Database
    owner_id: str
    key: IdempotencyKey | None

    async def __call__(self, work: Work[T], to_answer: Callable[[T], Answer], *, long: bool = False) -> Response:
        """The answer is made inside the transaction, since it is kept there if the request has a key."""

        async def answer(tx: Transaction) -> Answer:
            return to_answer(await work(tx))

        return to_response(await write_once(self.database, self.owner_id, self.key, answer, long=long))


async def current_writes(request: Request, owner_id: CurrentOwnerId, key: KeyHeader = None) -> Writes:
    """Writes of the current user. Raises Invalid for a key that cannot be one."""
    return Writes(request.app.state.database, owner_id, None if key is None else await _key_of(request, key))


async def _key_of(request: Request, key: str) -> IdempotencyKey:
    if len(request.headers.getlist("idempotency-key")) > 1 or not _KEY.fullmatch(key):
        message = "There must be one key, of 1 to 255 visible ASCII characters"
        raise Invalid(message, where=("header", "Idempotency-Key"))
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    digest.update(await request.body())
    return IdempotencyKey(key, digest.hexdigest())


CurrentWrites = Annotated[Writes, Depends(current_writes)]


def to_response(answered: Answer) -> Response:
    """The answer as it is sent."""
    response = Response(answered.body, answered.status, media_type="application/json" if answered.body else None)
    if answered.etag is not None:
        response.headers["ETag"] = answered.etag
    if answered.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
