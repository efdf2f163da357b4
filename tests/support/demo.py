"""The account of `doable demo` on a server of the tests."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import httpx

from support.forks import run
from support.mail import until
from support.server import Server, environment


@dataclass(frozen=True)
class Demo:
    """Who can log in, and what there is."""

    server: Server
    email: str
    password: str

    @classmethod
    def make(cls, server: Server, *options: str) -> Self:
        """Make it, on the clock of the server, which may run meanwhile."""
        result = run(server.script, ["demo", *options], environment(**server.settings), server.folder, "")
        assert result.returncode == 0, result.stderr
        return cls(server, *result.stdout.split())

    @cached_property
    def client(self) -> httpx.Client:
        """Its API."""
        client = httpx.Client(base_url=self.server.url, timeout=30)
        answer = client.post("/api/auth/login", json={"email": self.email, "password": self.password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def close(self) -> None:
        """End what was opened."""
        self.client.close()

    @cached_property
    def ids(self) -> dict[str, str]:
        """The paths of its lists, tags and filters, by kind and name: `lists/Household`."""
        return {
            f"{kind}/{each['name']}": f"/{kind}/{each['id']}"
            for kind in ("lists", "tags", "filters")
            for each in self.client.get(f"/api/me/{kind}").json()[kind]
        }

    def wait_for_reminders(self) -> None:
        """Until those that are past have been told of."""
        until(lambda: len(self.client.get("/api/me/notifications").json()["notifications"]) >= 2, "no notifications")
