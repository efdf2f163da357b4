"""POST /api/auth/logout."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from support.events import follow
from support.server import Server
from support.sessions import Tokens, assert_in, assert_out, bearer, log_in, refreshed
from support.users import TLS, User, assert_error


def log_out(client: httpx.Client, tokens: Tokens) -> httpx.Response:
    return client.post("/api/auth/logout", headers=bearer(tokens))


def test_ends_this_session_and_no_other(guest: httpx.Client, alice: User, bob: User) -> None:
    kept, first, his = log_in(alice), log_in(alice), log_in(bob)
    newest = refreshed(guest, first["refresh_token"])
    answer = log_out(guest, newest)
    assert answer.status_code == 204
    assert answer.content == b""
    assert "content-type" not in answer.headers
    # Every token that the session ever had is refused at once.
    assert_out(guest, newest, first)
    assert_in(guest, kept, his, refreshed(guest, kept["refresh_token"]), refreshed(guest, his["refresh_token"]))
    assert alice.get("/api/auth/me").status_code == 200


def test_nothing_is_done_with_its_token_any_more(guest: httpx.Client, alice: User) -> None:
    task, tokens = alice.new_task(), log_in(alice)
    log_out(guest, tokens)
    for method, url in (
        ("GET", alice.tasks),
        ("POST", alice.tasks),
        ("DELETE", f"{alice.tasks}/{task['id']}"),
        ("GET", f"/api/{alice.id}/changes"),
        ("GET", f"/api/{alice.id}/events"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/auth/sessions"),
        ("POST", "/api/auth/logout"),
    ):
        assert_error(guest.request(method, url, headers=bearer(tokens)), 401, "unauthenticated")
    assert alice.get(alice.tasks).json()["tasks"] == [task]


def test_its_event_stream_ends(guest: httpx.Client, alice: User) -> None:
    tokens = log_in(alice)
    with follow(alice) as lasting, follow(alice, headers=bearer(tokens)) as stream:
        task = alice.new_task()
        assert stream.next().change["task"] == lasting.next().change["task"] == task
        assert log_out(guest, tokens).status_code == 204
        assert stream.rest() == []
        new = alice.new_task()
        assert lasting.next().change["task"] == new


def test_of_many_at_once_none_fails(server: Server, guest: httpx.Client, alice: User) -> None:
    together = Barrier(8)

    def ask(tokens: Tokens) -> httpx.Response:
        with httpx.Client(base_url=server.url, timeout=60, verify=TLS) as client:
            together.wait(timeout=60)
            return log_out(client, tokens)

    with ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            tokens = log_in(alice)
            answers = list(threads.map(ask, [tokens] * 8))
            # Who comes when it has ended already is nobody; who came before that is as much out as the first.
            assert 204 in {answer.status_code for answer in answers}
            for answer in answers:
                if answer.status_code != 204:
                    assert_error(answer, 401, "unauthenticated")
            assert_out(guest, tokens)


def test_one_can_log_in_again(guest: httpx.Client, alice: User) -> None:
    log_out(guest, {"access_token": alice.token})
    again = log_in(alice)
    assert_in(guest, again, refreshed(guest, again["refresh_token"]))


@pytest.mark.parametrize("content", [b"", b"{}", b"{", b"\xff", b"a" * 100_000])
def test_a_body_is_not_looked_at(guest: httpx.Client, alice: User, content: bytes) -> None:
    tokens = {"access_token": alice.token, "refresh_token": alice.refresh_token}
    headers = {**bearer(tokens), "Content-Type": "application/json"}
    assert guest.post("/api/auth/logout", content=content, headers=headers).status_code == 204
    assert_out(guest, tokens)


def test_refuses_nobody(guest: httpx.Client, alice: User) -> None:
    assert_error(guest.post("/api/auth/logout"), 401, "unauthenticated")
    # The refresh token is not enough, wherever it is.
    answer = guest.post("/api/auth/logout", json={"refresh_token": alice.refresh_token})
    assert_error(answer, 401, "unauthenticated")
    assert_error(log_out(guest, {"access_token": alice.refresh_token}), 401, "unauthenticated")
    assert_in(guest, refreshed(guest, alice.refresh_token))


def test_refuses_another_method(alice: User) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = alice.request(method, "/api/auth/logout")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"
    assert alice.get("/api/auth/me").status_code == 200
