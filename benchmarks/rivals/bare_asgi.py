"""The ceiling: Doable's database and statements on bare ASGI and the driver, with no framework and nothing around them.

It has the check of the token (verified once, then remembered), the SQL, JSON, and a commit at FULL for each write or, with
GROUPED=1, for the writes that came in at once. No validation, request ids, headers, logging, idempotency or limits.
"""

import asyncio
import hashlib
import os
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jwt
from pydantic_core import from_json, to_json

from doable.database.sqlite.driver import connect
from doable.database.statement import Compiled
from doable.owned.owners import ADVANCE as ADVANCE_OWNER
from doable.tasks.as_json import as_json
from doable.tasks.listing import Form, page_of
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import tasks as table

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TASKS: Final = "/api/me/tasks"
SECRET: Final = os.environ["SECRET_KEY"]
GROUPED: Final = os.environ.get("GROUPED") == "1"

# Doable's own statements, so that they stay the same.
GET: Final = TaskRepository.statements.get.sqlite
PAGE: Final = page_of(Form()).sqlite
ADD: Final = TaskRepository.statements.add.sqlite
ADVANCE: Final = ADVANCE_OWNER.sqlite

EMPTY: Final[Message] = {str(column.name): None for column in table.columns} | {"priority": 0, "is_cancelled": 0}
"""Every column of a task."""

database = connect(Path(os.environ["DATABASE"]))
verified: dict[bytes, tuple[str, int]] = {}
waiting: list[tuple[str, bytes, asyncio.Future[Message]]] = []


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Serve one request."""
    owner_id = authenticate(dict(scope["headers"]).get(b"authorization", b""))
    if owner_id is None:
        status, body = 401, b'{"detail": "A token is needed."}'
    elif scope["path"] != TASKS:
        found = get(owner_id, scope["path"].removeprefix(f"{TASKS}/"))
        status, body = (200, to_json(found)) if found else (404, b'{"detail": "There is no such task."}')
    elif scope["method"] == "GET":
        limit = int(scope["query_string"].removeprefix(b"limit="))
        status, body = 200, page(owner_id, limit)
    else:
        new = await read(receive)
        status, body = 201, to_json(await create_together(owner_id, new) if GROUPED else create(owner_id, new))
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def authenticate(header: bytes) -> str | None:
    """The owner that the token names, while it is valid."""
    token = header.removeprefix(b"Bearer ")
    digest = hashlib.sha256(token).digest()
    if digest not in verified:
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"])
        except jwt.PyJWTError:
            return None
        verified[digest] = claims["sub"], claims["exp"]
    owner_id, expires_at = verified[digest]
    return owner_id if datetime.now(UTC).timestamp() < expires_at else None


async def read(receive: Receive) -> bytes:
    """The request's whole body."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def run(statement: Compiled, **parameters: Any) -> list[Any]:
    """All rows of a statement."""
    rows = database.execute(statement.sql, statement.arguments(parameters)).fetchall()
    return [statement.row(row) for row in rows]


def get(owner_id: str, task_id: str) -> Message | None:
    """One of the owner's tasks."""
    rows = run(GET, this_owner=owner_id, this_id=task_id)
    return rows[0] if rows else None


def page(owner_id: str, limit: int) -> bytes:
    """The newest tasks and the total."""
    rows = run(PAGE, owner_id=owner_id, limit=limit, offset=0)
    rest = to_json({"total": rows[0][-1], "limit": limit, "offset": 0, "next_cursor": None})
    return b'{"tasks":[%b],%b' % (",".join(map(as_json, rows)).encode(), rest[1:])


def add(owner_id: str, body: bytes) -> Message:
    """Store a new task, in the transaction that has begun."""
    new = from_json(body)
    now = datetime.now(UTC)
    (owner,) = run(ADVANCE, owner_id=owner_id, by=1, tasks=1, more=0)
    revision = owner["revision"]
    row = {**EMPTY, **new, "owner_id": owner_id, "sequence": revision, "id": str(uuid.uuid4())}
    row |= {"created_at": now, "updated_at": now, "revision": revision}
    added: Message = run(ADD, **row)[0]
    return added


def create(owner_id: str, body: bytes) -> Message:
    """Store a new task and commit."""
    database.execute("BEGIN IMMEDIATE")
    added = add(owner_id, body)
    database.execute("COMMIT")
    return added


async def create_together(owner_id: str, body: bytes) -> Message:
    """Store a new task with whichever others come in before the loop turns, and commit once."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Message] = loop.create_future()
    if not waiting:
        loop.call_soon(commit_all)
    waiting.append((owner_id, body, outcome))
    return await outcome


def commit_all() -> None:
    """Store what waits in one transaction, then answer."""
    database.execute("BEGIN IMMEDIATE")
    added = [(outcome, add(owner_id, body)) for owner_id, body, outcome in waiting]
    waiting.clear()
    database.execute("COMMIT")
    for outcome, result in added:
        outcome.set_result(result)
