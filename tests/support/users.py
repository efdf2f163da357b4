"""Users of the tests: each an HTTP client of its own."""

import ssl
import uuid
from typing import Any

import httpx

# Made once: each client would make its own, which takes as long as hashing a password.
TLS = ssl.create_default_context()
PASSWORD = "correct horse battery staple"


class User(httpx.Client):
    """A client that is signed up and logged in. `tasks` is the path of the user's tasks, `tls` whom it believes to be the server."""

    def __init__(self, base_url: str, email: str | None = None, tls: ssl.SSLContext = TLS) -> None:
        super().__init__(base_url=base_url, timeout=30, verify=tls)
        self.tls = tls
        self.email = email or f"{uuid.uuid4().hex}@example.com"
        answer = self.post("/api/auth/signup", json={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self.id: str = answer.json()["id"]
        self.token: str = answer.json()["access_token"]
        self.refresh_token: str = answer.json()["refresh_token"]
        self.headers["Authorization"] = f"Bearer {self.token}"
        self.tasks = f"/api/{self.id}/tasks"

    def new_task(self, title: str = "Buy oat milk", **fields: Any) -> dict[str, Any]:
        """A task that was just created."""
        answer = self.post(self.tasks, json={"title": title, **fields})
        assert answer.status_code == 201, answer.text
        task: dict[str, Any] = answer.json()
        return task


def assert_error(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is this error, in the one shape of errors."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"detail", "status_code", "code", "message"}
    assert (body["status_code"], body["code"]) == (status, code)
    assert isinstance(body["message"], str)
    assert body["message"]
    if status == 422:
        assert body["detail"]
        assert all(set(problem) == {"loc", "msg", "type"} for problem in body["detail"])
    else:
        assert body["detail"] == body["message"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if status in {429, 503}:
        assert int(answer.headers["retry-after"]) > 0
    return body
