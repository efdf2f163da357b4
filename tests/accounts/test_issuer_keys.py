"""The keys that an issuer publishes: read once for all, kept while it is down, and believed only where they make sense."""

import json
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from support.clocks import ClockServer
from support.issuers import ABSENT, ES256, HS256, RS256, EdDSA, Issuer, Respond, answer, base64url, changed, number
from support.users import TLS, assert_error

# One server for most of them.
pytestmark = pytest.mark.xdist_group("issuer keys")

MINUTE = 61


class Stage:
    """An issuer, and a server with a clock of its own that trusts it."""

    def __init__(self, folder: Path, *issuers: Issuer) -> None:
        self.issuers = issuers
        self.issuer = issuers[0]
        self.server = ClockServer(folder, TRUSTED_ISSUERS=json.dumps([each.entry for each in issuers]))

    def move(self, seconds: float) -> None:
        self.server.move(seconds)
        for issuer in self.issuers:
            issuer.ahead += seconds

    def status(self, token: str) -> int:
        answered = httpx.get(
            f"{self.server.url}/api/auth/me", headers={"Authorization": f"Bearer {token}"}, verify=TLS, timeout=30
        )
        if answered.status_code != 200:
            code = {401: "unauthenticated", 503: "unavailable"}[answered.status_code]
            assert_error(answered, answered.status_code, code)
        return answered.status_code

    def new_key(self) -> EdDSA:
        """A key with an id that nobody knows, which the issuer publishes and signs with from now on."""
        key = EdDSA(uuid.uuid4().hex)
        self.issuer.key = key
        self.issuer.keys = [key.jwk]
        self.issuer.respond = self.issuer.publish
        return key


@pytest.fixture(scope="module")
def one_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ExitStack() as stack:
        stage = Stage(tmp_path_factory.mktemp("keys"), stack.enter_context(Issuer(EdDSA("first"))))
        stack.enter_context(stage.server)
        yield stage


@pytest.fixture
def stage(one_stage: Stage) -> Stage:
    """Where the next unknown key id is asked for, and the last time it was answered."""
    one_stage.move(MINUTE)
    one_stage.new_key()
    assert one_stage.status(one_stage.issuer.token("ann")) == 200
    one_stage.move(MINUTE)
    return one_stage


def test_an_unknown_key_is_asked_for_once_a_minute(stage: Stage) -> None:
    asked = stage.issuer.asked
    stage.new_key()
    rotated = stage.issuer.token("ann")
    assert stage.status(rotated) == 200
    assert stage.issuer.asked == asked + 1
    # Now a minute must pass, for every caller and every key.
    stage.new_key()
    again = stage.issuer.token("ann")
    for _ in range(5):
        assert stage.status(again) == 401
        assert stage.status(stage.issuer.token("ann", header={"kid": uuid.uuid4().hex})) == 401
    stage.move(30)
    assert stage.status(again) == 401
    assert stage.issuer.asked == asked + 1
    stage.move(31)
    assert stage.status(again) == 200
    assert stage.issuer.asked == asked + 2


def test_a_clock_that_is_set_back_keeps_nobody_waiting(stage: Stage) -> None:
    stage.new_key()
    assert stage.status(stage.issuer.token("ann")) == 200
    stage.move(-3600)
    stage.new_key()
    assert stage.status(stage.issuer.token("ann")) == 200
    stage.move(3600)


def test_a_withdrawn_key_is_forgotten(stage: Stage) -> None:
    withdrawn = stage.issuer.key
    stage.new_key()
    asked = stage.issuer.asked
    stage.move(600)
    # The request that finds the keys old does not wait for the new ones.
    deadline = time.monotonic() + 30
    while stage.status(stage.issuer.token("ann", key=withdrawn, jti=unlisted_id())) == 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert stage.issuer.asked == asked + 1
    assert stage.status(stage.issuer.token("ann")) == 200


def test_fifty_waiters_have_one_answer(stage: Stage) -> None:
    asked = stage.issuer.asked
    stage.new_key()
    go = Event()

    def slowly(request: BaseHTTPRequestHandler) -> None:
        assert go.wait(30)
        stage.issuer.publish(request)

    stage.issuer.respond = slowly
    tokens = [stage.issuer.token("crowd", jti=str(each)) for each in range(50)]
    with ExitStack() as stack:
        address = ("127.0.0.1", stage.server.port)
        waiters = [stack.enter_context(socket.create_connection(address, 30)) for _ in tokens]
        for waiter, token in zip(waiters, tokens, strict=True):
            waiter.sendall(f"GET /api/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        # What was sent before this was read before this.
        assert httpx.get(f"{stage.server.url}/livez").status_code == 200
        go.set()
        answers = [waiter.recv(65536).split(b"\r\n", 1)[0] for waiter in waiters]
    assert set(answers) == {b"HTTP/1.1 200 OK"}
    assert stage.issuer.asked == asked + 1


@pytest.mark.parametrize("piece", [b"", b"x", b"HTTP/1.1 200 OK\r\nX: "], ids=["nothing", "a letter", "a header"])
def test_an_issuer_that_hangs_holds_up_nobody_else(stage: Stage, piece: bytes) -> None:
    known = stage.issuer.token("ann")
    stage.new_key()
    arrived, go = Event(), Event()

    def hang(request: BaseHTTPRequestHandler) -> None:
        arrived.set()
        while not go.wait(0.1):
            try:
                request.wfile.write(piece)
                request.wfile.flush()
            except OSError:
                break
        request.close_connection = True

    stage.issuer.respond = hang
    unknown = stage.issuer.token("ann")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(stage.status, unknown)
        assert arrived.wait(30)
        assert stage.status(known) == 200
        assert httpx.get(f"{stage.server.url}/readyz").status_code == 200
        # It is given up by itself: nobody tells the issuer to continue.
        assert waiting.result() == 503
    go.set()
    # While it is not known whether there is such a key, that is what is said.
    assert stage.status(unknown) == 503
    stage.issuer.respond = stage.issuer.publish
    stage.move(MINUTE)
    assert stage.status(unknown) == 200


def status(code: int, **headers: str) -> Callable[[Issuer], Respond]:
    def respond_of(issuer: Issuer) -> Respond:
        body = json.dumps({"keys": issuer.keys}).encode()
        return lambda request: answer(request, body, code, **headers)

    return respond_of


def body(content: bytes) -> Callable[[Issuer], Respond]:
    return lambda _: lambda request: answer(request, content)


def with_keys(make: Callable[[list[Any]], Any]) -> Callable[[Issuer], Respond]:
    return lambda issuer: lambda request: answer(request, json.dumps(make(issuer.keys)).encode())


def reset(_: Issuer) -> Respond:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.connection.shutdown(socket.SHUT_RDWR)

    return respond


UNREADABLE: dict[str, Callable[[Issuer], Respond]] = {
    "an error": status(500),
    "not found": status(404),
    "no content": status(204),
    "a redirect": status(302, Location="/elsewhere"),
    "a permanent redirect": status(308, Location="http://127.0.0.1:1/"),
    "closed": reset,
    "empty": body(b""),
    "no JSON": body(b"<html>"),
    "no UTF-8": body(b'{"keys": [{"kid": "\xff"}]}'),
    "a list": with_keys(lambda keys: keys),
    "null": body(b"null"),
    "no keys": body(b"{}"),
    "keys that are no list": with_keys(lambda keys: {"keys": {"one": keys[0]}}),
    "nested": body(b'{"keys": ' + b"[" * 100_000),
    "huge": with_keys(lambda keys: {"keys": keys, "padding": "p" * 300_000}),
    "too many keys": with_keys(lambda keys: {"keys": keys * 101}),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_is_no_set_of_keys_changes_nothing(stage: Stage, name: str) -> None:
    known = stage.issuer.token("ann")
    stage.new_key()
    stage.issuer.respond = UNREADABLE[name](stage.issuer)
    asked = stage.issuer.asked
    # It cannot be known whether there is such a key; known keys still work.
    assert stage.status(stage.issuer.token("ann")) == 503
    assert stage.status(known) == 200
    # No redirect was followed, and nothing tried again.
    assert stage.issuer.asked == asked + 1


def of_kind(key: Any, **changes: Any) -> tuple[Any, list[Any]]:
    return key, [changed(key.jwk, changes)]


def private(key: EdDSA) -> tuple[Any, list[Any]]:
    return of_kind(key, d=base64url(key.private.private_bytes_raw()))


def private_rsa(key: RS256) -> tuple[Any, list[Any]]:
    return of_kind(key, d=number(key.private.private_numbers().d))


def unlisted_id() -> str:
    return uuid.uuid4().hex


LIES: dict[str, Callable[[], tuple[Any, list[Any]]]] = {
    "another kind": lambda: of_kind(EdDSA(unlisted_id()), kty="EC"),
    "a kind that is none": lambda: of_kind(EdDSA(unlisted_id()), kty="none"),
    "a kind that is no text": lambda: of_kind(EdDSA(unlisted_id()), kty=["OKP"]),
    "no kind": lambda: of_kind(EdDSA(unlisted_id()), kty=ABSENT),
    "another curve": lambda: of_kind(EdDSA(unlisted_id()), crv="Ed448"),
    "no curve": lambda: of_kind(ES256(unlisted_id()), crv=ABSENT),
    "another algorithm": lambda: of_kind(EdDSA(unlisted_id()), alg="ES256"),
    "a symmetric algorithm": lambda: of_kind(RS256(unlisted_id()), alg="HS256"),
    "a longer hash": lambda: of_kind(RS256(unlisted_id()), alg="RS512"),
    "no signature": lambda: of_kind(EdDSA(unlisted_id()), alg="none"),
    "an algorithm that is no text": lambda: of_kind(EdDSA(unlisted_id()), alg=["EdDSA"]),
    "to encrypt": lambda: of_kind(EdDSA(unlisted_id()), use="enc"),
    "to sign only": lambda: of_kind(EdDSA(unlisted_id()), key_ops=["sign"]),
    "operations that are no list": lambda: of_kind(EdDSA(unlisted_id()), key_ops="verify"),
    "private": lambda: private(EdDSA(unlisted_id())),
    "private RSA": lambda: private_rsa(RS256(unlisted_id())),
    "symmetric": lambda: of_kind(HS256(unlisted_id(), b"everybody may read this in the set of keys")),
    "symmetric without an algorithm": lambda: of_kind(HS256(unlisted_id(), b"p" * 40), alg=ABSENT),
    "short RSA": lambda: of_kind(RS256(unlisted_id(), 1024)),
    "an RSA number with more before it": lambda: of_kind(RS256(unlisted_id()), n="A" * 2000),
    "an exponent that takes long": lambda: of_kind(RS256(unlisted_id()), e="A" * 7),
    "no point of the curve": lambda: of_kind(ES256(unlisted_id()), x=base64url(bytes(32))),
    "a short coordinate": lambda: of_kind(ES256(unlisted_id()), x="AAAA"),
    "a number that is no text": lambda: of_kind(EdDSA(unlisted_id()), x=7),
    "no number": lambda: of_kind(EdDSA(unlisted_id()), x=ABSENT),
    "not base64": lambda: of_kind(EdDSA(unlisted_id()), x="!!!"),
    "no id": lambda: of_kind(EdDSA(unlisted_id()), kid=ABSENT),
    "an id that is no text": lambda: of_kind(EdDSA(unlisted_id()), kid=7),
    "another id": lambda: of_kind(EdDSA(unlisted_id()), kid="another"),
    "an id that another has too": lambda: (
        (key := EdDSA(unlisted_id())),
        [key.jwk, EdDSA(key.key_id).jwk],
    ),
    "no objects": lambda: (EdDSA(unlisted_id()), [None, 7, "key", [], {}]),
}


@pytest.mark.parametrize("name", LIES)
def test_a_key_that_lies_is_left_out(stage: Stage, name: str) -> None:
    key, keys = LIES[name]()
    honest = EdDSA(unlisted_id())
    stage.issuer.keys = [*keys, honest.jwk]
    assert stage.status(stage.issuer.token("ann", key=key)) == 401
    # The others of the set count.
    assert stage.status(stage.issuer.token("ann", key=honest)) == 200


def test_what_is_not_known_of_a_key_is_passed_over(stage: Stage) -> None:
    for key in (EdDSA(unlisted_id()), ES256(unlisted_id()), RS256(unlisted_id())):
        more = {"use": "sig", "key_ops": ["verify"], "x5c": ["x"], "x5u": stage.issuer.url, "ext": True}
        stage.issuer.keys = [changed(key.jwk, {**more, "alg": ABSENT})]
        stage.move(MINUTE)
        asked = stage.issuer.asked
        assert stage.status(stage.issuer.token("ann", key=key)) == 200
        assert stage.issuer.asked == asked + 1


def test_tokens_are_good_while_the_issuer_is_down_and_not_known_after_a_restart(tmp_path: Path) -> None:
    with Issuer(EdDSA("one")) as issuer:
        stage = Stage(tmp_path, issuer)
        with stage.server:
            assert stage.status(issuer.token("ann")) == 200
            issuer.stop()
            for _ in range(3):
                assert stage.status(issuer.token("ben")) == 200
                stage.move(3600)
            stage.server.stop()
            stage.server.start()
            # It cannot be told whether this is anybody.
            assert stage.status(issuer.token("ann")) == 503
            assert stage.status(issuer.token("ann", iss="https://another.example")) == 401
            issuer.start_again()
            stage.move(1)
            assert stage.status(issuer.token("ann")) == 200
            assert "cannot be read" in stage.server.log
            assert "can be read again" in stage.server.log
