"""A database that Doable cannot use, told in a sentence: for good, or until it is there."""

import ssl
from typing import Final

import asyncpg

from doable.database.postgresql.transaction import Connection
from doable.errors import Misconfigured, NotReady

# SQLSTATE classes and codes: connection, resources (too many connections), the server starts or stops.
_MAY_PASS: Final = ("08", "53", "57P")


def refusal(error: Exception) -> Misconfigured:
    """The error to raise when no connection could be made. NotReady if one may be made later: the server is not there yet."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    message = f"PostgreSQL cannot be reached: {reason}. Look at DATABASE_URL and at the server."
    return NotReady(message) if _may_pass(error) else Misconfigured(message)


def _may_pass(error: Exception) -> bool:
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "08").startswith(_MAY_PASS)
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):  # no primary yet
        return True
    return isinstance(error, OSError) and not isinstance(error, (ssl.SSLError, PermissionError))


def check_encoding(connection: Connection) -> None:
    """Raise Misconfigured if the database cannot hold every text. The server says so with each connection."""
    encoding = connection.get_settings().server_encoding
    if encoding != "UTF8":
        message = (
            f"The database has the encoding {encoding}, which cannot hold every text. Make one with "
            "`CREATE DATABASE doable ENCODING 'UTF8' TEMPLATE template0`, and name it in DATABASE_URL."
        )
        raise Misconfigured(message)
