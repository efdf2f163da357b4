"""What is revoked has to be known: a process that cannot find out refuses every credential, until it can again."""

import time
from contextlib import closing
from pathlib import Path

from support import schema
from support.server import Server
from support.users import PASSWORD, User, assert_error


def wait_for(user: User, status: int) -> None:
    deadline = time.monotonic() + 15
    while user.get(user.tasks).status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_without_them_no_token_is_believed(tmp_path: Path) -> None:
    with Server(tmp_path) as server, closing(User(server.url)) as alice:
        task = alice.new_task()
        settings = schema.settings_of(server)

        schema.execute(settings, "ALTER TABLE revocations RENAME TO hidden")
        wait_for(alice, 503)

        assert_error(alice.get(alice.tasks), 503, "unavailable")
        assert_error(alice.get("/api/auth/me"), 503, "unavailable")
        assert_error(alice.delete(f"{alice.tasks}/{task['id']}"), 503, "unavailable")
        # A bad token is still a bad token, and a password needs no revocations.
        assert_error(alice.get(alice.tasks, headers={"Authorization": "Bearer a.b.c"}), 401, "unauthenticated")
        credentials = {"email": alice.email, "password": PASSWORD}
        assert alice.post("/api/auth/login", json=credentials).status_code == 200

        schema.execute(settings, "ALTER TABLE hidden RENAME TO revocations")
        wait_for(alice, 200)
        assert alice.get(alice.tasks).json()["tasks"] == [task]
