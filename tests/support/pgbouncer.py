"""A real PgBouncer before a PostgreSQL server."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from support.ports import free_port

DEBIANS = Path("/usr/sbin/pgbouncer")
"""1.18, of before PgBouncer knew prepared statements. `make .venv/.test` installs it in the check."""
NEWER = os.environ.get("PGBOUNCER")
"""The binary of 1.21 or newer."""


class PgBouncer:
    """One PgBouncer in the folder of its own, on a port of its own. It is started by `with`; `url` leads through it."""

    def __init__(self, binary: Path | str, server_url: str, **settings: str | int) -> None:
        self._binary = Path(binary)
        server = urlsplit(server_url)
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}{server.path}"
        self._root = Path(tempfile.mkdtemp(prefix="doable-pgbouncer-"))
        # PgBouncer refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else None
        users = self._root / "users"
        users.write_text('"postgres" ""\n')
        every = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": users,
            "pool_mode": "transaction",
            "default_pool_size": 4,
            **settings,
        }
        lines = [f"{name} = {value}" for name, value in every.items()]
        database = f"* = host=127.0.0.1 port={server.port}"
        (self._root / "pgbouncer.ini").write_text("\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]))
        self._root.chmod(0o755)

    def __enter__(self) -> Self:
        with (self._root / "log").open("w") as log:
            self._process = subprocess.Popen(
                [self._binary, self._root / "pgbouncer.ini"], user=self._user, stdout=log, stderr=log, cwd="/"
            )
        deadline = time.monotonic() + 20
        while True:
            assert self._process.poll() is None, (self._root / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._root, ignore_errors=True)
