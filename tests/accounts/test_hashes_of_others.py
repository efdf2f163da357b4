"""Hashes that another backend has made are taken over: verified at log-in, and then made anew."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from typing import Any

import bcrypt
import httpx
import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from doable.accounts.passwords import hashing
from doable.accounts.passwords.hashing import OWN, Passwords
from doable.accounts.passwords.kinds import fits, kind_of, nobodys
from support import schema
from support.schema import settings_of
from support.server import Server
from support.users import User, assert_error

TYPED = "correct horse battery staple" * 3
"""Longer than bcrypt reads."""


def bcrypt_of(password: str, prefix: str = "2b", cost: int = 4) -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()
    return f"${prefix}{made[3:]}"


def argon2_of(password: str, variant: Type = Type.ID) -> str:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=2, hash_len=16, type=variant).hash(password)


def stored(server: Server, user: User) -> str:
    (found,) = (row for row in schema.contents(settings_of(server))["users"] if str(row["id"]) == user.id)
    return str(found["password_hash"])


def store(server: Server, user: User, password_hash: str) -> None:
    schema.execute(settings_of(server), f"UPDATE users SET password_hash = '{password_hash}' WHERE id = '{user.id}'")  # noqa: S608 - our own


def log_in(guest: httpx.Client, email: str, password: str) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": email, "password": password})


MADE = {
    **{prefix: bcrypt_of(TYPED, prefix) for prefix in ("2a", "2b", "2y")},
    "argon2id": argon2_of(TYPED),
    "argon2i": argon2_of(TYPED, Type.I),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_hash_is_verified_and_made_anew(server: Server, guest: httpx.Client, alice: User, kind: str) -> None:
    store(server, alice, MADE[kind])
    assert_error(log_in(guest, alice.email, "a wrong password"), 401, "wrong_credentials")
    assert stored(server, alice) == MADE[kind]
    answer = log_in(guest, alice.email, TYPED)
    assert answer.status_code == 200, answer.text
    assert guest.get("/api/auth/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).is_success
    assert kind_of(stored(server, alice)) not in {None, kind_of(MADE[kind])}
    assert log_in(guest, alice.email, TYPED).status_code == 200
    # What is made anew is of all of the password.
    assert_error(log_in(guest, alice.email, TYPED[:72]), 401, "wrong_credentials")


MALFORMED = [
    "",
    "correct horse battery staple",
    "$2b$04$short",
    f"$2b$31${MADE['2b'][7:]}",
    f"$2b$04$zzzzzzzzzzzzzzzzzzzzzz{MADE['2b'][29:]}",
    "$argon2id$v=19$m=999999,t=1,p=1$BNVNMa7cff3L8mrrpWBf1A$s9KdcnanoYKoW28tLlauOED2/Vxx4YEbyjgbzpoAQ0M",
    "$argon2id$v=19$m=64,t=0,p=1$BNVNMa7cff3L8mrrpWBf1A$s9KdcnanoYKoW28tLlauOED2/Vxx4YEbyjgbzpoAQ0M",
    "$argon2id$v=19$m=64,t=1,p=1$é",
    "$pbkdf2-sha256$29000$abc$def",
]


def test_a_malformed_hash_is_a_wrong_password(server: Server, guest: httpx.Client, alice: User) -> None:
    for each in MALFORMED:
        store(server, alice, each)
        assert_error(log_in(guest, alice.email, "correct horse battery staple"), 401, "wrong_credentials")
        assert stored(server, alice) == each


def test_what_a_hash_costs_is_how_it_begins() -> None:
    assert kind_of(hashing.NOBODYS) == OWN
    assert {kind_of(MADE[prefix]) for prefix in ("2a", "2b", "2y")} == {"$2b$04$"}
    for each in MADE.values():
        kind = kind_of(each)
        assert kind is not None
        assert kind_of(nobodys(kind)) == kind
        assert not fits(PasswordHasher(), nobodys(kind), TYPED)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The kinds of the hashes that are compared with, in their order."""
    found: list[str | None] = []
    really: Callable[..., Any] = fits

    def noted(hasher: PasswordHasher, password_hash: str, password: str) -> Any:
        found.append(kind_of(password_hash))
        return really(hasher, password_hash, password)

    monkeypatch.setattr(hashing, "fits", noted)
    return found


def test_a_wrong_password_costs_the_same_whoever_is_guessed_at(compared: list[str | None]) -> None:
    own, strange = hashing.NOBODYS, "not a hash"

    async def costs(passwords: Passwords, password_hash: str | None, password: str) -> list[str]:
        compared.clear()
        assert await passwords.verify(password, password_hash) is None
        return sorted(map(str, compared))

    async def run() -> None:
        with closing(Passwords()) as passwords:
            assert await costs(passwords, None, "wrong") == await costs(passwords, own, "wrong") == [OWN]
            # One that has moved in since is learned of at once.
            await costs(passwords, MADE["2y"], "wrong")
            assert await costs(passwords, None, "wrong") == sorted([OWN, "$2b$04$"])
            passwords.expect([MADE["2a"], MADE["2b"], MADE["argon2i"], own, strange])
            all_of_them = await costs(passwords, None, "wrong")
            assert len(all_of_them) == 3
            for each in (own, strange, MADE["2b"], MADE["argon2i"]):
                assert await costs(passwords, each, "wrong") == all_of_them
            # In two forms, where there are two.
            assert await costs(passwords, None, "cre\u0300me") == await costs(passwords, MADE["2a"], "cre\u0300me")
            passwords.expect([])
            assert await costs(passwords, None, "wrong") == [OWN]

    asyncio.run(run())


def test_kinds_are_found_among_all_users(server: Server, alice: User, bob: User) -> None:
    """By the statement that each process asks when it starts."""
    from doable.accounts.users.repository import UserRepository
    from doable.database import open_database

    async def kinds() -> set[str | None]:
        async with open_database(settings_of(server)) as database:
            return {kind_of(each) for each in await UserRepository(database).hashes_of_others(OWN)}

    store(server, alice, MADE["2y"])
    store(server, bob, MADE["argon2i"])
    found = asyncio.run(kinds())
    assert {"$2b$04$", kind_of(MADE["argon2i"])} <= found
    assert OWN not in found
