"""Two processes behind a proxy are restarted one after the other, and nobody notices."""

import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from faults.conftest import measured
from support.reverse_proxies import ReverseProxy, needs
from support.server import Server
from support.users import User

CLIENTS = 8
REPEATED = "503, to be repeated"
LEAVING_SECONDS = 3
"""What docs/operations.md says: the proxies ask each second."""
PUT, MADE = {"title": "put"}, {"title": "made"}
EXAMPLES = ("nginx.conf", "haproxy.cfg", "Caddyfile", "apache.conf")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two processes on one database."""
    settings = {"DATA_DIR": str(tmp_path / "data"), "TRUSTED_PROXIES": "127.0.0.1"}
    with Server(tmp_path / "one", **settings) as one, Server(tmp_path / "two", **settings) as two:
        yield one, two


@pytest.mark.parametrize("example", [pytest.param(each, marks=needs(each)) for each in EXAMPLES])
def test_a_rolling_restart_fails_nothing(example: str, two: tuple[Server, Server], tmp_path: Path) -> None:
    with (
        ReverseProxy(example, tmp_path / "proxy", *(each.port for each in two)) as proxy,
        closing(User(proxy.url, tls=proxy.tls)) as user,
    ):
        with under_load(user) as answers:
            for server in two:
                server.process.send_signal(signal.SIGUSR1)
                time.sleep(LEAVING_SECONDS)
                assert server.stop() == 0
                server.start()
                time.sleep(LEAVING_SECONDS)
        made = user.get(user.tasks, params={"limit": 1}).json()["total"]
    measured(f"Two restarted behind {example}", f"{answers.total()} requests, {dict(answers)}")
    assert {status for _, status in answers} <= {"200", "201", REPEATED}
    # nginx asks nobody for the health, and sends nothing but what is idempotent by its method a second time.
    assert example == "nginx.conf" or not answers["POST", REPEATED]
    assert answers["GET", REPEATED] == answers["PUT", REPEATED] == 0
    assert made == answers["POST", "201"] + CLIENTS


@contextmanager
def under_load(user: User) -> Iterator[Counter[tuple[str, str]]]:
    """The answers that clients get, by method and status, as long as the block lasts."""
    answers: Counter[tuple[str, str]] = Counter()
    ended = threading.Event()
    counting = threading.Lock()

    def count(method: str, status: str) -> None:
        with counting:
            answers[method, status] += 1

    def ask() -> None:
        with httpx.Client(base_url=user.base_url, verify=user.tls, timeout=30, headers=user.headers) as client:
            task = f"{user.tasks}/{user.new_task()['id']}"
            while not ended.is_set():
                for method, path, body in (("GET", user.tasks, None), ("PUT", task, PUT), ("POST", user.tasks, MADE)):
                    headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
                    try:
                        while (answer := client.request(method, path, json=body, headers=headers)).status_code == 503:
                            count(method, REPEATED)
                    except httpx.TransportError as error:
                        count(method, repr(error))
                    else:
                        count(method, str(answer.status_code))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        ended.set()
        for each in threads:
            each.join()
