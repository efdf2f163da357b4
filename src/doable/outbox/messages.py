"""Mails as they are sent, with plain text and HTML of the same."""

import re
from collections.abc import Mapping
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime, make_msgid
from typing import Any, ClassVar, Final

from doable import clock

NOBODYS_SENDER: Final = "doable@localhost"
"""The sender of mails that are written to files, if MAIL_FROM is not set."""


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")


def without_controls(text: str) -> str:
    """The text without control characters, but for tabs and line ends."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join(without_controls(text).split())


class _Subject:
    """A subject as it is meant: the library would decode what looks like an encoded word, and what is in that could be a line end."""

    max_count: ClassVar = 1
    name: str

    @classmethod
    def parse(cls, value: str, into: dict[str, Any]) -> None:
        """Take it as it is."""
        into.update(decoded=value, parse_tree=None)

    def fold(self, *, policy: Policy) -> str:
        """In lines as they are sent (RFC 2047)."""
        value = str(self)
        charset = "us-ascii" if value.isascii() and "=?" not in value else "utf-8"
        folded = Header(value, charset, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {folded}{policy.linesep}"


class _Address(UniqueUnstructuredHeader):
    """A header of one line, however long: the library makes encoded words of a long one, and who reads an address undoes none."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        """As it is."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
for _name, _kind in (("subject", _Subject), ("list-unsubscribe", _Address)):
    _HEADERS.map_to_type(_name, _kind)  # type: ignore[arg-type] # its stub asks for what it makes of this
_POLICIES: Final = {
    is_ascii: (SMTP if is_ascii else SMTPUTF8).clone(header_factory=_HEADERS) for is_ascii in (True, False)
}


def build(
    *,
    sender: str | None,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    id_: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """A mail to one address in the form that `deliverable` gives. `id_`: what it is known by, at each attempt to send it.

    Raises ValueError for text that cannot be in a header; a line end in an address, for example, would begin another one.
    """
    message = EmailMessage(policy=_POLICIES[recipient.isascii()])
    message["From"] = sender or NOBODYS_SENDER
    name, _, domain = recipient.rpartition("@")
    message["To"] = Address(username=name, domain=domain)  # this takes more than ASCII, unlike `addr_spec`
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    domain = message["From"].addresses[0].domain
    message["Message-ID"] = make_msgid(domain=domain) if id_ is None else f"<{id_}@{domain}>"
    # So that no machine answers (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    for each, value in (headers or {}).items():
        message[each] = value
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message
