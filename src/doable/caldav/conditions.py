"""The `If` header (RFC 4918, section 10.4): what must hold of this address or of others, or nothing is done.

Entity tags are those of objects. State tokens are the sync-tokens of collections (RFC 6578, section 5): there are no locks.
"""

import re
from dataclasses import dataclass
from typing import Final

from doable.caldav import revisions
from doable.caldav.paths import Addresses, Place
from doable.caldav.refusals import Refusal
from doable.caldav.repository import CalendarRepository
from doable.database import Transaction
from doable.errors import PreconditionFailed

MOST: Final = 20
"""Lists in one header: each is looked up in the transaction of the write."""

_CONDITION: Final = r'(?:Not\s*)?(?:<[^<>\s]+>|\[(?:W/)?"[^"]*"\])\s*'
_LIST: Final = rf"\(\s*(?:{_CONDITION})+\)\s*"
_HEADER: Final = re.compile(rf"\s*(?:(?:{_LIST})+|(?:<[^<>\s]+>\s*(?:{_LIST})+)+)", re.IGNORECASE)
_PIECES: Final = re.compile(rf"<([^<>\s]+)>|({_LIST})", re.IGNORECASE)
_CONDITIONS: Final = re.compile(r'(Not\s*)?(?:<([^<>\s]+)>|\[((?:W/)?"[^"]*")\])', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """A state token or an entity tag that is the resource's, or is not."""

    is_token: bool
    value: str
    holds: bool
    """False after `Not`."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of one of these lists must hold; each is of a place, None for nothing that is known here."""

    lists: tuple[tuple[Place | None, tuple[Condition, ...]], ...]

    async def hold(self, repository: CalendarRepository, tx: Transaction) -> None:
        """Raise PreconditionFailed unless they do."""
        for place, conditions in self.lists:
            tag, token = await _state(repository, place, tx)
            if all(condition.holds == _is(condition, tag, token) for condition in conditions):
                return
        raise PreconditionFailed(current=None)


def read(header: str, addresses: Addresses, here: Place) -> Conditions:
    """What the header says. Raises Refusal if it is none."""
    if not _HEADER.fullmatch(header):
        raise Refusal(400, message="This is no If header.")
    lists: list[tuple[Place | None, tuple[Condition, ...]]] = []
    place: Place | None = here
    for href, conditions in _PIECES.findall(header):
        if href:
            place = addresses.place(href)
        else:
            found = _CONDITIONS.findall(conditions)
            lists.append((place, tuple(Condition(bool(token), token or tag, not no) for no, token, tag in found)))
    if len(lists) > MOST:
        raise Refusal(400, message=f"An If header has at most {MOST} lists.")
    return Conditions(tuple(lists))


async def _state(repository: CalendarRepository, place: Place | None, tx: Transaction) -> tuple[int | None, str | None]:
    """The revision of an object, and the sync-token of a collection."""
    if place is None or place.collection is None:
        return None, None
    collection = await repository.collection(tx, place.collection)
    if collection is None:
        return None, None
    if place.name is None:
        return None, revisions.token(collection)
    found = await repository.find(tx, collection.id, place.name)
    return (None if found is None else found.revision), None


def _is(condition: Condition, revision: int | None, token: str | None) -> bool:
    if condition.is_token:
        return condition.value == token
    return revision in (revisions.named_by(condition.value) or ())
