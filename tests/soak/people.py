"""People who do everything that there is to do, one thing after another, at random but always in the same order for one seed."""

import random
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from support.events import follow
from support.mail import parsed, token_of
from support.server import Server
from support.users import PASSWORD, TLS, User

MOST_TASKS: Final = 200
"""So that what a request costs stays the same."""
NONSENSE: Final = (
    b"\0\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{",
)


class Person:
    """One user on a connection that is kept alive. Knows which tasks there must be."""

    def __init__(self, server: Server, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._user = User(server.url)
        self._tasks: dict[str, str] = {}
        """The ETag of each, by its id."""
        self.done: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        deeds: Mapping[Callable[[], None], int] = {
            self.read: 40,
            self.read_all: 15,
            self.create: 20,
            self.change: 20,
            self.delete: 10,
            self.send_twice: 5,
            self.batch: 3,
            self.use_lists: 4,
            self.catch_up: 8,
            self.follow: 3,
            self.look_at_oneself: 4,
            self.export: 1,
            self.do_wrong: 15,
            self.talk_nonsense: 2,
            self.log_in_and_out: 2,
            self.use_an_api_token: 2,
            self.come_and_go: 1,
        }
        self._deeds, self._weights = [*deeds], [*deeds.values()]

    def live(self, stopped: threading.Event) -> None:
        """Do one thing after another until told to stop."""
        while not stopped.is_set():
            (deed,) = self._random.choices(self._deeds, self._weights)
            deed()
            self.done[deed.__name__] += 1

    def check(self) -> None:
        """What there is, is what there must be."""
        page = self._ask("GET", self._user.tasks, 200)
        assert page.json()["total"] == len(self._tasks)
        for id_, etag in self._tasks.items():
            assert self._ask("GET", f"{self._user.tasks}/{id_}", 200).headers["etag"] == etag

    def close(self) -> None:
        """Hang up."""
        self._user.close()

    def _ask(
        self, method: str, path: str, *expected: int, client: httpx.Client | None = None, **options: Any
    ) -> httpx.Response:
        answer = (client or self._user).request(method, path, **options)
        self.statuses[answer.status_code] += 1
        assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def _some_task(self) -> str:
        if not self._tasks:
            self.create()
        return self._random.choice([*self._tasks])

    def _path(self, id_: str) -> str:
        return f"{self._user.tasks}/{id_}"

    def read(self) -> None:
        id_ = self._some_task()
        self._ask("GET", self._path(id_), 200)
        self._ask("GET", self._path(id_), 304, headers={"If-None-Match": self._tasks[id_]})

    def read_all(self) -> None:
        self._ask("GET", self._user.tasks, 200, params={"limit": 20, "offset": self._random.choice([0, 40, 5000])})

    def create(self) -> None:
        if len(self._tasks) >= MOST_TASKS:
            self.delete()
        made = self._ask(
            "POST", self._user.tasks, 201, json={"title": "soak", "description": "d" * self._random.randrange(2000)}
        )
        self._tasks[made.json()["id"]] = made.headers["etag"]

    def change(self) -> None:
        id_ = self._some_task()
        headers = {"If-Match": self._tasks[id_]}
        body = {"title": str(self._random.random())}
        if self._random.random() < 0.5:
            changed = self._ask("PATCH", self._path(id_), 200, json=body, headers=headers)
        else:
            changed = self._ask("PATCH", f"{self._path(id_)}/complete", 200, headers=headers)
        self._tasks[id_] = changed.headers["etag"]
        self._ask("PATCH", self._path(id_), 412, json=body, headers=headers)

    def delete(self) -> None:
        id_ = self._some_task()
        self._ask("DELETE", self._path(id_), 204)
        del self._tasks[id_]

    def send_twice(self) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        made = [self._ask("POST", self._user.tasks, 201, json={"title": "once"}, headers=key) for _ in range(2)]
        assert made[0].content == made[1].content
        self._tasks[made[0].json()["id"]] = made[0].headers["etag"]

    def batch(self) -> None:
        operations = [{"op": "create", "task": {"title": str(number)}} for number in range(20)]
        made = self._ask("POST", f"{self._user.tasks}/batch", 200, json={"operations": operations}).json()["results"]
        gone = [{"op": "delete", "id": each["id"]} for each in made]
        self._ask("POST", f"{self._user.tasks}/batch", 200, json={"operations": gone})

    def use_lists(self) -> None:
        made = self._ask("POST", "/api/me/lists", 201, json={"name": "soak"}).json()
        self._ask("POST", f"/api/me/lists/{made['id']}/move", 200, json={"place": "first"})
        self._ask("GET", "/api/me/lists", 200)
        self._ask("DELETE", f"/api/me/lists/{made['id']}", 204)

    def catch_up(self) -> None:
        revision = self._ask("GET", "/api/me/changes", 200, params={"limit": 500, "kinds": "all"}).json()["revision"]
        self._ask("GET", "/api/me/changes", 200, params={"since": revision})

    def follow(self) -> None:
        self.create()
        with follow(self._user) as events:
            events.next()

    def look_at_oneself(self) -> None:
        for path in (
            "/api/auth/me",
            "/api/auth/me/usage",
            "/api/auth/sessions",
            "/livez",
            "/readyz",
            "/openapi.json",
            "/docs",
        ):
            self._ask("GET", path, 200)
        self._ask("HEAD", self._user.tasks, 200)

    def export(self) -> None:
        assert len(self._ask("GET", "/api/auth/me/export", 200).json()["tasks"]) == len(self._tasks)

    def do_wrong(self) -> None:
        tasks, nobody = self._user.tasks, str(uuid.uuid4())
        wrong: list[tuple[str, str, int, dict[str, Any]]] = [
            ("GET", f"{tasks}/{nobody}", 404, {}),
            ("GET", f"/api/{nobody}/tasks", 403, {}),
            ("GET", f"/{nobody}", 404, {}),
            ("PUT", tasks, 405, {}),
            ("POST", tasks, 422, {"json": {"title": ""}}),
            ("POST", tasks, 422, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
            ("POST", tasks, 415, {"content": b"title=a"}),
            ("POST", tasks, 413, {"json": {"title": "a" * 70_000}}),
            ("GET", tasks, 401, {"headers": {"Authorization": f"Bearer {nobody}"}}),
            (
                "POST",
                "/api/auth/login",
                401,
                {"json": {"email": f"{nobody}@example.com", "password": "wrong password"}},
            ),
        ]
        method, path, status, options = self._random.choice(wrong)
        self._ask(method, path, status, **options)

    def talk_nonsense(self) -> None:
        address = urlsplit(self._server.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(self._random.choice(NONSENSE))
            if self._random.random() < 0.5:  # else it hangs up without a word
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass

    def log_in_and_out(self) -> None:
        with httpx.Client(base_url=self._server.url, timeout=30, verify=TLS) as client:
            body = {"email": self._user.email, "password": PASSWORD}
            tokens = self._ask("POST", "/api/auth/login", 200, client=client, json=body).json()
            for _ in range(2):
                body = {"refresh_token": tokens["refresh_token"]}
                tokens = self._ask("POST", "/api/auth/refresh", 200, client=client, json=body).json()
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            self._ask("POST", "/api/auth/logout", 204, client=client, headers=headers)

    def use_an_api_token(self) -> None:
        made = self._ask("POST", "/api/auth/tokens", 201, json={"name": "soak", "scopes": ["tasks:read"]}).json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        self._ask("GET", self._user.tasks, 200, headers=headers)
        self._ask("POST", self._user.tasks, 403, headers=headers, json={"title": "a"})
        self._ask("DELETE", f"/api/auth/tokens/{made['id']}", 204)

    def come_and_go(self) -> None:
        """Sign up, verify the address, forget the password, choose another, and leave."""
        guest = User(self._server.url)
        try:
            self._ask(
                "POST", "/api/auth/email/verify", 204, client=guest, json={"token": self._mailed(guest, "Verify your")}
            )
            self._ask("POST", "/api/auth/password/forgot", 202, client=guest, json={"email": guest.email})
            body = {"token": self._mailed(guest, "Choose a new"), "new_password": "another battery staple"}
            self._ask("POST", "/api/auth/password/reset", 204, client=guest, json=body)
            body = {"email": guest.email, "password": "another battery staple"}
            tokens = self._ask("POST", "/api/auth/login", 200, client=guest, json=body).json()
            guest.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            guest.new_task()
            self._ask("DELETE", "/api/auth/me", 204, client=guest, json={"password": "another battery staple"})
        finally:
            guest.close()

    def _mailed(self, guest: User, subject: str) -> str:
        deadline = time.monotonic() + 90
        while True:
            for path in (Path(self._server.settings["DATA_DIR"]) / "mail").glob("*.eml"):
                with suppress(FileNotFoundError):  # somebody else has taken it
                    message = parsed(path.read_bytes())
                    if message["To"] == guest.email and subject in message["Subject"]:
                        path.unlink()
                        return token_of(message)
            assert time.monotonic() < deadline, f"no mail about {subject}"
            time.sleep(0.1)
