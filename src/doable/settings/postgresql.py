"""The URL of a PostgreSQL. Every parameter that libpq knows is used, or is not needed, or is refused by name."""

import getpass
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, SecretStr

ENCODE: Final = "must have the characters / ? # @ in a user or password written as %2F %3F %23 %40"
DEFAULT_PORT: Final = 5432
MAX_PORT: Final = 65_535


def _is(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def _ports(value: str) -> bool:
    return all(each.isdecimal() and 0 < int(each) <= MAX_PORT for each in value.split(","))


_ANY: Final = bool
_NONE: Final = _is()
_NUMBER: Final = str.isdecimal
_TLS: Final = _is("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

PARAMETERS: Final[Mapping[str, Callable[[str], bool]]] = {
    # Used.
    "host": _ANY,
    "port": _ports,
    "dbname": _ANY,
    "user": _ANY,
    "password": _ANY,
    "passfile": _ANY,
    "service": _ANY,
    "connect_timeout": _NUMBER,
    "application_name": _ANY,
    "options": _ANY,
    "target_session_attrs": _is("any", "read-write", "primary"),
    "load_balance_hosts": _is("disable", "random"),
    "channel_binding": _is("disable", "prefer", "require"),
    "sslmode": _is("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "ssl": _is("true", "false"),
    "sslnegotiation": _is("postgres", "direct"),
    "sslrootcert": _ANY,
    "sslcert": _ANY,
    "sslkey": _ANY,
    "sslpassword": _ANY,
    "sslcrl": _ANY,
    "ssl_min_protocol_version": _TLS,
    "ssl_max_protocol_version": _TLS,
    "krbsrvname": _ANY,
    "gsslib": _is("gssapi", "sspi"),
    # Not needed with these values: what they ask for is so anyway. With others the driver cannot do it.
    "client_encoding": _is("utf8", "UTF8", "utf-8", "UTF-8", "unicode", "auto"),
    "fallback_application_name": _ANY,
    "gssdelegation": _is("0"),
    "gssencmode": _is("disable", "prefer"),
    "keepalives": _NUMBER,
    "keepalives_count": _NUMBER,
    "keepalives_idle": _NUMBER,
    "keepalives_interval": _NUMBER,
    "max_protocol_version": _ANY,
    "min_protocol_version": _is("3.0"),
    "replication": _is("false", "off", "no", "0"),
    "sslcertmode": _is("allow"),
    "sslcompression": _is("0"),
    "sslsni": _is("1"),
    "tcp_user_timeout": _NUMBER,
    # The driver cannot do these at all.
    "hostaddr": _NONE,
    "oauth_client_id": _NONE,
    "oauth_client_secret": _NONE,
    "oauth_issuer": _NONE,
    "oauth_scope": _NONE,
    "require_auth": _NONE,
    "requirepeer": _NONE,
    "requiressl": _NONE,
    "scram_client_key": _NONE,
    "scram_server_key": _NONE,
    "servicefile": _NONE,
    "sslcrldir": _NONE,
    "sslkeylogfile": _NONE,
    # Words to other clients, in strings that providers show. They say nothing to Doable.
    "connection_limit": _ANY,
    "pgbouncer": _ANY,
    "pool_timeout": _ANY,
    "supa": _ANY,
    "uselibpqcompat": _ANY,
}
"""The values that each may have."""

_FOR_THE_DRIVER: Final[tuple[str, ...]] = (
    "passfile", "service", "sslmode", "sslnegotiation", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib",
)  # fmt: skip

_NOT_WITH_SYSTEM_ROOTS: Final = frozenset({
    "sslcert", "sslkey", "sslpassword", "sslcrl", "ssl_min_protocol_version", "ssl_max_protocol_version"
})  # fmt: skip


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
        raise ValueError(ENCODE)
    # PostgreSQL takes several addresses, separated by commas.
    for address in addresses.split(","):
        try:
            _ = urlsplit(f"//{address}").port
        except ValueError:
            raise ValueError("must have a port from 1 to 65535, or none") from None
    for name, text in parse_qsl(parts.query, keep_blank_values=True):
        if name not in PARAMETERS:
            raise ValueError("has a parameter that libpq does not know; settings of the server go into options=-c%20…")
        if text and not PARAMETERS[name](text):
            message = f"has a value of {name} that Doable cannot use; docs/operations.md lists those that it can"
            raise ValueError(message)
    url = f"postgresql{url[len(parts.scheme) :]}"
    if PostgreSQLServers.of(url).user is None:
        _check_user()
    return SecretStr(url)


def _check_user() -> None:
    """Raise ValueError unless the driver finds a user by itself."""
    if "PGUSER" not in os.environ:
        try:
            getpass.getuser()
        except (KeyError, OSError):
            raise ValueError(
                "names no user, and the one who runs this has no name: write postgresql://user@…"
            ) from None


PostgreSQLURL = Annotated[SecretStr, AfterValidator(_postgresql_url)]
"""A URL of PostgreSQL, without a driver's name."""


def without_password(url: str) -> str:
    """The URL without user, password and options, to be shown to a person."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


@dataclass(frozen=True, slots=True)
class PostgreSQLServers:
    """The servers of a URL, of which one is the primary, and how to log in to any of them."""

    hosts: tuple[tuple[str, int], ...]
    """Names and ports; or folders of sockets. Without any, the driver looks in the usual places."""
    user: str | None
    password: str | None
    database: str | None
    settings: Mapping[str, str]
    """What the server is told at the start of a connection."""
    connect_timeout: float | None
    is_balanced: bool
    """Whether the first host is chosen at random."""
    has_system_roots: bool
    """Whether the server's certificate must be good by the machine's own list of authorities."""
    driver_url: str
    """The rest, in the form in which asyncpg reads it."""

    @classmethod
    def of(cls, url: str) -> Self:
        """The servers of a URL. Raises ValueError if hosts and ports do not fit together."""
        parts = urlsplit(url)
        given = {name: text for name, text in parse_qsl(parts.query) if text}
        credentials, _, addresses = parts.netloc.rpartition("@")
        user, _, password = credentials.partition(":")
        hosts = _hosts(addresses or given.get("host", ""), given.get("port", ""))
        if given.get("ssl") and "sslmode" not in given:
            given["sslmode"] = "require" if given["ssl"] == "true" else "disable"
        if given.get("channel_binding") == "require":
            # The driver has none. What it is for, that nobody stands between, a certificate that is checked does as well.
            given |= {"sslmode": "verify-full", "sslrootcert": given.get("sslrootcert", "system")}
        has_system_roots = given.get("sslrootcert") == "system"
        if has_system_roots and not _NOT_WITH_SYSTEM_ROOTS.isdisjoint(given):
            raise ValueError("cannot have the system's root certificates and a certificate or TLS version of its own")
        if has_system_roots:
            del given["sslrootcert"]
        settings = {"application_name": given.get("application_name", "doable")}
        if "options" in given:
            settings["options"] = given["options"]
        for_the_driver = {name: given[name] for name in _FOR_THE_DRIVER if name in given}
        return cls(
            hosts=hosts,
            user=unquote(user) or given.get("user"),
            password=unquote(password) or given.get("password"),
            database=unquote(parts.path.removeprefix("/")) or given.get("dbname"),
            settings=settings,
            connect_timeout=float(given.get("connect_timeout", 0)) or None,
            is_balanced=given.get("load_balance_hosts") == "random",
            has_system_roots=has_system_roots,
            driver_url="postgresql://" + (f"?{urlencode(for_the_driver)}" if for_the_driver else ""),
        )


def _hosts(addresses: str, ports: str) -> tuple[tuple[str, int], ...]:
    """Hosts with the ports that stand beside them, or else in a list of their own, or else the usual one."""
    hosts = [_host(each) for each in addresses.split(",")] if addresses else []
    others = [int(each) for each in ports.split(",")] if ports else [DEFAULT_PORT]
    if len(others) == 1:
        others *= len(hosts)
    if len(others) != len(hosts):
        raise ValueError("must have one port, or one for each host")
    return tuple((host, port or other) for (host, port), other in zip(hosts, others, strict=True))


def _host(address: str) -> tuple[str, int | None]:
    if address.startswith("/"):
        return address, None
    parts = urlsplit(f"//{address}")
    name = address.removesuffix(f":{parts.port}")
    return unquote(name.strip("[]")) or "localhost", parts.port
