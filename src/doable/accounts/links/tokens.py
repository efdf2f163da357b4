"""The tokens of mailed links: the user, and 256 random bits. Only their digests are kept."""

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
class MailToken:
    """A well-formed token; only the database can tell whether it is good."""

    user_id: str
    text: str

    @property
    def digest(self) -> str:
        """The form in which it is kept."""
        return digest_of(self.text)


def new_mail_token(user_id: str) -> MailToken:
    """A token for this user."""
    return MailToken(user_id, base64.urlsafe_b64encode(uuid.UUID(user_id).bytes + token_bytes(32)).decode())


def read_mail_token(text: str) -> MailToken:
    """The token in this text. Raises MailTokenInvalid if it cannot be one."""
    if not _TOKEN.fullmatch(text):
        raise MailTokenInvalid
    return MailToken(str(uuid.UUID(bytes=base64.urlsafe_b64decode(text)[:16])), text)
