"""How a request of the current user writes: in one transaction, and once for its `Idempotency-Key`."""

import hashlib
import re
import uuid
from functools import partial
from typing import Annotated, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.accounts.dependencies import CurrentOwnerId
from doable.errors import Invalid
from doable.http.bodies import read_body
from doable.http.notes import Depends, Header
from doable.http.requests import may_take_long
from doable.http.responses import JSON
from doable.http.schemas import header
from doable.owned.answers import Answer
from doable.owned.writes import IdempotencyKey, Writes

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


UndoHeader = Annotated[
    str | None,
    Header(
        alias="Undo",
        description="`1`: it must be possible to undo the write. The answer then has an `Undo-Token`, good for 30 days.",
    ),
    header("^1$", "1"),
]


async def current_writes(
    request: Request, owner_id: CurrentOwnerId, key: KeyHeader = None, undo: UndoHeader = None
) -> Writes:
    """Writes of the current user. Raises Invalid for a key that cannot be one, and for an `Undo` that is not 1."""
    state = request.app.state
    if undo is not None and request.headers.getlist("undo") != ["1"]:
        raise Invalid("Here it can only be 1", where=("header", "Undo"))
    the_key = None if key is None else await _key_of(request, key)
    token = None if undo is None else str(uuid.uuid4())
    may_go_on = partial(may_take_long, request.scope)
    # The same for `me` and the user's id.
    name = f"{request.method} {request.scope['path'].split('/', 3)[-1]}"
    return Writes(state.database, owner_id, the_key, state.max_kept_bytes, token, may_go_on=may_go_on, name=name)


async def _key_of(request: Request, key: str) -> IdempotencyKey:
    if len(request.headers.getlist("idempotency-key")) > 1 or not _KEY.fullmatch(key):
        message = "There must be one key, of 1 to 255 visible ASCII characters"
        raise Invalid(message, where=("header", "Idempotency-Key"))
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    digest.update(request.scope["query_string"])
    await read_body(await request.body(), digest.update)
    return IdempotencyKey(key, digest.hexdigest())


CurrentWrites = Annotated[Writes, Depends(current_writes)]


class _Made(JSON):
    """The answer that something is made. Where it is depends on the server that says so, and not on the one that kept the answer."""

    location = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.raw_headers.append((b"location", scope["app"].state.link(self.location).encode("latin-1")))
        await super().__call__(scope, receive, send)


def to_response(answered: Answer) -> Response:
    """The response for an answer."""
    response: Response
    if answered.location is not None:
        response = made = _Made(answered.body, answered.status)
        made.location = answered.location
    else:
        response = JSON(answered.body, answered.status) if answered.body else Response(status_code=answered.status)
    headers = ((b"etag", answered.etag), (b"undo-token", answered.undo_token))
    response.raw_headers += [(name, value.encode("latin-1")) for name, value in headers if value is not None]
    if answered.replayed:
        response.raw_headers.append((b"idempotency-replayed", b"true"))
    return response
