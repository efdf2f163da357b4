"""`doable restore`: after a backup was restored, no client continues as if nothing had happened."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from support.commands import assert_refused
from support.server import SECRET, Server
from support.server import doable as run
from support.users import User, assert_error

USERS = 3


def test_every_client_reads_everything_again(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    settings = new_database_settings()
    server = Server(tmp_path, **settings)
    with server:
        users = [User(server.url) for _ in range(USERS)]
        for user in users:
            user.new_task()
    data = Path(server.settings["DATA_DIR"])
    database = urlsplit(settings.get("DATABASE_URL", "")).path.removeprefix("/")
    backup = {"SECRET_KEY": SECRET, **new_database_settings(*filter(None, [database]))}
    shutil.copytree(data, tmp_path / "restored" / "data")

    # What the backup does not know.
    with server:
        lost = [user.new_task()["revision"] for user in users for _ in range(2)][-1]
    environ = {"DATA_DIR": str(tmp_path / "restored" / "data"), **backup}
    moved = run("restore", cwd=tmp_path, **environ)
    assert (moved.returncode, moved.stderr) == (0, f"The revisions of {USERS} users are moved on.\n")

    with (
        Server(tmp_path / "restored", **environ) as restored,
        httpx.Client(base_url=restored.url, timeout=30) as client,
    ):
        for user in users:
            client.headers.update(user.headers)
            # As many as were lost, and more: without the command the revisions would be those that the client has seen.
            tasks = [client.post(user.tasks, json={"title": "New"}).json() for _ in range(lost)]
            assert [task["revision"] - tasks[0]["revision"] for task in tasks] == list(range(lost))
            for since in (1, lost, tasks[0]["revision"] - 2):
                assert_error(client.get("/api/me/changes", params={"since": since}), 410, "resync_required")
            everything = client.get("/api/me/changes").json()
            assert len(everything["changes"]) == 1 + lost
            # Positions of the feed and of lists have twelve digits.
            assert everything["revision"] == tasks[-1]["revision"] < 10**12
            known = client.get("/api/me/changes", params={"since": tasks[0]["revision"]}).json()
            assert len(known["changes"]) == lost - 1
            user.close()
    # A second time there is nothing that a client could have seen, and it does no harm.
    assert run("restore", cwd=tmp_path, **environ).returncode == 0


def test_a_database_that_must_be_migrated_first_is_refused(tmp_path: Path) -> None:
    refused = run("restore", cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert_refused(refused, "doable migrate")
