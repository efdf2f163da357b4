"""A password whose hash would have to wait for too long is refused, and what nobody waits for is not hashed."""

import asyncio
import selectors
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from doable.accounts.passwords.hashing import Passwords
from doable.errors import Unavailable
from support.server import Server
from support.users import User

CLIENTS = 500


def request() -> bytes:
    body = f'{{"email": "{uuid.uuid4().hex}@example.com", "password": "a wrong one"}}'
    head = "POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def first_answer(sockets: list[socket.socket], content: bytes) -> bytes:
    """The first answer with this in it. Fails where there is none."""
    deadline = time.monotonic() + 60
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while True:
            assert time.monotonic() < deadline, "Nobody was refused."
            for key, _ in selector.select(timeout=1):
                assert isinstance(key.fileobj, socket.socket)
                selector.unregister(key.fileobj)
                answer = b""
                while some := key.fileobj.recv(65_536):
                    answer += some
                if content in answer:
                    return answer


def test_a_full_queue_is_503_and_leaves_the_others_alone(tmp_path: Path) -> None:
    with Server(tmp_path) as server, ExitStack() as stack:
        alice = User(server.url)
        stack.callback(alice.close)
        sockets = []
        # Each for another account, since those of one take turns.
        for _ in range(CLIENTS):
            sockets.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port))))
            sockets[-1].sendall(request())
        # Some may find no place, which is another refusal: `overloaded`.
        refused = first_answer(sockets, b'"code":"unavailable"')
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: " in refused
        assert alice.get(alice.tasks, timeout=120).status_code == 200  # on a slow machine
        assert httpx.get(f"{server.url}/readyz", timeout=120).status_code == 200
        first_answer(sockets, b"HTTP/1.1 401 ")
        server.kill()


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that are looked at."""
    found: list[str] = []
    verify: Callable[..., Any] = PasswordHasher.verify

    def noted(self: PasswordHasher, password_hash: str, password: str) -> Any:
        found.append(password)
        return verify(self, password_hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    return found


def test_what_nobody_waits_for_is_not_hashed(verified: list[str]) -> None:
    async def run() -> None:
        passwords = Passwords()
        waiting = [asyncio.create_task(passwords.verify(f"gone {number}", None)) for number in range(2000)]
        await asyncio.sleep(0)  # each of them has asked
        refused = [task for task in waiting if task.done()]
        assert refused
        assert all(isinstance(task.exception(), Unavailable) for task in refused)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        # There is room again at once.
        assert await passwords.verify("stays", None) is None
        assert "stays" in verified
        assert len(verified) < 20
        passwords.close()

    asyncio.run(run())
