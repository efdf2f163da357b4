"""The types of settings. Each reads its text, and refuses any other without repeating a word of it."""

import re
from dataclasses import dataclass
from email.policy import SMTP
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, IPvAnyNetwork, SecretStr
from pydantic_settings import NoDecode

_ENCODE: Final = "must have the characters / ? # @ in a user or password written as %2F %3F %23 %40"


def _parts(url: str, refusal: str = "is not a URL") -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a ValueError if it is no port
    except ValueError:
        raise ValueError(refusal) from None
    return parts


def _postgresql_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value().strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("is not a URL") from None
    scheme, _, driver = parts.scheme.partition("+")
    if scheme not in {"postgresql", "postgres"} or driver not in {"", "asyncpg", "psycopg"}:
        raise ValueError(
            "must start with postgresql://; for the embedded SQLite database leave it out and set DATA_DIR"
        )
    _, credentials, addresses = parts.netloc.rpartition("@")
    if not credentials and "@" in url:
        # The part after a bare / or ? or # in a password would be taken for the database's name, and shown.
        raise ValueError(_ENCODE)
    # PostgreSQL takes several addresses, separated by commas.
    for address in addresses.split(","):
        _parts(f"//{address}", "must have a port from 1 to 65535, or none")
    return SecretStr(f"postgresql{url[len(parts.scheme) :]}")


PostgreSQLURL = Annotated[SecretStr, AfterValidator(_postgresql_url)]
"""A URL of PostgreSQL, without a driver's name."""


def without_password(url: str) -> str:
    """The URL without user, password and options, to be shown to a person."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _smtp_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    parts = _parts(url, "is not a URL with a port from 1 to 65535")
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be smtp://user:password@host:587 or smtps://user:password@host:465")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must have a user and a password, or neither")
    if "#" in url:
        raise ValueError(_ENCODE)
    return value


SMTPURL = Annotated[SecretStr, AfterValidator(_smtp_url)]
"""A URL of a mail server."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that mail is handed to, and the user for it."""

    host: str
    port: int
    tls: bool
    """From the first byte, in place of STARTTLS."""
    user: str | None
    password: str

    @classmethod
    def of(cls, url: SecretStr) -> Self:
        """The server in this `SMTPURL`."""
        parts = urlsplit(url.get_secret_value())
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (465 if tls else 587),
            tls=tls,
            user=None if parts.username is None else unquote(parts.username),
            password=unquote(parts.password or ""),
        )


def _sender(value: str) -> str:
    refusal = "must be one address, tasks@example.com or Tasks <tasks@example.com>"
    try:
        header = SMTP.header_factory("From", value)
    except (ValueError, IndexError):
        raise ValueError(refusal) from None
    if header.defects or len(header.addresses) != 1 or not header.addresses[0].domain:
        raise ValueError(refusal)
    return value


Sender = Annotated[str, AfterValidator(_sender)]
"""The sender of mails."""


def _public_url(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be like https://tasks.example.com, maybe with a path")
    return value.rstrip("/")


PublicURL = Annotated[str, AfterValidator(_public_url)]
"""A URL that something can be appended to."""


def _split(value: Any) -> Any:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _origins(value: Any) -> Any:
    return [each.rstrip("/") for each in _split(value)] if isinstance(value, str) else value


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
"""Origins of web pages, separated by commas."""
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]", re.ASCII)


def _hosts(value: Any) -> Any:
    hosts = [each.lower() for each in _split(value)]
    for position, host in enumerate(hosts, 1):
        if not _HOST.fullmatch(host):
            message = f"must be host names like tasks.example.com, without scheme and port; number {position} is none"
            raise ValueError(message)
    return tuple(hosts)


Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_hosts)]
"""Names or addresses of hosts in lower case, separated by commas."""
Networks = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_split)]
"""Addresses and networks, separated by commas."""


def _folder(value: Path) -> Path:
    try:
        return value.expanduser().absolute()
    except RuntimeError:
        raise ValueError("names a home folder that cannot be found") from None


Folder = Annotated[Path, AfterValidator(_folder)]
"""An absolute path."""
