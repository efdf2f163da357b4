"""E-mail addresses: how they are checked, and how mail is addressed. Nothing is sent, and no name server is asked."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError

from doable.errors import Invalid

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

HOME: Final = ("localhost", "local", "home.arpa")
"""Domains whose mail goes no further than a machine or a home network (RFC 6761, 6762 and 8375)."""


def normalised(value: str) -> str:
    """The address in one Unicode form, without white space around it; upper and lower case stay as they are before the @.

    Raises PydanticCustomError, a ValueError, if it is not an address. Addresses in `.test`, which RFC 2606 reserves for
    tests, and addresses of home networks are accepted.
    """
    try:
        return _validated(value.strip()).normalized
    except ValueError as error:
        # The library's sentence may quote the address.
        kind, message = "email_not_valid", "This is not a valid e-mail address"
        raise PydanticCustomError(kind, message) from error


def deliverable(address: str) -> str:
    """The address in the form for servers that know only ASCII, if there is such a form."""
    found = _validated(address)
    return found.ascii_email or found.normalized


def check_reachable(address: str, *, field: str) -> None:
    """Raise Invalid for an address in a home network, if mail must reach it. `field` is its name in the body."""
    if _is_at_home(address):
        message = "Mail must be able to reach this address, and it is in a home network"
        raise Invalid(message, where=("body", field))


@cache
def _library() -> Any:
    """The library, with its list of domains as it is needed here. It is imported at the first address, since that takes a while."""
    import email_validator

    # It always refuses these, and says to take them out of its list. Others in .arpa stay refused.
    for name in ("localhost", "local", "arpa"):
        if name in email_validator.SPECIAL_USE_DOMAIN_NAMES:
            email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(name)
    return email_validator


def _validated(address: str) -> "ValidatedEmail":
    """Raises ValueError."""
    at_home = _is_at_home(address)
    found: ValidatedEmail = _library().validate_email(
        address, check_deliverability=False, test_environment=True, globally_deliverable=not at_home
    )
    is_of_infrastructure = found.ascii_domain is not None and not at_home and found.ascii_domain.endswith(".arpa")
    # What looks like an encoded word is decoded on the way, and then is another address, or several, or another header.
    if is_of_infrastructure or "=?" in found.normalized:
        raise ValueError
    return found


def _is_at_home(address: str) -> bool:
    domain = address.rpartition("@")[2].lower()
    return domain in HOME or domain.endswith(tuple(f".{each}" for each in HOME))
