"""The checks of `doable doctor`."""

import asyncio
import http.client
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from doable import __version__
from doable.database import open_database, schema_of
from doable.database.schema import SCHEMA_VERSION, needs_migration
from doable.errors import DoableError, Misconfigured
from doable.outbox import delivery
from doable.remote.server import UNREACHABLE, reason_of
from doable.settings import MailServer, Settings
from doable.tasks.dangling import dangling

SECONDS: Final = 5
"""How long the public address has to answer."""
NOT_THERE: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
"""What proxies answer while there is no server."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    fine: bool
    text: str
    """The state of it; if that is not fine, also how to mend it."""


def examine() -> Iterator[Finding]:
    """Run every check that can be run. Nothing is made or changed."""
    yield Finding(fine=True, text=f"Doable {__version__} on Python {sys.version.split()[0]}")
    try:
        settings = Settings.load()
    except Misconfigured as error:
        yield Finding(fine=False, text=str(error))
        return
    yield Finding(fine=True, text="The settings can be used")
    if settings.postgresql_url is None:
        yield _sqlite()
        folder = _folder(settings.data_dir)
        yield folder
        if not folder.fine:
            return
        yield from _modes(settings.data_dir, settings.database_path, settings.secret_path)
    yield _secret(settings)
    yield from _mail(settings)
    yield from _calendar_apps(settings)
    if settings.postgresql_url is None and not settings.database_path.exists():
        yield Finding(fine=True, text=f"There is no database at {settings.database_path} yet; `doable serve` makes it")
        return
    yield from _database(settings)


def examine_backup(path: Path) -> Iterator[Finding]:
    """Read all of a backup of the database that is set."""
    from doable.backups import restoring

    try:
        backup = restoring.examine(Settings.load(), path)
    except Misconfigured as error:
        yield Finding(fine=False, text=str(error))
        return
    yield Finding(fine=True, text=f"The backup {path} is whole: {backup}")
    yield from _modes(path)


def _sqlite() -> Finding:
    from doable.database.sqlite.driver import safe_for_several_processes, sqlite3

    version = f"SQLite {sqlite3.sqlite_version}"
    if safe_for_several_processes():
        return Finding(fine=True, text=version)
    text = f"{version}: older than 3.51.3, so serve with one worker only and use no `doable users` beside it"
    return Finding(fine=True, text=text)


def _folder(path: Path) -> Finding:
    """Whether the folder can be used, or made."""
    nearest = path
    while not os.path.lexists(nearest):
        nearest = nearest.parent
    mend = f"Mend it: set DATA_DIR to a folder of your own, or move {nearest} out of the way"
    if not nearest.is_dir():
        return Finding(fine=False, text=f"The folder {path} cannot be used: {nearest} is not a folder. {mend}")
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        mend = f"Mend it: set DATA_DIR to a folder of your own, or let this user write to {nearest}"
        return Finding(fine=False, text=f"The folder {path} cannot be used: {nearest} cannot be written to. {mend}")
    return Finding(fine=True, text=f"The folder {path} " + ("can be used" if nearest == path else "can be made"))


def _modes(*paths: Path) -> Iterator[Finding]:
    for path in paths:
        if not path.exists():
            continue
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            private = 0o700 if path.is_dir() else 0o600
            text = f"{path} is open to other users (mode {mode:04o}). Mend it: chmod {private:o} {path}"
            yield Finding(fine=False, text=text)
        else:
            yield Finding(fine=True, text=f"{path} is open to this user alone")


def _secret(settings: Settings) -> Finding:
    generated = settings.postgresql_url is None and settings.secret_key is None
    if generated and not settings.secret_path.exists():
        return Finding(fine=True, text=f"There is no secret yet; `doable serve` makes one in {settings.secret_path}")
    try:
        _ = settings.secret
    except Misconfigured as error:
        return Finding(fine=False, text=str(error))
    return Finding(fine=True, text=f"The secret in {settings.secret_path}" if generated else "The secret of SECRET_KEY")


def _mail(settings: Settings) -> Iterator[Finding]:
    server = settings.mail_server
    if server is None:
        text = f"Mails are written to {settings.mail_path} and not sent: SMTP_URL is not set"
        yield Finding(fine=True, text=text)
        yield from _modes(settings.mail_path)
    else:
        yield _mail_server(server)
    yield Finding(fine=True, text=f"The links in mails begin with {settings.public_url}")


def _mail_server(server: MailServer) -> Finding:
    where = f"The mail server {server.host}:{server.port}"
    try:
        with delivery.connection(server):
            pass
    except (OSError, UnicodeError) as error:  # its text may quote the user
        reason = (
            f"{type(error).__name__}, {error.strerror}"
            if error.args and isinstance(error, OSError) and error.strerror
            else type(error).__name__
        )
        return Finding(
            fine=False, text=f"{where} cannot be used ({reason}). Mend it: look at SMTP_URL and at the server"
        )
    return Finding(
        fine=True, text=f"{where} answers" + ("" if server.user is None else ", and takes user and password")
    )


def _calendar_apps(settings: Settings) -> Iterator[Finding]:
    """What somebody types into an app, and whether it comes through."""
    address = settings.link("/dav/" if settings.public_path else "", whole=True)
    said = f"Apps with tasks (CalDAV) connect to {address}"
    if "public_url" not in settings.model_fields_set:
        yield Finding(fine=True, text=f"{said}, from this machine alone: PUBLIC_URL is not set")
        return
    is_https = settings.public_url.startswith("https://")
    yield Finding(fine=True, text=said if is_https else f"{said}, but iPhones and Macs do not: they need https")
    yield _asked_as_by_an_app(settings)


def _asked_as_by_an_app(settings: Settings) -> Finding:
    """Nobody can tell from here whether nothing answers at the public address, or only this machine does not get there."""
    parts = urlsplit(settings.public_url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    root = settings.link("/dav/")
    mend = "Mend it: docs/operations.md, “Calendar apps behind a proxy”"
    try:
        with closing(connect(parts.hostname or "", parts.port, timeout=SECONDS)) as connection:
            for method in ("PROPFIND", "REPORT"):
                answer = _answer(connection, method, root)
                if answer.status in NOT_THERE:
                    return Finding(fine=True, text=f"Whether they arrive cannot be seen: {answer.status} at {root}")
                if "calendar-access" not in answer.headers.get("DAV", ""):
                    text = (
                        f"{method} {root} at {parts.netloc} is answered by something else, with {answer.status}. {mend}"
                    )
                    return Finding(fine=False, text=text)
            answer = _answer(connection, "PROPFIND", "/.well-known/caldav")
            if urlsplit(answer.headers.get("Location", "")).path != root:
                text = f"/.well-known/caldav at {parts.netloc} does not lead to {root}, where apps look for it. {mend}"
                return Finding(fine=False, text=text)
    except UNREACHABLE as error:
        return Finding(fine=True, text=f"Whether they arrive cannot be seen from this machine: {reason_of(error)}")
    return Finding(fine=True, text=f"Requests of such apps arrive there, and are answered at {root}")


def _answer(connection: http.client.HTTPConnection, method: str, path: str) -> http.client.HTTPResponse:
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    return answer


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        found = asyncio.run(schema_of(settings))
        yield Finding(fine=True, text=f"The database {settings.database_name} answers")
        if settings.postgresql_url is not None:
            yield from _pooler(settings.postgresql_url, settings.postgresql_listen_url)
        due = needs_migration(found)
    except DoableError as error:
        yield Finding(fine=False, text=str(error))
        return
    if due:
        version = "none" if found is None else found.version
        text = f"The schema is at version {version} and {SCHEMA_VERSION} is needed. Mend it: doable migrate"
        yield Finding(fine=False, text=text)
    elif found is not None:
        newer = (
            "" if found.version == SCHEMA_VERSION else f", and this Doable, which is at {SCHEMA_VERSION}, works with it"
        )
        yield Finding(fine=True, text=f"The schema is at version {found.version}{newer}")
        yield from _dangling(settings)


def _dangling(settings: Settings) -> Iterator[Finding]:
    async def count() -> dict[str, int]:
        async with open_database(settings) as database:
            return await dangling(database)

    try:
        counted = asyncio.run(count())
    except DoableError as error:
        yield Finding(fine=False, text=f"What names nothing could not be counted: {error}")
        return
    for name, number in counted.items():
        if number:
            rows = "1 row" if number == 1 else f"{number} rows"
            mend = "Mend it: docs/operations.md, “Something names what is not there”"
            yield Finding(
                fine=False, text=f"{rows} of {name} name{'s' if number == 1 else ''} what is not there. {mend}"
            )
    if not any(counted.values()):
        yield Finding(fine=True, text="Every list, section, parent and tag that is named is there")


def _pooler(url: str, listen_url: str | None) -> Iterator[Finding]:
    from doable.database.postgresql.servers import pooling_of

    pooling = asyncio.run(pooling_of(url))
    if not pooling.by_transaction:
        return
    limits = (
        "the time limits are set in each transaction; with ALTER ROLE … SET for each of them, reads would be faster"
        if pooling.limits
        else "the role has the time limits"
    )
    heard = (
        "changes of other processes are heard every 5 seconds, and with DATABASE_LISTEN_URL at once"
        if listen_url is None
        else "changes are heard by DATABASE_LISTEN_URL"
    )
    yield Finding(fine=True, text=f"A pooler that pools by transaction is between: {limits}; {heard}")
