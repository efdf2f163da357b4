"""The tokens in links, which somebody follows who is not logged in: the user, and 256 random bits. Only their digests are kept."""

import base64
import re
import uuid
from dataclasses import dataclass
from secrets import token_bytes
from typing import Final

from doable.digest import digest_of
from doable.errors import MailTokenInvalid

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{64}")


@dataclass(frozen=True, slots=True)
class LinkToken:
    """A well-formed token; only the database can tell whether it is good."""

    user_id: str
    text: str

    @property
    def digest(self) -> str:
        """The form in which it is kept."""
        return digest_of(self.text)


def new_link_token(user_id: str) -> LinkToken:
    """A token for this user."""
    return LinkToken(user_id, base64.urlsafe_b64encode(uuid.UUID(user_id).bytes + token_bytes(32)).decode())


def read_link_token(text: str) -> LinkToken | None:
    """The token in this text. None if it cannot be one."""
    if not _TOKEN.fullmatch(text):
        return None
    return LinkToken(str(uuid.UUID(bytes=base64.urlsafe_b64decode(text)[:16])), text)


def read_mail_token(text: str) -> LinkToken:
    """The token of a mailed link. Raises MailTokenInvalid if it cannot be one."""
    token = read_link_token(text)
    if token is None:
        raise MailTokenInvalid
    return token
