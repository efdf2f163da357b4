"""SIGUSR1: a process that will be stopped soon says so to proxies that ask whether it is ready, and goes on answering."""

import signal
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support.server import Server
from support.users import User


@pytest.mark.parametrize("workers", ["1", "2"])
def test_is_no_longer_ready_and_answers_everything(tmp_path: Path, workers: str) -> None:
    with Server(tmp_path, "--workers", workers) as server, closing(User(server.url)) as user:
        server.process.send_signal(signal.SIGUSR1)
        deadline, refused = time.monotonic() + 30, 0
        while refused < 8:  # on new connections, so that each worker is asked, most likely
            assert time.monotonic() < deadline, server.log
            ready = httpx.get(f"{server.url}/readyz")
            refused = refused + 1 if ready.status_code == 503 else 0
        assert httpx.get(f"{server.url}/livez").status_code == 200
        user.new_task()
        assert server.stop() == 0
