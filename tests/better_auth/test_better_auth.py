"""A frontend that logs in with Better Auth: a real server of it, which Node runs, is the issuer."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support import node
from support.clocks import ClockServer
from support.ports import free_port
from support.users import TLS, assert_error

FOLDER = Path(__file__).parent
# It is installed and started once.
pytestmark = pytest.mark.xdist_group("better auth")


class BetterAuth:
    """The server, and people who sign up at it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = folder / "log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                ["node", "server.mjs"],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PORT": str(self.port), "BETTER_AUTH_SECRET": "a secret" * 5},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log_path.read_text()
            assert time.monotonic() < deadline, self.log_path.read_text()
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/auth/ok", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(30)


class Person(httpx.Client):
    """Somebody who has signed up at Better Auth, and calls Doable with its tokens."""

    def __init__(self, better_auth: BetterAuth, server: ClockServer, name: str) -> None:
        super().__init__(base_url=server.url, timeout=30, verify=TLS)
        self._log_in = httpx.Client(base_url=better_auth.url, timeout=30, headers={"Origin": better_auth.url})
        answer = self._log_in.post(
            "/api/auth/sign-up/email",
            json={"name": name, "email": f"{name.lower()}@example.com", "password": "correct horse battery staple"},
        )
        assert answer.status_code == 200, answer.text
        self.subject: str = answer.json()["user"]["id"]
        self.log_in_again()

    def log_in_again(self) -> None:
        """Get a token, as authClient.token() does."""
        answer = self._log_in.get("/api/auth/token")
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def close(self) -> None:
        self._log_in.close()
        super().close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the server and what it needs, as the lock file has it."""
    folder = tmp_path_factory.mktemp("better_auth")
    for name in ("package.json", "package-lock.json", "server.mjs"):
        shutil.copy(FOLDER / name, folder)
    node.install(folder, "A REAL BETTER AUTH SERVER")
    return folder


@pytest.fixture
def better_auth(installed: Path) -> Iterator[BetterAuth]:
    running = BetterAuth(installed)
    yield running
    running.stop()


def test_a_frontend_with_better_auth_needs_one_setting(better_auth: BetterAuth, tmp_path: Path) -> None:
    with (
        ClockServer(tmp_path, BETTER_AUTH_URL=better_auth.url) as server,
        closing(Person(better_auth, server, "Ann")) as ann,
        closing(Person(better_auth, server, "Ben")) as ben,
    ):
        user = ann.get("/api/auth/me").json()
        assert (user["name"], user["email"]) == ("Ann", None)
        task = ann.post(f"/api/{ann.subject}/tasks", json={"title": "Buy oat milk"}).json()
        assert task["user_id"] == user["id"] != ann.subject
        assert ann.get(f"/api/me/tasks/{task['id']}").json() == task
        assert ben.get(f"/api/{ben.subject}/tasks").json()["total"] == 0
        assert_error(ben.get(f"/api/{ann.subject}/tasks"), 403, "forbidden")
        assert_error(ben.get(f"/api/me/tasks/{task['id']}"), 403, "forbidden")
        # A token of a key that came later.
        assert httpx.delete(f"{better_auth.url}/keys").status_code == 200
        ann.log_in_again()
        assert_error(ann.get("/api/auth/me"), 401, "unauthenticated")
        server.move(61)
        assert ann.get("/api/auth/me").json() == user
        # Nobody of there is needed once its keys are known.
        better_auth.stop()
        assert ann.patch(f"/api/{ann.subject}/tasks/{task['id']}/complete").json()["is_completed"] is True
        # Doable's own log-ins still work beside it.
        own = httpx.post(f"{server.url}/api/auth/signup", json={"email": "eve@example.com", "password": "p" * 12})
        assert own.status_code == 201


def test_another_server_of_better_auth_is_another_issuer(
    better_auth: BetterAuth, installed: Path, tmp_path: Path
) -> None:
    another = BetterAuth(installed)
    with (
        ClockServer(tmp_path, BETTER_AUTH_URL=better_auth.url) as server,
        closing(Person(another, server, "Mallory")) as mallory,
    ):
        assert_error(mallory.get("/api/auth/me"), 401, "unauthenticated")
    another.stop()


def test_the_lock_names_no_registry() -> None:
    node.assert_lock_names_no_registry(FOLDER)
