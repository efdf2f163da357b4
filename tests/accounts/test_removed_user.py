"""A user who is removed while a token still lives."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from conftest import NewServer
from support import anew
from support.server import Server, doable
from support.users import PASSWORD, User, assert_error

SECONDS = 5
"""How long a test waits for what should take one second; the machine may be busy."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def remove(server: Server, user: User) -> None:
    removed = doable("users", "remove", user.email, "--yes", cwd=server.folder, **server.settings)
    assert removed.returncode == 0, removed.stderr


def ask_anew(user: User, path: str) -> set[int]:
    """The statuses that each of the workers has for it."""
    return anew.ask_anew(str(user.base_url), path, user.headers["Authorization"])


def assert_is_nobody(user: User, task_id: str) -> None:
    """Every route that takes a token refuses this one."""
    for answer in (
        user.get(user.tasks),
        user.get(f"{user.tasks}?offset=1001"),
        user.post(user.tasks, json={"title": "a"}),
        user.get(f"{user.tasks}/{task_id}"),
        user.put(f"{user.tasks}/{task_id}", json={"title": "a"}),
        user.patch(f"{user.tasks}/{task_id}/complete"),
        user.delete(f"{user.tasks}/{task_id}"),
        user.get("/api/auth/me"),
    ):
        assert_error(answer, 401, "unauthenticated")


def test_is_refused_beside_a_running_server(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server())
    alice, bob = stack.enter_context(closing(User(server.url))), stack.enter_context(closing(User(server.url)))
    hers, his = alice.new_task(), bob.new_task()
    credentials = {"email": alice.email, "password": PASSWORD}
    second_token = alice.post("/api/auth/login", json=credentials).json()["access_token"]

    remove(server, alice)
    deadline = time.monotonic() + SECONDS
    while alice.get(f"{alice.tasks}/{hers['id']}").status_code != 401:
        assert time.monotonic() < deadline

    assert_is_nobody(alice, hers["id"])
    # So is the bearer of her other token or her password.
    headers = {"Authorization": f"Bearer {second_token}"}
    assert_error(alice.get(f"{alice.tasks}/{hers['id']}", headers=headers), 401, "unauthenticated")
    assert_error(alice.post("/api/auth/login", json=credentials), 401, "wrong_credentials")
    # Her task is gone: were it somebody's, this would be 403.
    assert_error(bob.get(f"{bob.tasks}/{hers['id']}"), 404, "task_not_found")
    assert bob.get(bob.tasks).json()["tasks"] == [his]
    assert bob.new_task()["user_id"] == bob.id

    # The e-mail is free for somebody new, who is not the user of the old token.
    again = stack.enter_context(closing(User(server.url, alice.email)))
    assert again.id != alice.id
    assert again.get(again.tasks).json()["tasks"] == []
    assert_error(again.get(f"{again.tasks}/{hers['id']}"), 404, "task_not_found")
    assert again.new_task()["revision"] == 1
    assert_is_nobody(alice, hers["id"])
    assert again.get(again.tasks).json()["total"] == 1


def test_is_refused_by_every_worker_and_after_a_restart(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice, bob, carol = (stack.enter_context(closing(User(server.url))) for _ in range(3))
    hers, his, carols = alice.new_task(), bob.new_task(), carol.new_task()

    remove(server, alice)
    deadline = time.monotonic() + SECONDS
    while ask_anew(alice, f"{alice.tasks}/{hers['id']}") != {401}:
        assert time.monotonic() < deadline
    assert_is_nobody(alice, hers["id"])

    assert server.stop() == 0
    remove(server, carol)
    server.start()

    # At once: what is revoked is read before a worker listens.
    assert ask_anew(alice, f"{alice.tasks}/{hers['id']}") == {401}
    assert ask_anew(carol, f"{carol.tasks}/{carols['id']}") == {401}
    assert_is_nobody(alice, hers["id"])
    assert_is_nobody(carol, carols["id"])
    assert ask_anew(bob, bob.tasks) == {200}
    assert bob.get(bob.tasks).json()["tasks"] == [his]
