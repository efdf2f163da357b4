"""A hundred clients at once."""

import asyncio
import ssl
import uuid
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import Any

import httpx

from support.server import Server
from support.users import PASSWORD

CLIENTS = 100
TASKS = 6


async def body_of(answering: Awaitable[httpx.Response], status: int) -> Any:
    answer = await answering
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def use(client: httpx.AsyncClient) -> str:
    """Sign up, create, list, complete one, delete one. Answers the path of the tasks."""
    credentials = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    user = await body_of(client.post("/api/auth/signup", json=credentials), 201)
    path = f"/api/{user['id']}/tasks"
    client.headers["Authorization"] = f"Bearer {user['access_token']}"
    created = [await body_of(client.post(path, json={"title": str(number)}), 201) for number in range(TASKS)]
    listed = await body_of(client.get(path), 200)
    assert listed == {"tasks": created[::-1], "total": TASKS, "limit": 50, "offset": 0, "next_cursor": None}
    completed = await body_of(client.patch(f"{path}/{created[0]['id']}/complete"), 200)
    assert completed["is_completed"] is True
    await body_of(client.delete(f"{path}/{created[1]['id']}"), 204)
    return path


async def use_all(url: str) -> None:
    async with AsyncExitStack() as stack:
        # One for all: it is never used, and making it takes as long as a password's hash.
        context = ssl.create_default_context()
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, verify=context, timeout=120))
            for _ in range(CLIENTS)
        ]
        paths = await asyncio.gather(*map(use, clients))
        assert len(set(paths)) == CLIENTS
        for client, path in zip(clients, paths, strict=True):
            page = await body_of(client.get(path), 200)
            assert page["total"] == TASKS - 1
            assert [task["title"] for task in page["tasks"]] == [*(str(n) for n in range(TASKS - 1, 1, -1)), "0"]
            assert [task["is_completed"] for task in page["tasks"]] == [False] * (TASKS - 2) + [True]
            assert {f"/api/{task['user_id']}/tasks" for task in page["tasks"]} == {path}


def test_a_hundred_clients_at_once_get_no_error(server: Server) -> None:
    asyncio.run(use_all(server.url))
