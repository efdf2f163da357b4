"""Many clients change one task at once, and no change is lost."""

import asyncio
import json
import os
from contextlib import ExitStack, closing
from typing import Any

from conftest import NewServer
from support.changes import changes
from support.users import User

CLIENTS = 50
EACH = int(os.environ.get("READ_MODIFY_WRITES", "2"))
"""How often each of them counts on. With 100 it takes some minutes."""


class Client:
    """One connection that is kept: with fifty clients on one core, a library's would be most of the work."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: User) -> None:
        self._reader = reader
        self._writer = writer
        self._head = f"Host: localhost\r\nAuthorization: {user.headers['Authorization']}\r\n"

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and body of the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self._writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        async with asyncio.timeout(60):
            lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            length = next(int(line.split(": ")[1]) for line in lines if line.startswith("content-length: "))
            received = await self._reader.readexactly(length)
        return int(lines[0].split()[1]), json.loads(received)


async def count_on(client: Client, path: str, start: asyncio.Barrier) -> int:
    """Add one to the number in the title, so many times. Answers how often somebody else was faster."""
    await start.wait()
    refused = 0
    for _ in range(EACH):
        status, task = await client.ask("GET", path)
        assert status == 200, task
        while True:
            title = str(int(task["title"]) + 1)
            status, answer = await client.ask("PUT", path, {"title": title}, If_Match=f'"{task["revision"]}"')
            if status == 200:
                assert (answer["title"], answer["revision"]) == (title, task["revision"] + 1)
                break
            assert (status, answer["code"]) == (412, "precondition_failed")
            # Who is refused is told what there is now, and need not ask for it.
            assert answer["current"]["revision"] > task["revision"]
            task = answer["current"]
            refused += 1
    return refused


async def count_on_together(user: User, port: int, path: str) -> int:
    start = asyncio.Barrier(CLIENTS)
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CLIENTS)]
    try:
        return sum(
            await asyncio.gather(*[count_on(Client(*connection, user), path, start) for connection in connections])
        )
    finally:
        for _, writer in connections:
            writer.close()
            await writer.wait_closed()


def test_no_increment_is_lost(new_server: NewServer) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(new_server("--workers", "2"))
        user = stack.enter_context(closing(User(server.url)))
        task = user.new_task("0")
        path = f"{user.tasks}/{task['id']}"
        refused = asyncio.run(count_on_together(user, server.port, path))
        # They did get into each other's way.
        assert refused > 0
        after = user.get(path).json()
        assert (after["title"], after["revision"]) == (str(CLIENTS * EACH), 1 + CLIENTS * EACH)
        feed = changes(user, since=0)
        assert [change["task"] for change in feed["changes"]] == [after]
        assert feed["revision"] == after["revision"]
