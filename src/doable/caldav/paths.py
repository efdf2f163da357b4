"""The addresses below `/dav/`: what each of them is of, and how they are written.

They are compared after each segment was decoded by itself, as strict UTF-8: `@` and `%40` are one, a slash is in none, and case
counts but in ids. Whoever asks for somebody else's is told that there is nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from doable.caldav.refusals import Refusal, nothing
from doable.tasks.names import MAX_NAME

PATH: Final = "/dav"


class Kind(StrEnum):
    """What an address is of. Its value names it in log lines and figures."""

    ROOT = "/dav"
    PRINCIPALS = "/dav/principals"
    PRINCIPAL = "/dav/principals/{user_id}"
    HOMES = "/dav/calendars"
    HOME = "/dav/calendars/{user_id}"
    COLLECTION = "/dav/calendars/{user_id}/{list}"
    OBJECT = "/dav/calendars/{user_id}/{list}/{name}"


@dataclass(frozen=True, slots=True)
class Place:
    """An address that could be one here, whether or not there is anything."""

    kind: Kind
    user: str | None = None
    collection: str | None = None
    """The segment of the list: its id, the name that a client has chosen, or `inbox`."""
    name: str | None = None
    """The segment of the object."""
    is_folder: bool = False
    """Whether a slash is at its end. Only an object's address must not have one."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Those of one user, as hrefs: absolute paths, with the path of the public address before them."""

    base: str
    user_id: str

    @property
    def root(self) -> str:
        """From which all others are found."""
        return f"{self.base}/"

    @property
    def principals(self) -> str:
        """The collection of principals."""
        return f"{self.base}/principals/"

    @property
    def principal(self) -> str:
        """The user."""
        return f"{self.base}/principals/{self.user_id}/"

    @property
    def homes(self) -> str:
        """The collection of homes."""
        return f"{self.base}/calendars/"

    @property
    def home(self) -> str:
        """The collection of the user's lists."""
        return f"{self.base}/calendars/{self.user_id}/"

    def collection(self, segment: str) -> str:
        """A list."""
        return f"{self.home}{quote(segment, safe='')}/"

    def object(self, segment: str, name: str) -> str:
        """A task, or what else is in a list."""
        return f"{self.home}{quote(segment, safe='')}/{quote(name, safe='')}"

    def of(self, place: Place) -> str:
        """The address in its one form, as the user's own."""
        if place.collection is None:
            return {
                Kind.ROOT: self.root,
                Kind.PRINCIPALS: self.principals,
                Kind.PRINCIPAL: self.principal,
                Kind.HOMES: self.homes,
            }.get(place.kind, self.home)
        return self.collection(place.collection) if place.name is None else self.object(place.collection, place.name)

    def is_own(self, place: Place) -> bool:
        """Whether it is nobody else's."""
        return place.user is None or place.user.lower() == self.user_id

    def place(self, href: str) -> Place | None:
        """What an href of a client is of: a path or a whole address, with the public path or without. None for nothing of the user's.

        The host is not looked at: behind proxies a server does not know all of its names.
        """
        try:
            path = urlsplit(href.strip()).path
            public = self.base.removesuffix(PATH)
            if public and path.startswith(f"{public}/"):
                path = path.removeprefix(public)
            found = place_of(path.encode())
        except (Refusal, ValueError):
            return None
        is_nowhere = found.is_folder and found.kind is Kind.OBJECT
        return found if self.is_own(found) and not is_nowhere else None


_KINDS: Final = {
    (None, 0): Kind.ROOT,
    ("principals", 1): Kind.PRINCIPALS,
    ("principals", 2): Kind.PRINCIPAL,
    ("calendars", 1): Kind.HOMES,
    ("calendars", 2): Kind.HOME,
    ("calendars", 3): Kind.COLLECTION,
    ("calendars", 4): Kind.OBJECT,
}
"""By the first segment and the number of all."""


def place_of(raw_path: bytes) -> Place:
    """What a path is of, as it came over the wire. Raises Refusal where there can be nothing."""
    first, *segments = raw_path.split(b"/")[1:]
    if unquote_to_bytes(first) != PATH[1:].encode():
        raise nothing()
    is_folder = segments[-1:] == [b""]
    if is_folder:
        segments.pop()
    names = [_decoded(segment) for segment in segments]
    kind = _KINDS.get((names[0] if names else None, len(names)))
    if kind is None:
        raise nothing()
    user, collection, name, *_ = (*names[1:], None, None, None)
    return Place(kind, user, collection, name, is_folder)


def _decoded(segment: bytes) -> str:
    octets = unquote_to_bytes(segment)
    try:
        name = octets.decode()
    except UnicodeDecodeError:
        raise Refusal(400, message="An address must be UTF-8.") from None
    if not name or name in {".", ".."} or "/" in name or "\0" in name or len(octets) > MAX_NAME:
        raise Refusal(
            400, message=f"A part of an address is 1 to {MAX_NAME} octets without a slash, and neither . nor ..."
        )
    return name
