"""`Idempotency-Key`: doing it twice is doing it once."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep

import httpx
import pytest

from conftest import NewServer
from doable import clock
from doable.database.types import instant_to_text
from support.outsider import Outsider, on_postgresql
from support.schema import execute, settings_of
from support.server import Server
from support.users import PASSWORD, User, assert_error
from support.writes import WRITES, Request, assert_detailed_error, create, state_of, toggle, with_headers

CLIENTS = 50
HEAD_START_SECONDS = 1.0
"""What waits for a lock for so much longer is sure to give up first."""


def new_key() -> str:
    return str(uuid.uuid4())


def send(user: User, request: Request, key: str) -> httpx.Response:
    """The request with this key."""
    return user.request(**with_headers(request, **{"Idempotency-Key": key}))


def assert_replayed(answer: httpx.Response, first: httpx.Response) -> None:
    """The answer is the first one once more, and says so."""
    assert answer.headers["idempotency-replayed"] == "true"
    assert (answer.status_code, answer.content) == (first.status_code, first.content)
    for name in ("etag", "location", "content-type", "content-length"):
        assert answer.headers.get(name) == first.headers.get(name)


def assert_new(answer: httpx.Response, status: int) -> None:
    """The answer is a success, and none that was given before."""
    assert answer.status_code == status, answer.text
    assert "idempotency-replayed" not in answer.headers


every_write = pytest.mark.parametrize("write", WRITES)


@every_write
def test_the_second_answer_is_the_first_one(alice: User, write: str) -> None:
    request, key = WRITES[write].request(alice), new_key()
    first = send(alice, request, key)
    assert_new(first, WRITES[write].status)
    assert ("etag" in first.headers) == (write not in {"delete", "batch"})
    assert ("location" in first.headers) == (first.status_code == 201)
    before = state_of(alice)
    for _ in range(2):
        again = send(alice, request, key)
        assert_replayed(again, first)
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert state_of(alice) == before


@every_write
def test_the_answer_stays_the_first_one_whatever_happens_later(alice: User, write: str) -> None:
    """Also where the task is changed or gone, or made again."""
    request, key = WRITES[write].request(alice), new_key()
    first = send(alice, request, key)
    for task in state_of(alice)["tasks"]:
        alice.put(f"{alice.tasks}/{task['id']}", json={"title": "changed later"})
    assert_replayed(send(alice, request, key), first)
    for task in state_of(alice)["tasks"]:
        alice.delete(f"{alice.tasks}/{task['id']}")
    before = state_of(alice)
    assert_replayed(send(alice, request, key), first)
    assert state_of(alice) == before


@every_write
def test_without_a_key_it_is_done_twice(alice: User, write: str) -> None:
    """So that the others show what the key does."""
    request = WRITES[write].request(alice)
    revision = state_of(alice)["revision"]
    first, second = alice.request(**request), alice.request(**request)
    assert "idempotency-replayed" not in {**first.headers, **second.headers}
    changed = state_of(alice)["revision"] - revision
    if write == "delete":
        assert_error(second, 404, "task_not_found")
    elif write == "create_with_id":
        assert_detailed_error(second, 412, "precondition_failed", current=first.json())
    else:
        assert second.status_code == first.status_code
        assert changed == 2 * WRITES[write].revisions


@every_write
def test_another_key_is_another_request(alice: User, write: str) -> None:
    request = WRITES[write].request(alice)
    send(alice, request, "one")
    second = send(alice, request, "another")
    assert "idempotency-replayed" not in second.headers
    assert second.status_code == {"delete": 404, "create_with_id": 412}.get(write, WRITES[write].status)


def assert_reused(answer: httpx.Response) -> None:
    """The key belongs to another request."""
    error = assert_error(answer, 422, "idempotency_key_reused")
    assert [problem["loc"] for problem in error["detail"]] == [["header", "Idempotency-Key"]]
    assert "idempotency-replayed" not in answer.headers


@every_write
def test_the_key_of_another_request_is_422(alice: User, write: str) -> None:
    one: Request = {"method": "POST", "url": alice.tasks, "json": {"title": "another request"}}
    request, key, another_key = WRITES[write].request(alice), new_key(), new_key()
    first = send(alice, one, key)
    second = send(alice, request, another_key)
    before = state_of(alice)
    assert_reused(send(alice, request, key))
    assert_reused(send(alice, one, another_key))
    assert state_of(alice) == before
    assert_replayed(send(alice, one, key), first)
    assert_replayed(send(alice, request, another_key), second)


def test_method_path_and_body_make_the_request(alice: User) -> None:
    path, another_path = (f"{alice.tasks}/{alice.new_task()['id']}" for _ in range(2))
    request: Request = {"method": "PUT", "url": path, "json": {"title": "first"}}
    first = send(alice, request, "key")
    before = state_of(alice)
    changes: list[Request] = [
        {"method": "PATCH"},
        {"url": another_path},
        {"url": f"{alice.tasks}/{uuid.uuid4()}"},
        {"json": {"title": "second"}},
        {"json": {"title": "first", "description": None}},
        {"json": {}},
        {"method": "DELETE", "json": None},
        {"method": "PATCH", "url": f"{path}/complete", "json": None},
    ]
    for change in changes:
        assert_reused(send(alice, {**request, **change}, "key"))
    assert state_of(alice) == before
    # Of the headers none makes a difference: a client that tries again has a new token.
    headers = {"Authorization": f"bearer  {alice.token}", "X-Request-ID": "another", "Origin": "https://example.com"}
    assert_replayed(send(alice, {**request, "headers": headers}, "key"), first)


@pytest.mark.parametrize("write", ["put", "patch", "toggle", "delete", "batch"])
def test_what_was_not_there_is_not_kept(alice: User, write: str) -> None:
    """An error changes nothing, so the same request is done when it can be."""
    key, task_id = new_key(), str(uuid.uuid4())
    url = f"{alice.tasks}/{task_id}"
    requests: dict[str, Request] = {
        "put": {"method": "PUT", "url": url, "json": {"title": "put"}},
        "patch": {"method": "PATCH", "url": url, "json": {"title": "patched"}},
        "toggle": {"method": "PATCH", "url": f"{url}/complete"},
        "delete": {"method": "DELETE", "url": url},
        "batch": {
            "method": "POST",
            "url": f"{alice.tasks}/batch",
            "json": {"operations": [{"op": "create", "task": {"title": "a"}}, {"op": "complete", "id": task_id}]},
        },
    }
    request = requests[write]
    for _ in range(2):
        answer = send(alice, request, key)
        assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")
        assert "idempotency-replayed" not in answer.headers
    assert state_of(alice)["revision"] == 0
    assert alice.put(url, json={"title": "now"}, headers={"If-None-Match": "*"}).status_code == 201
    first = send(alice, request, key)
    assert_new(first, WRITES[write].status)
    assert_replayed(send(alice, request, key), first)


def test_no_other_error_is_kept(alice: User, bob: User) -> None:
    key = {"Idempotency-Key": "key"}
    task = alice.new_task()
    path = f"{alice.tasks}/{task['id']}"
    for answer, status in (
        (alice.put(path, json={"title": ""}, headers=key), 422),
        (alice.put(path, content=b"{", headers={**key, "Content-Type": "application/json"}), 422),
        (alice.put(path, content=b"{}" + b" " * 65_535, headers={**key, "Content-Type": "application/json"}), 413),
        (alice.put(path, json={"title": "a"}, headers={**key, "If-Match": '"0"'}), 412),
        (alice.put(path, json={"title": "a"}, headers={**key, "If-None-Match": "*"}), 412),
        (alice.put(path, json={"title": "a"}, headers={**key, "If-Match": "0"}), 422),
        (alice.put(path, json={"title": "a"}, headers={**key, "Authorization": ""}), 401),
        (alice.put(f"{alice.tasks}/{bob.new_task()['id']}", json={"title": "a"}, headers=key), 403),
        (alice.put(f"{bob.tasks}/{task['id']}", json={"title": "a"}, headers=key), 403),
        (alice.put(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "a"}, headers=key), 404),
    ):
        assert answer.status_code == status, answer.text
    first = alice.put(path, json={"title": "a"}, headers={**key, "If-Match": '"1"'})
    assert_new(first, 200)
    assert first.json()["revision"] == 2


@pytest.mark.parametrize("write", ["put", "patch", "toggle", "delete"])
def test_it_is_looked_up_before_the_precondition(alice: User, write: str) -> None:
    request, key = WRITES[write].request(alice), new_key()
    request["headers"] = {"If-Match": '"1"'}
    first = send(alice, request, key)
    assert_new(first, WRITES[write].status)
    assert_replayed(send(alice, request, key), first)
    # Without the key it shows that the precondition would fail.
    assert alice.request(**request).status_code == (404 if write == "delete" else 412)


def test_it_is_looked_up_before_what_a_batch_expects(alice: User) -> None:
    task = alice.new_task()
    operations = [{"op": "complete", "id": task["id"], "if_revision": task["revision"]}]
    request: Request = {"method": "POST", "url": f"{alice.tasks}/batch", "json": {"operations": operations}}
    first = send(alice, request, "key")
    assert_replayed(send(alice, request, "key"), first)
    assert alice.request(**request).status_code == 412


@every_write
def test_a_key_is_the_users_own(alice: User, bob: User, write: str) -> None:
    hers, his, key = WRITES[write].request(alice), WRITES[write].request(bob), new_key()
    first = send(alice, hers, key)
    second = send(bob, his, key)
    for answer in (first, second):
        assert_new(answer, WRITES[write].status)
    assert first.content != second.content or write == "delete"
    assert_replayed(send(alice, hers, key), first)
    assert_replayed(send(bob, his, key), second)


@pytest.mark.parametrize(
    "key", ["k", "k" * 255, "".join(map(chr, range(0x21, 0x7F))), '"quoted"', "a,b;c=d", "*", "%00"]
)
def test_any_visible_ascii_is_a_key(alice: User, key: str) -> None:
    request = create(alice)
    first = send(alice, request, key)
    assert_new(first, 201)
    assert_replayed(send(alice, request, key), first)


def test_keys_are_compared_as_they_are(alice: User) -> None:
    request = create(alice)
    for key in ("key", "KEY", "Key", '"key"', "key;", "ke", "key0"):
        assert_new(send(alice, request, key), 201)
    assert alice.get(alice.tasks).json()["total"] == 7


@every_write
def test_a_malformed_key_is_422(alice: User, write: str) -> None:
    request = WRITES[write].request(alice)
    before = state_of(alice)
    headers = list(request.pop("headers", {}).items())
    for keys in ([b""], [b"k" * 256], ["é".encode()], [b"\xe9"], [b"a b"], [b"a\tb"], [b"a", b"b"], [b"a", b"a"]):
        lines = [*headers, *((b"Idempotency-Key", key) for key in keys)]
        lines = [(name if isinstance(name, bytes) else name.encode(), value) for name, value in lines]
        error = assert_error(alice.request(**request, headers=lines), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "Idempotency-Key"]]
    assert state_of(alice) == before


def test_where_credentials_are_answered_it_is_ignored(alice: User) -> None:
    """An answer with a token in it is not kept."""
    for key in (new_key(), "", "k" * 256):
        headers = {"Idempotency-Key": key}
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        assert alice.post("/api/auth/signup", json=body, headers=headers).status_code == 201
        assert_error(alice.post("/api/auth/signup", json=body, headers=headers), 409, "email_taken")
        logins = [alice.post("/api/auth/login", json=body, headers=headers) for _ in range(2)]
        assert [login.status_code for login in logins] == [200, 200]
        assert len({login.json()["access_token"] for login in logins}) == 2
        assert alice.get("/api/auth/me", headers=headers).status_code == 200
        assert all("idempotency-replayed" not in login.headers for login in logins)


def test_where_nothing_is_written_it_is_ignored(alice: User) -> None:
    task = alice.new_task()
    headers = {"Idempotency-Key": "key"}
    for path in (alice.tasks, f"{alice.tasks}/{task['id']}", f"/api/{alice.id}/changes"):
        assert alice.get(path, headers=headers).status_code == 200
    alice.put(f"{alice.tasks}/{task['id']}", json={"title": "changed"})
    answer = alice.get(f"{alice.tasks}/{task['id']}", headers=headers)
    assert_new(answer, 200)
    assert answer.json()["title"] == "changed"
    assert_new(send(alice, create(alice), "key"), 201)


def test_a_toggle_that_is_sent_ten_times_toggles_once(alice: User) -> None:
    request, key = toggle(alice), new_key()
    answers = [send(alice, request, key) for _ in range(10)]
    assert [answer.json()["is_completed"] for answer in answers] == [True] * 10
    (task,) = state_of(alice)["tasks"]
    assert (task["is_completed"], task["revision"]) == (True, 2)


def send_together(user: User, request: Request, key: str) -> list[httpx.Response]:
    """The answers to as many clients that send the request at the same moment, each on a connection of its own."""
    together = Barrier(CLIENTS)

    def send_one(_: int) -> httpx.Response:
        together.wait(timeout=60)
        return send(user, request, key)

    user.timeout = httpx.Timeout(60)
    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(send_one, range(CLIENTS)))


def assert_done_once(answers: list[httpx.Response], status: int) -> None:
    """Every answer is the same, and one of them is the first."""
    assert [answer.status_code for answer in answers] == [status] * CLIENTS, {answer.text for answer in answers}
    assert len({(answer.content, answer.headers.get("etag")) for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None, *["true"] * (CLIENTS - 1)]


@pytest.mark.parametrize("write", ["create", "create_with_id", "toggle", "delete", "batch"])
def test_requests_that_arrive_together_are_done_once(alice: User, write: str) -> None:
    request = WRITES[write].request(alice)
    before = state_of(alice)
    assert_done_once(send_together(alice, request, new_key()), WRITES[write].status)
    after = state_of(alice)
    assert after["revision"] == before["revision"] + WRITES[write].revisions
    assert after["total"] == len(after["tasks"]) == before["total"] + WRITES[write].tasks


def test_requests_that_arrive_together_at_two_workers_are_done_once(new_server: NewServer) -> None:
    with new_server("--workers", "2") as server, closing(User(server.url)) as alice:
        for _ in range(3):
            request, key = create(alice), new_key()
            answers = send_together(alice, request, key)
            assert_done_once(answers, 201)
            assert_replayed(send(alice, request, key), answers[0])
        state = state_of(alice)
        assert state["total"] == len(state["tasks"]) == state["revision"] == 3


def test_another_process_gives_the_same_answer(new_server: NewServer, tmp_path: Path) -> None:
    with (
        new_server() as server,
        Server(tmp_path / "another", **server.settings) as another,
        closing(User(server.url)) as alice,
        closing(User(another.url)) as elsewhere,
    ):
        elsewhere.headers["Authorization"] = alice.headers["Authorization"]
        for write in WRITES.values():
            request, key = write.request(alice), new_key()
            first = send(alice, request, key)
            assert_replayed(send(elsewhere, request, key), first)


def set_age(server: Server, key: str, age: timedelta) -> None:
    """Make the answer that is kept under the key this old."""
    instant = instant_to_text(clock.now() - age)
    execute(settings_of(server), f"UPDATE answers SET created_at = '{instant}' WHERE idempotency_key = '{key}'")  # noqa: S608 - our own


def test_an_answer_is_given_for_24_hours(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        request = create(alice)
        first = {key: send(alice, request, key) for key in ("old", "young")}
        server.stop()
        set_age(server, "old", timedelta(hours=24, minutes=1))
        set_age(server, "young", timedelta(hours=23, minutes=59))
        server.start()
        # What is old is forgotten when the server starts, though not before it answers.
        deadline = monotonic() + 20
        while (answer := send(alice, request, "old")).headers.get("idempotency-replayed"):
            assert_replayed(answer, first["old"])
            assert monotonic() < deadline
            sleep(0.02)
        assert_new(answer, 201)
        assert answer.json()["id"] != first["old"].json()["id"]
        assert_replayed(send(alice, request, "old"), answer)
        assert_replayed(send(alice, request, "young"), first["young"])
        assert alice.get(alice.tasks).json()["total"] == 3


# As another write of the owner's holds its row.
OWNER = "UPDATE owners SET tasks = tasks WHERE owner_id = $1"
TASK = "SELECT * FROM tasks WHERE id = $1 FOR UPDATE"


def sending(user: User, request: Request, key: str) -> asyncio.Task[httpx.Response]:
    """The request, under way."""
    return asyncio.create_task(asyncio.to_thread(send, user, request, key))


@on_postgresql
@every_write
def test_while_the_first_is_under_way_the_second_waits_for_it(alice: User, outsider: Outsider, write: str) -> None:
    request, key = WRITES[write].request(alice), new_key()
    revision = state_of(alice)["revision"]

    async def test() -> None:
        async with outsider.holding(OWNER, alice.id) as held:
            first = sending(alice, request, key)
            await outsider.until_waiting(1)
            second = sending(alice, request, key)
            await outsider.until_waiting(2)
            await held.rollback()
            assert_new(await first, WRITES[write].status)
            assert_replayed(await second, await first)

    asyncio.run(test())
    assert state_of(alice)["revision"] == revision + WRITES[write].revisions


@on_postgresql
def test_a_first_that_takes_too_long_is_409(alice: User, outsider: Outsider) -> None:
    task = alice.new_task()
    request: Request = {"method": "PATCH", "url": f"{alice.tasks}/{task['id']}/complete"}

    async def test() -> None:
        async with outsider.holding(OWNER, alice.id) as owner_held, outsider.holding(TASK, task["id"]) as held:
            first = sending(alice, request, "key")
            await outsider.until_waiting(1)
            second = sending(alice, request, "key")
            await outsider.until_waiting(2)
            await asyncio.sleep(HEAD_START_SECONDS)
            # From here on the first waits for the task instead, and so for longer than the second waits for the first.
            await owner_held.rollback()
            answer = await second
            assert_error(answer, 409, "request_in_progress")
            assert int(answer.headers["retry-after"]) > 0
            assert not first.done()
            await held.rollback()
            assert_new(await first, 200)
            assert_replayed(await sending(alice, request, "key"), await first)

    asyncio.run(test())
    assert alice.get(f"{alice.tasks}/{task['id']}").json()["revision"] == task["revision"] + 1


@on_postgresql
def test_of_a_first_that_fails_the_second_does_the_work(alice: User, outsider: Outsider) -> None:
    request = create(alice)

    async def test() -> None:
        async with outsider.holding(OWNER, alice.id) as held:
            first = sending(alice, request, "key")
            await outsider.until_waiting(1)
            await asyncio.sleep(HEAD_START_SECONDS)
            second = sending(alice, request, "key")
            await outsider.until_waiting(2)
            assert_error(await first, 503, "unavailable")
            assert not second.done()
            await held.rollback()
            assert_new(await second, 201)
            assert_replayed(await sending(alice, request, "key"), await second)

    asyncio.run(test())
    state = state_of(alice)
    assert (state["total"], len(state["tasks"]), state["revision"]) == (1, 1, 1)
