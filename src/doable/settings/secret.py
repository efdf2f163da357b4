"""Secrets: how long one must be, and the one that is made and kept if none is given."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from doable.errors import Misconfigured

MIN_SECRET_BYTES: Final = 32


def is_long_enough(secret: SecretStr) -> bool:
    """Whether it is too long to be guessed."""
    return len(secret.get_secret_value().encode()) >= MIN_SECRET_BYTES


def _check(secret: SecretStr) -> SecretStr:
    if not is_long_enough(secret):
        message = f"(or BETTER_AUTH_SECRET) must have at least {MIN_SECRET_BYTES} bytes; `openssl rand -hex 32` makes a good one"
        raise ValueError(message)
    return secret


def _check_each(found: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not all(is_long_enough(secret) for secret in found):
        message = f"must each have at least {MIN_SECRET_BYTES} bytes, as every SECRET_KEY has"
        raise ValueError(message)
    return found


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.lstrip().startswith("["):
        return tuple(secret.strip() for secret in value.split(","))
    try:
        return tuple(json.loads(value))
    except ValueError:
        raise ValueError("must be separated by commas, or be a JSON list of strings") from None


SecretKey = Annotated[SecretStr, AfterValidator(_check)]
SecretKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_each)]
"""Several, separated by commas, or a JSON list if one has a comma in it."""


def kept_secret(path: Path) -> bytes:
    """The secret in this file, which is made if it does not exist. Raises Misconfigured."""
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        message = f"The secret in {path} cannot be read or made: {error.strerror}."
        raise Misconfigured(message) from None
    if len(secret) < MIN_SECRET_BYTES:
        message = f"The secret in {path} is shorter than {MIN_SECRET_BYTES} bytes. Restore it, or remove the file: then every user has to log in again."
        raise Misconfigured(message)
    return secret


def _make(path: Path) -> None:
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        # Processes that start together all read the secret of the first. (A link would tell who that is, but not every
        # disk has links.) Whoever died here has left a draft, perhaps with something in it.
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            draft.unlink(missing_ok=True)
            return
        file.truncate()
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
        draft.rename(path)
