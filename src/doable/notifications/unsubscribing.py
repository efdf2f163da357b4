"""The address that a mail has in it for whoever wants no more of its kind (RFC 8058). It lets nobody read anything.

Its token is the owner and the kind of mail, signed: nothing is stored of it, and it is good for as long as there is its owner.
"""

import base64
import hmac
import re
import uuid
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from doable.accounts import keys
from doable.errors import UnsubscribingNotFound
from doable.notifications.phrases import Mailed

PATH: Final = "/unsubscribe/{token}"
FIELD: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program sends, as a form."""

_KINDS: Final[Sequence[Mailed]] = ("reminders", "digest")
"""A token has the place in here, so that what is there stays where it is."""
# With the line in which its boundary begins: whatever that is, it is in no other part.
_PART: Final = re.compile(
    rb'^content-disposition:[ \t]*form-data;[ \t]*name="?%b"?[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n%b\r?\n--'
    % (FIELD[0].encode(), FIELD[1].encode()),
    re.IGNORECASE | re.MULTILINE,
)
_TAG_BYTES: Final = 16
# Kind, owner, tag: a multiple of three, so that base64 leaves no bit over and each token has one spelling.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{44}")


class Unwanted(NamedTuple):
    """Who wants no more of what."""

    owner_id: str
    mailed: Mailed


class UnsubscribeTokens:
    """Makes these tokens and reads them. The first of the secrets signs; the others are still good."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._keys = [keys.derive(secret, keys.UNSUBSCRIBING) for secret in secrets]

    def token(self, owner_id: str, mailed: Mailed) -> str:
        """The same one for each mail of this kind to this owner."""
        said = bytes([_KINDS.index(mailed)]) + uuid.UUID(owner_id).bytes
        return base64.urlsafe_b64encode(said + _tag(self._keys[0], said)).decode()

    def read(self, text: str) -> Unwanted:
        """What it says. Raises UnsubscribingNotFound for any other than one that was made here."""
        if not _TOKEN.fullmatch(text):
            raise UnsubscribingNotFound
        content = base64.urlsafe_b64decode(text)
        said, tag = content[:-_TAG_BYTES], content[-_TAG_BYTES:]
        if not any(hmac.compare_digest(_tag(key, said), tag) for key in self._keys):
            raise UnsubscribingNotFound
        return Unwanted(str(uuid.UUID(bytes=said[1:])), _KINDS[said[0]])


def is_one_click(content_type: str, body: bytes) -> bool:
    """Whether this form has the field (RFC 8058, section 3.2), in either way in which forms are sent."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _PART.search(body) is not None
    try:
        return kind == "application/x-www-form-urlencoded" and FIELD in parse_qsl(body.decode(), max_num_fields=20)
    except ValueError:
        return False


def _tag(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")[:_TAG_BYTES]
