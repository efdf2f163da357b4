"""Which issuers' tokens are accepted besides Doable's own."""

import ipaddress
import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic import model_validator as validator
from pydantic_settings import NoDecode

from doable.settings.secret import MIN_SECRET_BYTES, is_long_enough

OWN_ISSUER: Final = "doable"
"""The issuer in Doable's own tokens. No other issuer may have this name."""

BETTER_AUTH_PATH: Final = "/api/auth"
"""Where Better Auth answers unless its URL has a path of its own."""

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[!-~]+$")]


class TrustedIssuer(BaseModel):
    """An issuer, the audience that its tokens are for, and its keys: published ones, or a shared secret."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    issuer: _Text
    audience: _Text
    jwks_url: str | None = None
    secret: SecretStr | None = None

    @field_validator("issuer")
    @classmethod
    def _is_another(cls, value: str) -> str:
        if value == OWN_ISSUER:
            raise ValueError("is Doable's own name")
        return value

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, value: str | None) -> str | None:
        if value is not None:
            check_url(value)
        return value

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_long_enough(value):
            message = f"must have at least {MIN_SECRET_BYTES} bytes"
            raise ValueError(message)
        return value

    @validator(mode="after")
    def _has_one_of_them(self) -> Self:
        if (self.jwks_url is None) == (self.secret is None):
            raise ValueError("needs a jwks_url or a secret, and not both")
        return self


def check_url(url: str) -> SplitResult:
    """The parts of a URL that keys may be read from. Raises ValueError if somebody could change them on their way."""
    parts = urlsplit(url)
    if not url.isascii() or not url.isprintable() or " " in url or not parts.hostname:
        raise ValueError("is not a URL")
    _ = parts.port  # a ValueError if it is no port
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must have no user, no password and no fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("must begin with https://, or for this machine with http://127.0.0.1 or http://localhost")
    return parts


def read_issuers(text: str) -> tuple[TrustedIssuer, ...]:
    """The issuers of a JSON list. Raises ValueError, which says which entry is wrong and repeats nothing of it."""
    form = "must be a JSON list of {issuer, audience, jwks_url} or {issuer, audience, secret}"
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(form) from None
    if not isinstance(entries, list):
        raise ValueError(form)  # noqa: TRY004 - Pydantic takes ValueErrors for answers
    return check_issuers([_read_issuer(number, entry) for number, entry in enumerate(entries, 1)])


def check_issuers(issuers: Sequence[TrustedIssuer]) -> tuple[TrustedIssuer, ...]:
    """These issuers. Raises ValueError if one is named twice: nobody could tell whose keys count."""
    if len({each.issuer for each in issuers}) < len(issuers):
        raise ValueError("must name each issuer once")
    return tuple(issuers)


def better_auth(url: str) -> TrustedIssuer:
    """Better Auth with its `jwt` plugin as it is by default: issuer and audience are the URL's origin.

    Raises ValueError if the URL cannot be used.
    """
    parts = check_url(url)
    if parts.query:
        raise ValueError("must have no query")
    path = parts.path.rstrip("/") or BETTER_AUTH_PATH
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = {"https": 443, "http": 80}[parts.scheme]
    origin = f"{parts.scheme}://{host}" + ("" if parts.port in {None, default} else f":{parts.port}")
    return TrustedIssuer(issuer=origin, audience=origin, jwks_url=f"{origin}{path}/jwks")


def is_loopback(hostname: str) -> bool:
    """Whether this names the machine itself. An IPv6 address is without brackets."""
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"


def _read_issuer(number: int, entry: Any) -> TrustedIssuer:
    try:
        return TrustedIssuer.model_validate(entry)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        known = problem["loc"] and problem["loc"][0] in TrustedIssuer.model_fields
        where = f"{problem['loc'][0]} " if known else ""
        message = f"is wrong in entry {number}: {where}{problem['msg'].removeprefix('Value error, ')}"
        raise ValueError(message) from None


Issuers = Annotated[
    tuple[TrustedIssuer, ...],
    NoDecode,
    BeforeValidator(lambda value: read_issuers(value) if isinstance(value, str) else value),
]
"""Issuers, as a JSON list."""
