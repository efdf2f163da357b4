"""No secret is kept or logged in plain: every byte of the database and every line of the log is looked through.

A new secret needs a function in `USES`: it uses the secret in every way, right and wrong, and answers what
must be found nowhere afterwards.
"""

import base64
import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from conftest import NewServer
from doable.notifications.unsubscribing import UnsubscribeTokens
from support import schema
from support.api_tokens import client, create
from support.mail import reset_token, verification_token
from support.server import SECRET, Server
from support.sessions import Tokens, bearer, log_in, refresh, refreshed
from support.users import PASSWORD, User


def of_access_token(token: str) -> list[str]:
    """The token, and each part of it that is not the same for everybody."""
    return [token, *token.split(".")[1:]]


def of_tokens(tokens: Tokens) -> list[str]:
    return [tokens["refresh_token"], *of_access_token(tokens["access_token"])]


def passwords(user: User) -> list[str]:
    """Those of sign-up and log-in, the right ones and the wrong ones."""
    new, wrong = "a password of this test alone", "a wrong password of this test alone"
    email = f"other-{user.email}"
    credentials = {"email": email, "password": new}
    answers = [
        user.post("/api/auth/signup", json=credentials),
        user.post("/api/auth/signup", json=credentials),
        user.post("/api/auth/signup", json={**credentials, "email": wrong}),
        user.post("/api/auth/login", json=credentials),
        user.post("/api/auth/login", json={**credentials, "password": wrong}),
        user.post("/api/auth/login", json={**credentials, "password": [wrong]}),
        user.post("/api/auth/login", params=credentials, auth=(email, wrong)),
        user.post("/api/auth/login", content=f'{{"password": "{wrong}'.encode()),
    ]
    assert [answer.status_code for answer in answers] == [201, 409, 422, 200, 401, 422, 422, 415]
    return [PASSWORD, new, wrong, *of_tokens(answers[0].json()), *of_tokens(answers[3].json())]


def sessions(user: User) -> list[str]:
    """The tokens of sessions: used, used again, in the wrong places, and of sessions that have ended."""
    first, ended = log_in(user), log_in(user)
    second = refreshed(user, first["refresh_token"])
    assert refreshed(user, first["refresh_token"])["refresh_token"] == second["refresh_token"]
    third = refreshed(user, second["refresh_token"])
    token = ended["refresh_token"]
    answers = [
        user.post("/api/auth/logout", headers=bearer(ended)),
        user.post("/api/auth/logout", headers=bearer(ended)),
        refresh(user, token),
        refresh(user, f"{token} "),
        user.post("/api/auth/refresh", json={"refresh_token": [token]}),
        user.post("/api/auth/refresh", json={token: token}),
        user.post("/api/auth/refresh", params={"refresh_token": token}),
        user.get("/api/auth/me", headers={"Authorization": f"Bearer {token}", "Cookie": token, "Referer": token}),
        user.get(f"/api/{token}/tasks"),
        user.delete(f"/api/auth/sessions/{token}"),
        user.get(f"/{token}", params={"token": token}),
    ]
    assert [answer.status_code for answer in answers] == [204, 401, 401, 401, 422, 422, 422, 401, 403, 422, 404]
    return [secret for tokens in (first, second, third, ended) for secret in of_tokens(tokens)]


def api_tokens(user: User) -> list[str]:
    """An API token: made, used, used wrongly, deleted and used again."""
    created = create(user)
    token = created["token"]
    with client(user, token) as script:
        answers = [
            script.get("/api/me/tasks"),
            script.get("/api/auth/tokens"),
            script.get("/api/me/tasks", params={"token": token}),
            script.get(f"/api/{token}/tasks"),
            user.get("/api/me/tasks", headers={"Authorization": f"Bearer {token}x"}),
            user.post("/api/auth/refresh", json={"refresh_token": token}),
            user.delete(f"/api/auth/tokens/{token}"),
            user.delete(f"/api/auth/tokens/{created['id']}"),
            script.get("/api/me/tasks"),
        ]
    assert [answer.status_code for answer in answers] == [200, 403, 422, 403, 401, 401, 422, 204, 401]
    return [token, token.removeprefix("doable_")]


def changed_passwords(user: User) -> list[str]:
    """Passwords that are changed, refused and shown once more."""
    new, wrong = "a changed password, of this test alone", "a wrong one of this test alone"
    other = User(str(user.base_url))
    with closing(other):
        weak = f"{other.email.partition('@')[0]} is its e-mail"
        answers = [
            other.post("/api/auth/password", json={"current_password": wrong, "new_password": new}),
            other.post("/api/auth/password", json={"current_password": PASSWORD, "new_password": weak}),
            other.post("/api/auth/password", json={"current_password": PASSWORD, "new_password": new}),
            other.request("DELETE", "/api/auth/me", json={"password": wrong}),
            other.request("DELETE", "/api/auth/me", json={"password": new}),
        ]
    assert [answer.status_code for answer in answers] == [403, 422, 204, 403, 204]
    return [new, weak, wrong]


def calendars(user: User) -> list[str]:
    """The token of a calendar: used, used wrongly, replaced and used again."""
    first = user.post("/api/me/calendar-token").json()["url"].rpartition("/")[2]
    token = first.removesuffix(".ics")
    answers = [
        user.get(f"/calendar/{first}"),
        user.head(f"/calendar/{first}", params={"token": token}, headers={"Referer": first, "User-Agent": first}),
        user.get(f"/calendar/{first}", headers={"If-None-Match": token}),
        user.post(f"/calendar/{first}", json={token: token}),
        user.get(f"/calendar/{token}"),
        user.get(f"/calendar/{first}/{first}"),
        user.get(f"/api/{token}/tasks"),
    ]
    second = user.post("/api/me/calendar-token").json()["url"].rpartition("/")[2]
    answers += [user.get(f"/calendar/{first}"), user.get(f"/calendar/{second}")]
    assert [answer.status_code for answer in answers] == [200, 200, 422, 405, 404, 404, 403, 404, 200]
    return [token, second.removesuffix(".ics")]


def unsubscribing(user: User) -> list[str]:
    """The token in mails of which one can be rid: looked at, used, and used wrongly."""
    token = UnsubscribeTokens([SECRET.encode()]).token(user.id, "digest")
    path, click = f"/unsubscribe/{token}", {"List-Unsubscribe": "One-Click"}
    answers = [
        user.get(path, params={"token": token}, headers={"Referer": token}),
        user.post(path, data=click),
        user.post(path, json={token: token}),
        user.put(path, data=click),
        user.get(f"{path}x"),
        user.get(f"{path}/{token}"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 422, 405, 404, 404]
    return [token]


USES: list[Callable[[User], list[str]]] = [
    passwords,
    sessions,
    api_tokens,
    changed_passwords,
    calendars,
    unsubscribing,
]


def mailed(server: Server, user: User) -> list[str]:
    """The tokens of links: used, used wrongly and used again."""
    user.post("/api/auth/password/forgot", json={"email": user.email})
    reset, verification = reset_token(server, user.email), verification_token(server, user.email)
    new = "a password that was reset, of this test alone"
    answers = [
        user.post("/api/auth/email/verify", json={"token": reset}),
        user.post("/api/auth/email/verify", json={"token": verification}),
        user.post("/api/auth/email/verify", json={"token": verification}),
        user.post("/api/auth/password/reset", json={"token": reset, "new_password": new}),
        user.post("/api/auth/password/reset", json={"token": reset, "new_password": new}),
        user.get("/account/reset-password", params={"token": reset}),
    ]
    assert [answer.status_code for answer in answers] == [422, 204, 422, 204, 422, 200]
    return [reset, verification, new]


def stored(server: Server) -> bytes:
    """Every byte that the server has stored, but its own secret, and the mails, which are what a link is sent by.

    On PostgreSQL it is every value of every table.
    """
    if "DATABASE_URL" not in server.settings:
        data = Path(server.settings["DATA_DIR"])
        return b"\n".join(path.read_bytes() for path in data.iterdir() if path.is_file() and path.name != "secret_key")
    return repr(schema.contents(schema.settings_of(server))).encode()


def spellings(secret: str) -> set[bytes]:
    """The secret, and what it may be written as: its bytes if it is base64url, in hexadecimal and in base64."""
    found = {secret.encode(), secret.encode().hex().encode(), base64.b64encode(secret.encode()).rstrip(b"=")}
    if len(secret) % 4 != 1 and secret.isascii() and secret.replace("-", "").replace("_", "").isalnum():
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        found |= {raw, raw.hex().encode()}
    return found


@pytest.mark.parametrize("debug", ["false", "true"])
def test_no_secret_is_stored_or_logged(new_server: NewServer, debug: str) -> None:
    with new_server(DEBUG=debug) as server:
        with closing(User(server.url)) as user:
            secrets = [SECRET, user.refresh_token, *of_access_token(user.token)]
            secrets += [secret for use in USES for secret in use(user)]
            with closing(User(server.url)) as other:  # whose sessions end with it
                secrets += mailed(server, other)
            # While it runs, and after it has ended: SQLite moves what it has from one file to the other.
            places = [stored(server)]
        assert server.stop() == 0
        places += [stored(server), server.log.encode()]
        for secret in secrets:
            assert len(secret) >= 20
            for spelling in spellings(secret):
                assert not any(spelling in place for place in places), f"{secret} is in plain somewhere"
        # There was something to be found: the user, and the digest that stands for a token.
        for place in places[:2]:
            assert user.email.encode() in place
            assert hashlib.sha256(user.refresh_token.encode()).hexdigest().encode() in place
        assert "/api/auth/refresh" in server.log
