"""`updated_at` moves with every change and never backwards, whichever process writes and whatever its clock says."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

from conftest import NewServer
from support.schema import execute, settings_of
from support.server import Server
from support.users import User

CLIENTS = 8
EACH = 40


def test_it_follows_the_order_of_the_changes(new_server: NewServer) -> None:
    with new_server("--workers", "2") as server, closing(User(server.url)) as alice:
        path = f"{alice.tasks}/{alice.new_task()['id']}"

        def change(client: int) -> list[tuple[int, str]]:
            answers = [alice.patch(path, json={"title": f"{client} {number}"}).json() for number in range(EACH)]
            return [(task["revision"], task["updated_at"]) for task in answers]

        with ThreadPoolExecutor(CLIENTS) as threads:
            changes = sorted(change for some in threads.map(change, range(CLIENTS)) for change in some)
        assert [revision for revision, _ in changes] == list(range(2, CLIENTS * EACH + 2))
        instants = [instant for _, instant in changes]
        assert instants == sorted(set(instants))


def test_it_moves_on_from_an_instant_of_a_clock_that_is_ahead(server: Server, alice: User) -> None:
    task = alice.new_task()
    ahead = "2099-01-01T00:00:00.000000Z"
    execute(settings_of(server), f"UPDATE tasks SET updated_at = '{ahead}' WHERE id = '{task['id']}'")  # noqa: S608 - no input
    path = f"{alice.tasks}/{task['id']}"
    for number in (1, 2):
        changed = alice.patch(f"{path}/complete").json()
        expected = datetime.fromisoformat(ahead) + timedelta(microseconds=number)
        assert datetime.fromisoformat(changed["updated_at"]) == expected
        assert changed["created_at"] == task["created_at"]
