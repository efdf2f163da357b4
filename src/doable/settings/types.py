"""The types of settings. Each reads its text, and refuses any other without repeating a word of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.policy import SMTP
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

import platformdirs
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from doable.settings.issuers import is_loopback
from doable.settings.postgresql import ENCODE, MAX_PORT

T = TypeVar("T")


def _parts(url: str, refusal: str = "is not a URL") -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a ValueError if it is no port
    except ValueError:
        raise ValueError(refusal) from None
    return parts


def _smtp_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    parts = _parts(url, "is not a URL with a port from 1 to 65535")
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be smtp://user:password@host:587 or smtps://user:password@host:465")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("must have a user and a password, or neither")
    if "#" in url:
        raise ValueError(ENCODE)
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


MIN_SCRAPER_TOKEN: Final = 16
"""Characters, so that nobody guesses it."""


def _scraper_token(value: SecretStr) -> SecretStr:
    if len(value) < MIN_SCRAPER_TOKEN:
        message = f"must have at least {MIN_SCRAPER_TOKEN} characters; `openssl rand -hex 32` makes a good one"
        raise ValueError(message)
    return value


ScraperToken = Annotated[SecretStr, AfterValidator(_scraper_token)]
"""What a scraper of the figures must send."""


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

TASK_ID: Final = "{task_id}"
"""Stands for the id in a `TaskURL`."""


def _task_url(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or TASK_ID not in value or TASK_ID in parts.netloc:
        raise ValueError("must be like https://app.example.com/tasks/{task_id}")
    if not value.isascii() or not value.isprintable() or " " in value:  # it goes into mails as it is
        raise ValueError("must have only letters, digits and signs of ASCII: encode any other as %20 or such")
    return value


TaskURL = Annotated[str, AfterValidator(_task_url)]
"""The URL of a task, with `{task_id}` where its id is."""


def _each(read: Callable[[str], T]) -> Callable[[Any], Any]:
    """Reads what is separated by commas. Its ValueError has the number of what cannot be used."""

    def read_each(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = []
        for number, text in enumerate(value.split(",") if value.strip() else (), 1):
            try:
                found.append(read(text.strip()))
            except ValueError as error:
                message = (
                    f"is wrong in number {number}: {error if text.strip() else 'there is nothing between two commas'}"
                )
                raise ValueError(message) from None
        return tuple(found)

    return read_each


_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def _origin(text: str) -> str:
    origin = text.removesuffix("/").lower()
    if origin == "*":
        return origin
    if "*" in origin:
        raise ValueError("a * stands for every origin, and cannot be a part of one")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("an origin is like https://app.example.com, maybe with a port, and nothing behind it")
    parts = _parts(origin, "its port is not from 1 to 65535")
    if parts.port == _DEFAULT_PORTS.get(parts.scheme, 0):
        raise ValueError("browsers leave out a port that the scheme has anyway, and so must this")
    return origin


def _every_origin_or_some(origins: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in origins and len(origins) > 1:
        raise ValueError("has * beside others: it stands for every origin")
    return origins


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_each(_origin)), AfterValidator(_every_origin_or_some)]
"""Origins of web pages as browsers send them, separated by commas."""

_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]", re.ASCII)


def _host(text: str) -> str:
    host = text.lower()
    if not _HOST.fullmatch(host):
        raise ValueError("a host is like tasks.example.com, without scheme, port and *")
    return host


Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_each(_host))]
"""Names or addresses of hosts in lower case, separated by commas."""


_PUSH_HOST: Final = re.compile(
    r"(?P<below>\*\.)?(?P<name>[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_ADDRESS: Final = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)|\[.*", re.ASCII)
"""What a resolver takes for an address, in whatever spelling."""


@dataclass(frozen=True, slots=True)
class PushHost:
    """A host that push messages may be sent to."""

    name: str
    """In lower case; an IPv6 address in brackets."""
    port: int
    below: bool = False
    """It is not this host, but every one below it."""
    is_loopback: bool = False
    """It is on this machine, where plain HTTP will do."""


def _push_host(text: str) -> PushHost:
    found = _PUSH_HOST.fullmatch(text.lower())
    if found is None:
        raise ValueError("a host is like push.example.com or *.push.example.com, maybe with a port")
    name, below = found["name"], found["below"] is not None
    port = int(found["port"] or _DEFAULT_PORTS["https"])
    if port > MAX_PORT:
        raise ValueError("its port is not from 1 to 65535")
    on_this_machine = not below and is_loopback(name.strip("[]"))
    if on_this_machine and found["port"] is None:
        raise ValueError("a host of this machine must have its port")
    if not on_this_machine and _ADDRESS.fullmatch(name):
        raise ValueError("an address can only be one of this machine, with its port")
    return PushHost(name, port, below, on_this_machine)


PushHosts = Annotated[tuple[PushHost, ...], NoDecode, BeforeValidator(_each(_push_host))]
"""Hosts that push messages may be sent to, separated by commas."""


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError("it is no address, and no network like 10.0.0.0/8 without bits behind its mask") from None


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_each(_network))]
"""Addresses and networks, separated by commas."""


def _folder(value: Path) -> Path:
    try:
        return value.expanduser().absolute()
    except RuntimeError:
        raise ValueError("is or would be in a home folder, and there is none: set it to another folder") from None
    except OSError:
        raise ValueError("is no absolute path, and the present folder cannot be read") from None


def default_folder() -> Path:
    """Where the user who runs this keeps data. Without a home it is none, and refused as such."""
    try:
        return platformdirs.user_data_path("doable")
    except RuntimeError:
        return Path("~")


Folder = Annotated[Path, AfterValidator(_folder)]
"""An absolute path."""
