"""Imports that end early: at a limit, or with the server."""

import signal
from contextlib import closing
from pathlib import Path
from uuid import UUID

from conftest import NewServer
from support.filing import titles
from support.moving import ended, imported, send
from support.server import doable
from support.users import User

LINES = b"".join(b"task %d\n" % number for number in range(1001))


def test_a_server_that_is_killed_goes_on_where_it_was(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        id_ = send(alice, LINES, "todo.txt").json()["id"]
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(timeout=30)
        server.start()
        found = ended(alice, id_)
        assert found["state"] == "done"
        assert found["kinds"]["task"] == {"found": 1001, "made": 1001, "there": 0, "not_taken": 0}
        assert titles(alice, None) == [f"task {number}" for number in range(1001)]


def test_it_stops_at_a_limit_and_goes_on_when_there_is_room(new_server: NewServer, tmp_path: Path) -> None:
    with new_server(MAX_TASKS="2") as server, closing(User(server.url)) as alice:
        mine = alice.new_task("mine")
        content = b"one\ntwo\n"
        assert send(alice, content, "todo.txt", dry_run="true").json()["exceeds"] == "tasks"
        found = imported(alice, content, "todo.txt")
        assert (found["state"], found["stopped_by"], found["done"]) == ("stopped", "tasks", 0)
        other = send(alice, b"another\n", "todo.txt")
        assert other.status_code == 409
        assert (other.json()["code"], other.json()["current"]) == ("import_in_progress", found["id"])
        file = tmp_path / "todo.txt"
        file.write_bytes(content)
        command = ("import", str(file), "--user", alice.email)
        full = doable(*command, cwd=tmp_path, **server.settings)
        assert (full.returncode, "as many tasks as a user may have" in full.stderr) == (1, True)
        alice.delete(f"{alice.tasks}/{mine['id']}").raise_for_status()
        went_on = imported(alice, content, "todo.txt")
        assert (went_on["id"], went_on["state"]) == (found["id"], "done")
        assert titles(alice, None) == ["one", "two"]

        dry = doable(*command, "--dry-run", cwd=tmp_path, **server.settings)
        assert dry.returncode == 0, dry.stderr
        assert dry.stdout.splitlines() == [
            "       in the file  would be made  there already  not taken",
            "tasks            2              0              2          0",
        ]
        done = doable("import", str(file), "--user", alice.id, cwd=tmp_path, **server.settings)
        assert (done.returncode, done.stdout.splitlines()[1].split()) == (0, ["tasks", "2", "0", "2", "0"])
        for wrong in (
            ("--user", "nobody@example.com"),
            ("--user", str(UUID(int=0))),
            ("--user", alice.email, "--format", "unknown"),
        ):
            refused = doable("import", str(file), *wrong, cwd=tmp_path, **server.settings)
            assert (refused.returncode, refused.stderr.startswith("doable: ")) == (1, True)
        assert doable("import", "missing", "--user", alice.email, cwd=tmp_path, **server.settings).returncode == 1
