"""Makes the fixtures of this folder: what the first version stored, and what its clients knew. It needs a checkout of that.

    git worktree add --detach /tmp/first efc7dba && make -C /tmp/first .venv/.serve
    /tmp/first/.venv/bin/python make.py sqlite
    DATABASE_URL=postgresql://… PG_DUMP=/usr/lib/postgresql/15/bin/pg_dump /tmp/first/.venv/bin/python make.py postgresql

The dump is one of the oldest supported PostgreSQL, so that every version can load it. Both are made by a real server that
is driven over HTTP. They are never made again: they stand for the data that people have.
"""

import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx

PORT = 8765
PASSWORD = "correct horse battery staple"
ISSUER = {
    "issuer": "https://hs.example",
    "audience": "tasks",
    "secret": "a secret of an issuer's, of more than 32 bytes",
}
SECRET_KEY = "the secret key of the first version's PostgreSQL server"


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[str]:
    """A server of the first version on this data; its URL."""
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "TRUSTED_ISSUERS": json.dumps([ISSUER]), **settings}
    if "DATABASE_URL" in os.environ:
        environ |= {"DATABASE_URL": os.environ["DATABASE_URL"], "SECRET_KEY": SECRET_KEY}
    doable = Path(sys.executable).with_name("doable")
    process = subprocess.Popen([doable, "serve", "--port", str(PORT)], env=environ, cwd=data)
    url = f"http://127.0.0.1:{PORT}"
    while True:
        assert process.poll() is None
        try:
            httpx.get(f"{url}/readyz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            break
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


class Client(httpx.Client):
    """A user's client. It keeps what it knows in `known`, which goes into clients.json."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(base_url=url)
        self.known: dict[str, Any] = {"email": f"{name}@example.com", "password": PASSWORD, "name": name.title()}

    def ask(self, method: str, path: str, status: int, **request: Any) -> httpx.Response:
        answer = self.request(method, path, **request)
        assert answer.status_code == status, answer.text
        return answer

    def sign_up(self) -> None:
        body = {name: self.known[name] for name in ("email", "password", "name")}
        answer = self.ask("POST", "/api/auth/signup", 201, json=body).json()
        self.known |= {"id": answer["id"], "created_at": answer["created_at"]}
        self.take(answer)

    def log_in(self) -> dict[str, str]:
        body = {name: self.known[name] for name in ("email", "password")}
        tokens: dict[str, str] = self.ask("POST", "/api/auth/login", 200, json=body).json()
        return tokens

    def take(self, tokens: dict[str, str]) -> None:
        """Go on with these tokens."""
        self.known |= {name: tokens[name] for name in ("access_token", "refresh_token")}
        self.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def keyed(self, method: str, path: str, status: int, body: Any = None) -> Any:
        """Write with an Idempotency-Key, and keep the request and its answer."""
        key = str(uuid.uuid4())
        request = {} if body is None else {"json": body}
        answer = self.ask(method, path, status, headers={"Idempotency-Key": key}, **request)
        self.known.setdefault("keyed", []).append(
            {
                "key": key,
                "method": method,
                "path": path,
                "body": answer.request.content.decode(),
                "status": status,
                "answer": answer.text,
                "etag": answer.headers.get("ETag"),
            }
        )
        return answer.json() if answer.text else None

    def read(self) -> None:
        """Keep all that is told of the tasks."""
        self.known["tasks"] = self.ask("GET", "/api/me/tasks?limit=100", 200).json()
        self.known["changes"] = self.ask("GET", "/api/me/changes", 200).json()


def alice(url: str, mail: Path) -> dict[str, Any]:
    """Whose tasks, keys, tokens and sessions there is one of each of."""
    user = Client(url, "alice")
    user.sign_up()
    tasks = [
        user.ask("POST", "/api/me/tasks", 201, json={"title": title, "description": description}).json()
        for title, description in (
            ("Buy oat milk", "Two litres"),
            ("לקנות 🥛", None),
            ("Call the plumber", "Tab\there\nand a line"),
            ("Wrong one", None),
            ("Wrong too", None),
        )
    ]
    first, second, third, fourth, fifth = (f"/api/me/tasks/{task['id']}" for task in tasks)
    user.ask("PATCH", f"{first}/complete", 200, json={"is_completed": True})
    user.ask("DELETE", fourth, 204)
    # A client that has seen this much comes back later.
    user.known["position"] = user.ask("GET", "/api/me/changes", 200).json()["revision"]
    user.ask("PUT", second, 200, json={"description": "Today"})
    user.keyed("POST", "/api/me/tasks", 201, {"title": "Made once"})
    user.keyed("PATCH", third, 200, {"is_completed": True})
    user.keyed("PUT", third, 200, {"title": "Call the plumber again"})
    user.keyed("PATCH", f"{third}/complete", 200)
    user.keyed("DELETE", fifth, 204)
    own, gone = str(uuid.uuid4()), str(uuid.uuid4())
    user.ask("PUT", f"/api/me/tasks/{own}", 201, json={"title": "With my own id"}, headers={"If-None-Match": "*"})
    operations = [
        {"op": "create", "id": gone, "task": {"title": "Made and deleted"}},
        {"op": "complete", "id": own},
        {"op": "delete", "id": gone},
    ]
    user.keyed("POST", "/api/me/tasks/batch", 200, {"operations": operations})
    user.known["since_position"] = user.ask("GET", f"/api/me/changes?since={user.known['position']}", 200).json()
    user.known["etag"] = {"path": first, "value": user.ask("GET", first, 200).headers["ETag"]}

    for name, scopes, lives in (
        ("all", ["account", "tasks:read", "tasks:write"], None),
        ("reads", ["tasks:read"], None),
        ("writes", ["tasks:write"], 36500),
        ("deleted", ["tasks:read"], None),
    ):
        expires_at = lives and (datetime.now(UTC) + timedelta(days=lives)).isoformat()
        body = {"name": name, "scopes": scopes, "expires_at": expires_at}
        token = user.ask("POST", "/api/auth/tokens", 201, json=body).json()
        user.known.setdefault("api_tokens", {})[name] = token
        # Used, so that the last use is written.
        path = "/api/auth/me" if "account" in scopes else "/api/me/tasks"
        httpx.get(f"{url}{path}", headers={"Authorization": f"Bearer {token['token']}"})
    user.ask("DELETE", f"/api/auth/tokens/{user.known['api_tokens']['deleted']['id']}", 204)

    ended = user.log_in()
    user.ask("POST", "/api/auth/logout", 204, headers={"Authorization": f"Bearer {ended['access_token']}"})
    user.known["ended_session"] = ended
    for _ in range(3):
        body = {"refresh_token": user.known["refresh_token"]}
        user.known.setdefault("used_refresh_tokens", []).append(body["refresh_token"])
        user.take(user.ask("POST", "/api/auth/refresh", 200, json=body).json())
    user.ask("POST", "/api/auth/login", 401, json={"email": user.known["email"], "password": "not this one"})
    user.ask("POST", "/api/auth/password/forgot", 202, json={"email": user.known["email"]})
    user.known["links"] = {
        "reset": mailed_token(mail, user.known["email"], "Choose a new password"),
        "verify": mailed_token(mail, user.known["email"], "Verify your"),
    }
    user.read()
    return user.known


def bob(url: str) -> dict[str, Any]:
    """A user with one task, to be kept apart from the others."""
    user = Client(url, "bob")
    user.sign_up()
    user.keyed("POST", "/api/me/tasks", 201, {"title": "It's Bob's"})
    user.read()
    return user.known


def carol(url: str) -> dict[str, Any]:
    """Who was removed."""
    user = Client(url, "carol")
    user.sign_up()
    user.ask("POST", "/api/me/tasks", 201, json={"title": "Gone with Carol"})
    user.ask("DELETE", "/api/auth/me", 204, json={"password": PASSWORD})
    return user.known


def ann(url: str) -> dict[str, Any]:
    """A user of another issuer."""
    user = Client(url, "ann")
    user.known = {"subject": "ann of the issuer", "issuer": ISSUER}
    now = int(time.time())
    claims = {
        "iss": ISSUER["issuer"],
        "aud": ISSUER["audience"],
        "sub": user.known["subject"],
        "iat": now,
        "exp": now + 900,
    }
    user.headers["Authorization"] = f"Bearer {signed(claims)}"
    user.known |= user.ask("GET", "/api/auth/me", 200).json()
    user.ask("POST", "/api/me/tasks", 201, json={"title": "Ann's"})
    user.read()
    return user.known


def dora(url: str) -> dict[str, Any]:
    """Whose first mail waits: nobody could take it."""
    user = Client(url, "dora")
    user.sign_up()
    user.read()
    return user.known


def signed(claims: dict[str, Any]) -> str:
    """A token with HS256."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)]
    content = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(ISSUER["secret"].encode(), content, hashlib.sha256)
    return (content + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def mailed_token(folder: Path, address: str, subject: str) -> str:
    """The token in the link of that mail, once it was written."""
    while True:
        for path in folder.glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            if mail["To"] == address and subject in mail["Subject"]:
                body = mail.get_body(("plain",))
                assert body is not None
                found = re.search(r"#token=([\w-]+)", body.get_content())
                assert found
                return found[1]
        time.sleep(0.1)


def main(kind: str) -> None:
    """Make the fixtures of this kind of database."""
    folder = Path(__file__).with_name(kind)
    folder.mkdir()
    data = Path(tempfile.mkdtemp())
    with serving(data) as url:
        known = {"alice": alice(url, data / "mail"), "bob": bob(url), "carol": carol(url), "ann": ann(url)}
        # By then the last uses of the API tokens are written.
        time.sleep(2)
    with serving(data, SMTP_URL="smtp://127.0.0.1:9", MAIL_FROM="doable@example.com") as url:
        known["dora"] = dora(url)
        time.sleep(2)
    made_at = datetime.now(UTC).isoformat()
    (folder / "clients.json").write_text(json.dumps({"made_at": made_at, **known}, ensure_ascii=False, indent=1) + "\n")
    if kind == "sqlite":
        (folder / "doable.db.gz").write_bytes(gzip.compress((data / "doable.db").read_bytes(), mtime=0))
        (folder / "secret_key").write_bytes((data / "secret_key").read_bytes())
    else:
        command = [os.environ["PG_DUMP"], "--no-owner", "--no-privileges", os.environ["DATABASE_URL"]]
        dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        # Commands of the newest psql alone, which guard against a dump from a server that is not trusted.
        (folder / "dump.sql").write_text(re.sub(r"^\\(un)?restrict .*\n", "", dump, flags=re.MULTILINE))
        (folder / "secret_key").write_text(SECRET_KEY)


if __name__ == "__main__":
    main(sys.argv[1])
