"""When API tokens end: deleted, expired, or with their user; in every process, and in open streams."""

import asyncio
import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import NewServer
from doable import clock
from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.gate import repository as revocations
from doable.accounts.gate.credentials import Credential
from doable.database import Transaction, open_database
from doable.errors import Unauthenticated
from support import anew, schema
from support.api_tokens import bearer, client, create, listed
from support.clocks import ClockServer
from support.commands import assert_refused as assert_command_refused
from support.events import follow
from support.logs import lines
from support.server import DOABLE, Server, doable, environment
from support.users import User, assert_error

SECONDS = 5
"""How long a test waits for what should take one second; the machine may be busy."""
READ = "tasks:read"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def ask_anew(server: Server, token: str, times: int = 20) -> set[int]:
    """The statuses that each of the workers has for it."""
    return anew.ask_anew(server.url, "/api/me/tasks", bearer(token)["Authorization"], times=times)


def wait_until_refused(server: Server, token: str) -> None:
    """By every worker, within the time."""
    deadline = time.monotonic() + SECONDS
    while ask_anew(server, token) != {401}:
        assert time.monotonic() < deadline


def test_a_deleted_one_is_refused_by_every_worker_and_after_a_restart(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server("--workers", "2"))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    gone, kept, his = create(alice), create(alice), create(bob)
    # Every worker remembers it by then.
    assert ask_anew(server, gone["token"]) == {200}

    assert alice.delete(f"/api/auth/tokens/{gone['id']}").status_code == 204
    wait_until_refused(server, gone["token"])

    assert server.stop() == 0
    server.start()
    assert ask_anew(server, gone["token"]) == {401}
    for token in (kept, his):
        assert ask_anew(server, token["token"]) == {200}


def test_a_removed_users_is_refused_and_everybody_elses_is_not(server: Server, alice: User, bob: User) -> None:
    hers, his = create(alice)["token"], create(bob)["token"]
    assert ask_anew(server, hers) == ask_anew(server, his) == {200}
    with follow(alice, headers=bearer(hers)) as stream:
        removed = doable("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
        assert removed.returncode == 0, removed.stderr
        wait_until_refused(server, hers)
        assert stream.rest() == []
    assert ask_anew(server, his) == {200}


def test_what_another_process_removes_with_all_of_the_users_is_refused(server: Server, alice: User, bob: User) -> None:
    hers, his = [create(alice)["token"] for _ in range(3)], create(bob)["token"]
    for token in (*hers, his):
        assert ask_anew(server, token, times=1) == {200}

    async def remove_all() -> list[str]:
        async with open_database(schema.settings_of(server)) as database:
            return await database.write(ApiTokenRepository(database).remove_all(alice.id))

    assert len(asyncio.run(remove_all())) == 3
    for token in hers:
        wait_until_refused(server, token)
    assert listed(alice) == []
    assert ask_anew(server, his) == {200}


def test_whose_session_has_ended_meanwhile_makes_none(server: Server, alice: User) -> None:
    """The session was good when the request came, and is revoked by the time of the write."""

    async def add(session_id: str) -> None:
        async with open_database(schema.settings_of(server)) as database:

            async def revoke(tx: Transaction) -> None:
                await revocations.revoke(tx, session_id, clock.now() + timedelta(hours=1))

            await database.write(revoke)
            tokens, new = ApiTokenRepository(database), {"token_id": str(uuid.uuid4()), "digest": uuid.uuid4().hex}
            for credential in (
                Credential(alice.id, session_id, None),
                Credential(str(uuid.uuid4()), str(uuid.uuid4()), None),
            ):
                with pytest.raises(Unauthenticated):
                    await database.write(tokens.add(credential, name="a", scopes=[READ], expires_at=None, **new))

    asyncio.run(add(str(uuid.uuid4())))
    assert listed(alice) == []


def test_a_stream_ends_with_its_token(alice: User) -> None:
    gone, kept = create(alice, READ), create(alice, READ)
    with (
        follow(alice, headers=bearer(gone["token"])) as ending,
        follow(alice, headers=bearer(kept["token"])) as lasting,
    ):
        task = alice.new_task()
        assert ending.next().change["task"] == lasting.next().change["task"] == task
        assert alice.delete(f"/api/auth/tokens/{gone['id']}").status_code == 204
        assert ending.rest() == []
        task = alice.new_task()
        assert lasting.next().change["task"] == task


def test_tail_follows_with_an_api_token_until_it_is_deleted(server: Server, alice: User) -> None:
    """And says so then; with another scope it does not begin."""
    other, token = create(alice, "account", "tasks:write"), create(alice, READ)
    refused = doable("tail", "--url", server.url, cwd=server.folder, DOABLE_TOKEN=other["token"])
    assert_command_refused(refused, "403")
    task = alice.new_task()
    with subprocess.Popen(
        [DOABLE, "tail", "--url", server.url],
        env=environment(DOABLE_TOKEN=token["token"]),
        cwd=server.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as followed:
        assert followed.stdout is not None
        assert json.loads(followed.stdout.readline())["task"] == task
        assert alice.delete(f"/api/auth/tokens/{token['id']}").status_code == 204
        output, errors = followed.communicate(timeout=60)
    assert (followed.returncode, output) == (1, "")
    assert "401" in errors
    for secret in (other["token"], token["token"]):
        assert secret not in refused.stderr + errors


# What follows moves the clock, and is the same on every database: it runs on SQLite only.


@pytest.fixture(scope="module")
def one_clock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClockServer]:
    with ClockServer(tmp_path_factory.mktemp("clock"), ACCESS_TOKEN_EXPIRE_MINUTES="1000") as running:
        yield running


@pytest.fixture
def clock_server(one_clock_server: ClockServer) -> ClockServer:
    """A server that runs, whatever the test before this one did to it."""
    return one_clock_server if one_clock_server.process.poll() is None else one_clock_server.start()


@pytest.fixture(scope="module")
def carol(one_clock_server: ClockServer) -> Iterator[User]:
    with closing(User(one_clock_server.url)) as user:
        yield user


def brief_token(user: User, seconds: float) -> dict[str, Any]:
    """One that expires so many seconds from now, as the server's clock has it."""
    now = datetime.fromisoformat(create(user)["created_at"])
    return create(user, expires_at=(now + timedelta(seconds=seconds)).isoformat())


def used(user: User, token: dict[str, Any]) -> str | None:
    """When it was used last, as the list says."""
    found: str | None = next(each["last_used_at"] for each in listed(user) if each["id"] == token["id"])
    return found


def wait_for_use(user: User, token: dict[str, Any], before: str | None = None) -> str:
    """When it was used last, once that is another instant than before."""
    deadline = time.monotonic() + 60
    while (at := used(user, token)) == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert at is not None
    return at


def use(server: Server, token: dict[str, Any]) -> None:
    assert ask_anew(server, token["token"], times=1) == {200}


def test_an_expired_one_is_refused_at_once_and_its_stream_ends(clock_server: ClockServer, carol: User) -> None:
    brief, lasting = brief_token(carol, 600), create(carol)
    use(clock_server, brief)
    with follow(carol, headers=bearer(brief["token"])) as stream, client(carol, brief["token"]) as script:
        assert script.get(carol.tasks).status_code == 200
        clock_server.move(601)
        # There is no leeway: it says itself when it ends.
        assert_error(script.get(carol.tasks), 401, "unauthenticated")
        assert stream.rest() == []
    use(clock_server, lasting)
    # It is listed until it is deleted.
    assert brief["id"] in {token["id"] for token in listed(carol)}


def test_a_remembered_one_expires_to_the_second(clock_server: ClockServer, carol: User) -> None:
    """Without a move past what is remembered."""
    brief = brief_token(carol, 600)
    clock_server.move(595)
    use(clock_server, brief)
    clock_server.move(6)
    assert ask_anew(clock_server, brief["token"], times=1) == {401}


def test_a_deleted_one_does_not_come_back_when_its_revocation_is_forgotten(
    clock_server: ClockServer, carol: User
) -> None:
    token = create(carol)
    use(clock_server, token)
    assert carol.delete(f"/api/auth/tokens/{token['id']}").status_code == 204
    for seconds in (5, 5, 5, 10, 10, 3600):
        clock_server.move(seconds)
        assert ask_anew(clock_server, token["token"], times=1) == {401}
    clock_server.move(-3600)
    assert ask_anew(clock_server, token["token"], times=1) == {401}


def test_one_that_is_removed_past_doable_is_remembered_for_ten_seconds_only(
    clock_server: ClockServer, carol: User
) -> None:
    token = create(carol)
    use(clock_server, token)
    schema.execute(schema.settings_of(clock_server), f"DELETE FROM api_tokens WHERE id = '{token['id']}'")  # noqa: S608 - an id of ours
    clock_server.move(11)
    assert ask_anew(clock_server, token["token"], times=1) == {401}


def test_a_stream_ends_when_a_revocation_may_have_been_missed(clock_server: ClockServer, carol: User) -> None:
    """The process stood still, or the clock was moved: a revocation is not kept for so long."""
    # A test before this one may have moved the clock, which a process that runs would notice only now.
    clock_server.stop()
    clock_server.start()
    token = create(carol, READ)
    with follow(carol, headers=bearer(token["token"])) as stream, follow(carol) as of_session:
        task = carol.new_task()
        assert stream.until(task["revision"])[-1] == of_session.until(task["revision"])[-1]
        clock_server.move(60)
        assert stream.rest() == []
        task = carol.new_task()
        assert of_session.next().change["task"] == task
    # It comes again.
    with follow(carol, headers=bearer(token["token"])) as stream:
        assert stream.until(task["revision"])


def test_its_last_use_is_written_at_most_once_a_minute(clock_server: ClockServer, carol: User) -> None:
    token = create(carol)
    assert used(carol, token) is None
    use(clock_server, token)
    first = wait_for_use(carol, token)
    assert datetime.fromisoformat(first) - datetime.fromisoformat(token["created_at"]) < timedelta(minutes=1)

    clock_server.move(30)
    use(clock_server, token)
    # What is used after it is written with it or after it.
    second_token = create(carol)
    use(clock_server, second_token)
    wait_for_use(carol, second_token)
    assert used(carol, token) == first

    clock_server.move(31)
    use(clock_server, token)
    second = wait_for_use(carol, token, first)
    assert datetime.fromisoformat(second) - datetime.fromisoformat(first) >= timedelta(minutes=1)


def test_a_refused_one_was_not_used(clock_server: ClockServer, carol: User) -> None:
    expired, other = brief_token(carol, 60), create(carol)
    clock_server.move(61)
    assert ask_anew(clock_server, expired["token"], times=1) == {401}
    use(clock_server, other)
    wait_for_use(carol, other)
    assert used(carol, expired) is None


def test_its_last_use_is_written_at_the_latest_when_the_server_stops(clock_server: ClockServer, carol: User) -> None:
    tokens = [create(carol) for _ in range(60)]
    for token in tokens:
        use(clock_server, token)
    assert clock_server.stop() == 0
    rows = schema.rows_of(schema.settings_of(clock_server), "api_tokens")
    assert {row["id"] for row in rows if row["last_used_at"]} >= {token["id"] for token in tokens}


def test_no_request_fails_because_its_last_use_cannot_be_written(clock_server: ClockServer, carol: User) -> None:
    token = create(carol)
    settings = schema.settings_of(clock_server)
    trigger = "CREATE TRIGGER refuse BEFORE UPDATE ON api_tokens BEGIN SELECT RAISE(ABORT, 'no'); END"
    schema.execute(settings, trigger)
    use(clock_server, token)
    deadline = time.monotonic() + 60
    while not any(line["event"].startswith("api-tokens: failed") for line in lines(clock_server)):
        assert time.monotonic() < deadline
        use(clock_server, token)
    assert used(carol, token) is None
    schema.execute(settings, "DROP TRIGGER refuse")
    wait_for_use(carol, token)
    assert token["token"] not in clock_server.log
