"""PostgreSQL's own programs: pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from doable.errors import Misconfigured

_NOT_SHOWN: Final = {"password", "sslpassword"}
_NOT_OF_LIBPQ: Final = {
    "ssl", "load_balance_hosts", "connection_limit", "pgbouncer", "pool_timeout", "supa", "uselibpqcompat"
}  # fmt: skip
"""What DATABASE_URL may have, and not every libpq knows."""


def connection_of(url: str) -> tuple[str, dict[str, str]]:
    """The URL without passwords, for the command line, which everybody on the machine can see; and the environment with it."""
    parts = urlsplit(url)
    credentials, at, addresses = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    options = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(options)
    if "ssl" in given:
        options.append(("sslmode", given.get("sslmode", "require" if given["ssl"] == "true" else "disable")))
    shown = urlencode([(name, value) for name, value in options if name not in _NOT_SHOWN | _NOT_OF_LIBPQ])
    password = unquote(password) or given.get("password", "")
    environment = {"PGPASSWORD": password} if password else {}
    return f"{parts.scheme}://{user}{at}{addresses}{parts.path}{shown and '?'}{shown}", environment


def check_version(program: str, server: int) -> None:
    """Raise Misconfigured if the program is missing, or too old for a server of this version."""
    said = subprocess.run([_path(program), "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a program of PostgreSQL's
    found = re.search(r"\) (\d+)", said.stdout)
    version = int(found[1]) if found else 0
    if version < server:
        message = (
            f"The {program} that is installed is of version {version}, and the server of {server}. "
            f"Install PostgreSQL's client programs of version {server} or newer, and put them first in PATH."
        )
        raise Misconfigured(message)


def run(program: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run it to its end; what it has printed. Raises Misconfigured with its first complaint."""
    with running(program, *arguments, environment=environment) as output:
        return output.read().decode()


@contextmanager
def running(program: str, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[IO[bytes]]:
    """What it prints, while it runs. Raises Misconfigured at the end, with its first complaint, if it has failed."""
    with (
        # A file, so that a program with much to complain of does not wait for somebody to read it.
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's, with arguments of our own
            [_path(program), *arguments],
            # The instant in an archive has no zone.
            env={**os.environ, "TZ": "UTC", "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield process.stdout
        except BaseException:
            process.kill()
            raise
        process.stdout.read()
        if process.wait():
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").splitlines() or ["it does not say why"]
            reason = next((line for line in lines if "error:" in line), lines[0])
            message = (
                f"{program} has failed: {reason.removeprefix(f'{program}: ').removeprefix('error: ').rstrip('.')}."
            )
            raise Misconfigured(message)


def _path(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        message = (
            f"{program} is missing. Install PostgreSQL's client programs, of the version of the server or newer "
            "(on Debian: apt-get install postgresql-client)."
        )
        raise Misconfigured(message)
    return path
