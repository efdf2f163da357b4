"""SECRET_KEY is replaced while tokens live: PREVIOUS_SECRET_KEYS are still believed, and nothing else is."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.commands import assert_refused
from support.server import Server, doable
from support.sessions import Tokens, assert_in, bearer, claims_of, log_in, refresh, refreshed
from support.users import TLS, User, assert_error

OLDEST = "the oldest secret, which has commas, and 'quotes' in it"
OLD = "the old secret of more than thirty-two bytes"
NEW = "the new secret of more than thirty-two bytes"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One that is started with the old secret."""
    with Server(tmp_path, SECRET_KEY=OLD) as running:
        yield running


@pytest.fixture
def guest(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30, verify=TLS) as client:
        yield client


@pytest.fixture
def alice(server: Server) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def restart(server: Server, secret: str, *previous: str) -> None:
    """With these secrets from now on."""
    assert server.stop() == 0
    listed = json.dumps(previous) if any("," in each for each in previous) else ", ".join(previous)
    server.settings.update(SECRET_KEY=secret, PREVIOUS_SECRET_KEYS=listed)
    server.start()


def key_of(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable access token").derive(secret.encode())


def key_id_of(secret: str) -> str:
    return hashlib.sha256(key_of(secret)).hexdigest()[:16]


def signed(tokens: Tokens, secret: str, key_id: str | None) -> Tokens:
    """The same claims with the signature of this secret, under the id of any key."""
    header = {"typ": "at+jwt", **({} if key_id is None else {"kid": key_id})}
    return {"access_token": jwt.encode(claims_of(tokens), key_of(secret), "HS256", header)}


def header_of(tokens: Tokens) -> dict[str, Any]:
    return jwt.get_unverified_header(tokens["access_token"])


def assert_access_refused(client: httpx.Client, *some: Tokens) -> None:
    for tokens in some:
        assert_error(client.get("/api/auth/me", headers=bearer(tokens)), 401, "unauthenticated")


def test_what_a_previous_secret_signed_is_still_good(server: Server, guest: httpx.Client, alice: User) -> None:
    old = log_in(alice)
    assert header_of(old)["kid"] == key_id_of(OLD)
    restart(server, NEW, OLD)
    new, next_one = log_in(alice), refreshed(guest, old["refresh_token"])
    assert_in(guest, old, new, next_one)
    # The new one signs.
    for tokens in (new, next_one):
        assert header_of(tokens)["kid"] == key_id_of(NEW)

    # Without the old one what it signed is refused. Sessions live on: of refresh tokens only digests are known.
    restart(server, NEW)
    assert_access_refused(guest, old)
    assert_in(guest, new, next_one, refreshed(guest, next_one["refresh_token"]), refreshed(guest, new["refresh_token"]))


def test_there_may_be_several(server: Server, guest: httpx.Client, alice: User) -> None:
    of_old = log_in(alice)
    restart(server, OLDEST, OLD)
    of_oldest = log_in(alice)
    restart(server, NEW, OLD, OLDEST)
    of_new = log_in(alice)
    assert_in(guest, of_old, of_oldest, of_new)
    # Nothing is wrong with naming the present one too.
    restart(server, NEW, NEW, OLDEST)
    assert_in(guest, of_oldest, of_new)
    assert_access_refused(guest, of_old)
    assert header_of(log_in(alice))["kid"] == key_id_of(NEW)


def test_a_successor_of_an_old_secret_is_given_again(server: Server, guest: httpx.Client, alice: User) -> None:
    first = log_in(alice)
    second = refreshed(guest, first["refresh_token"])
    restart(server, NEW, OLDEST, OLD)
    assert refreshed(guest, first["refresh_token"])["refresh_token"] == second["refresh_token"]
    third = refreshed(guest, second["refresh_token"])
    assert refreshed(guest, second["refresh_token"])["refresh_token"] == third["refresh_token"]
    # Back to the old one: what the new one made is known as long as it is named.
    restart(server, OLD, NEW)
    assert refreshed(guest, second["refresh_token"])["refresh_token"] == third["refresh_token"]
    assert_in(guest, refreshed(guest, third["refresh_token"]))


def test_a_successor_of_a_lost_secret_is_not_made_up(server: Server, guest: httpx.Client, alice: User) -> None:
    """Another successor would be a second one. The one that was given stays good, and so does the session."""
    other, first = log_in(alice), log_in(alice)
    second = refreshed(guest, first["refresh_token"])
    restart(server, NEW)
    assert_error(refresh(guest, first["refresh_token"]), 401, "refresh_token_invalid")
    third = refreshed(guest, second["refresh_token"])
    # Nobody can check its successor's tag now either, but its digest is kept.
    for again in (first, second, third):
        answer = refresh(guest, again["refresh_token"])
        assert (answer.status_code == 401) == (again is first), answer.text
    assert_in(guest, third)
    refreshed(guest, other["refresh_token"])


def test_the_key_that_is_named_must_have_signed(server: Server, guest: httpx.Client, alice: User) -> None:
    restart(server, NEW, OLD)
    tokens = log_in(alice)
    # What the attacks start from is right.
    assert_in(guest, signed(tokens, NEW, key_id_of(NEW)), signed(tokens, OLD, key_id_of(OLD)))
    for secret, key_id in (
        (OLD, key_id_of(NEW)),
        (NEW, key_id_of(OLD)),
        (OLD, None),
        (NEW, None),
        (OLDEST, key_id_of(OLDEST)),
        (OLDEST, key_id_of(OLD)),
        (OLDEST, key_id_of(NEW)),
        (NEW, f"{key_id_of(OLD)},{key_id_of(NEW)}"),
    ):
        assert_access_refused(guest, signed(tokens, secret, key_id))


@pytest.mark.parametrize(
    "previous",
    [
        "hunter2",
        "hunter2" + "x" * 24,
        f"{OLD},hunter2",
        f"hunter2,{OLD}",
        f"{OLD},,{NEW}",
        f"{OLD},",
        f",{OLD}",
        " ",
        ",",
        json.dumps([OLD, "hunter2"]),
        json.dumps([OLD, ""]),
        f'["{OLD}", 7]',
        f'["{OLD}"',
        "[hunter2]",
        '[["hunter2"]]',
    ],
)
def test_one_that_cannot_be_a_secret_is_refused(tmp_path: Path, previous: str) -> None:
    result = doable(
        *("serve", "--port", "0"), cwd=tmp_path, DATA_DIR=str(tmp_path / "data"), PREVIOUS_SECRET_KEYS=previous
    )
    assert_refused(result, "The settings cannot be used: PREVIOUS_SECRET_KEYS")
    for secret in ("hunter2", OLD, NEW):
        assert secret not in result.stderr
    assert list(tmp_path.iterdir()) == []
